"""Where one paragraph ends and the next begins, within a block of rows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ocrx.page.boxes import Boxes, Rows

UNEVEN = 1.4
"""A row that follows at more than so many times the usual pitch begins a paragraph."""

APART = 2.5
"""So does one that follows at more than so many heights, whatever the others do."""

LARGER = 1.5
"""And one whose text is so many times larger or smaller."""


def paragraphs(boxes: Boxes, rows: Rows) -> list[Rows]:
    """The rows of a block by paragraphs: those of one follow each other at an even pitch.

    `rows` are those of a block, in reading order; they hold indexes into `boxes`.
    """
    if not rows:
        return []
    middle = np.array([boxes.y[row].mean() for row in rows])
    height = np.array([np.median(boxes.h[row]) for row in rows])
    pitch = np.diff(middle)
    usual = float(np.quantile(pitch, 0.5, method="lower")) if len(pitch) else 0.0
    found = [[rows[0]]]
    for row, step, (above, below) in zip(rows[1:], pitch.tolist(), pairwise(height), strict=True):
        small, large = sorted((above, below))
        if step > min(UNEVEN * usual, APART * large) or large > LARGER * small:
            found.append([])
        found[-1].append(row)
    return found
