"""Decides whether two groups of lines side by side are cells with a few lines of prose each.

The lines of both may stand at the same heights, and be fewer than those of a column. But nearly all
of them continue the line above: they begin with a small letter, and had no room there. So they do
in a table, whose cells are then read one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocrx.page.boxes import Boxes, Lines, Mask
from ocrx.page.quantiles import median
from ocrx.page.sidebars import had_room
from ocrx.page.strips import GUTTER, Strips

MIN_ASPECT = 6.0
"""The least median length of a cell's lines but the last, in heights."""

MIN_WORDS = 2
"""The fewest words of such a line."""

MIN_ROWS = 3
MIN_CELLS = 2
MAX_LINES = 6
LEVEL = 0.35
"""A table has so many rows, and cells of prose in MIN_CELLS of them. They have at most MAX_LINES
lines, and begin at heights that differ by at most LEVEL heights."""

LARGER = 1.15
"""A heading above a cell is so many times as high as its lines, or more."""


def may_hold_cells(boxes: Boxes, left: Mask) -> bool:
    """Whether there is a line that begins with a small letter on both sides of a gutter. This quick
    test spares most tables the full one."""
    return bool((boxes.small & left).any() and (boxes.small & ~left).any())


def are_cells(left: Boxes, right: Boxes) -> bool:
    """Whether two groups of lines are cells of prose, where they stand side by side."""
    return is_prose(_strip(left, -1)) and is_prose(_strip(right, 0))


def are_rows(pairs: Sequence[tuple[Boxes, Boxes]]) -> bool:
    """Whether groups of lines side by side are rows of a table. Paragraphs of columns seldom begin
    at the same heights."""
    return len(pairs) >= MIN_ROWS and all(
        _are_row(left, right) for left, right in pairs if len(left) and len(right)
    )


def _are_row(left: Boxes, right: Boxes) -> bool:
    first, second = left.lines, right.lines
    level = abs(first.y[0] - second.y[0]) <= LEVEL * max(left.typical, right.typical)
    begun = not (first.texts[0][:1].islower() or second.texts[0][:1].islower())
    return bool(level and begun and max(len(first.y), len(second.y)) <= MAX_LINES)


def are_headings(above: Boxes, below: Boxes) -> bool:
    """Whether lines in one row are the headings of the cells below them."""
    return bool(above.h.min() >= LARGER * below.typical)


def _strip(boxes: Boxes, place: int) -> Boxes:
    """The first or the last of the strips that a group of lines consists of."""
    if not len(boxes):
        return boxes
    strips = Strips.of(boxes.x0, boxes.x1, GUTTER * boxes.typical)
    return boxes.take(strips.number == range(len(strips.widths))[place])


def is_prose(boxes: Boxes) -> bool:
    """Whether lines, below a heading or without one, are a few words that were broken where they
    would not fit."""
    if len(boxes) < 2:
        return False
    lines = boxes.lines
    going_on = ~had_room(lines)
    first = 0 if len(lines.y) < 3 or going_on[1] else 1  # a heading of the same size
    return _is_broken(lines, going_on, first) and _is_long(lines, first, boxes.typical)


def _is_broken(lines: Lines, going_on: Mask, first: int) -> bool:
    small = np.array([text[:1].islower() for text in lines.texts])
    rest = slice(first + 1, None)
    count = len(small[rest])
    return bool(
        count
        and not small[: first + 1].any()
        and going_on[rest].all()
        and 2 * np.count_nonzero(small[rest]) >= count
    )


def _is_long(lines: Lines, first: int, high: float) -> bool:
    whole = slice(first, -1)
    words = min(len(text.split()) for text in lines.texts[whole])
    return words >= MIN_WORDS and median((lines.x1 - lines.x0)[whole]) >= MIN_ASPECT * high
