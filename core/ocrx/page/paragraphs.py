"""Divides a block of rows into paragraphs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ocrx.page.boxes import Boxes, Rows
from ocrx.page.quantiles import lower_median, median

UNEVEN = 1.4
"""A row begins a paragraph if it follows at more than this many times the usual pitch."""

APART = 2.5
"""A row begins a paragraph if it follows at more than this many heights, whatever the pitch."""

LARGER = 1.5
"""A row begins a paragraph if its text is more than this many times larger or smaller."""


def paragraphs(boxes: Boxes, rows: Rows) -> list[Rows]:
    """The paragraphs of a block. The rows of a paragraph follow each other at an even pitch.

    `rows` are the rows of the block in reading order, as indices into `boxes`.
    """
    if not rows:
        return []
    middle = np.array([boxes.y[row].mean() for row in rows])
    height = [median(boxes.h[row]) for row in rows]
    pitch = np.diff(middle)
    usual = lower_median(pitch) if len(pitch) else 0.0
    found = [[rows[0]]]
    for row, step, (above, below) in zip(rows[1:], pitch.tolist(), pairwise(height), strict=True):
        small, large = sorted((above, below))
        if step > min(UNEVEN * usual, APART * large) or large > LARGER * small:
            found.append([])
        found[-1].append(row)
    return found
