"""Finds lines that reach out of their column into the gutter beside it.

A heading is seldom broken, and may be longer than its column is wide. It hides the gutter then,
though there is text on the other side at its own height.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ocrx.page.boxes import Boxes, Floats, Ints
from ocrx.page.quantiles import quantile

ALIGNED = 0.5
"""The lines of a column begin at places that differ by at most so many heights."""

COLUMN = 5
"""So many lines or more are a column."""

WIDTH = 7.0
"""A column is at least so many heights wide."""

USUAL = 0.85
"""The end of a column: this part of its lines end there, or before."""

BEYOND = 0.3
"""A line is too long if it ends so many heights beyond the end of its column."""

GUTTER = 4.0
"""The next column begins at most so many heights beyond the end of this one."""


def without_overhang(boxes: Boxes) -> Floats:
    """The right ends of boxes, cut back to the end of their column where they reach into the gutter
    towards a line of the next column at the same height."""
    high, columns = boxes.typical, _columns(boxes)
    found: Floats = boxes.x1.copy()
    for column, start in columns:
        end = quantile(boxes.x1[column], USUAL)
        long = column[boxes.x1[column] > end + BEYOND * high]
        if end - start < WIDTH * high or not len(long):
            continue
        after = [one for one, place in columns if end < place <= end + GUTTER * high]
        following = np.concatenate(after) if after else column[:0]
        for line in long.tolist():
            level = np.abs(boxes.y[following] - boxes.y[line]) < boxes.h[line]
            if level.any() and boxes.x1[line] <= boxes.x0[following].min() + BEYOND * high:
                found[line] = end
    return found


def _columns(boxes: Boxes) -> list[tuple[Ints, float]]:
    """The boxes that begin at one place, and the place, for each at which many do."""
    order = np.argsort(boxes.x0, kind="stable")
    starts, reach = boxes.x0[order], ALIGNED * boxes.typical
    edges = [0, *(np.flatnonzero(starts[1:] - starts[:-1] > reach / 2) + 1).tolist(), len(order)]
    return [
        (order[first:end], float(starts[first]))
        for first, end in pairwise(edges)
        if end - first >= COLUMN and starts[end - 1] - starts[first] <= reach
    ]
