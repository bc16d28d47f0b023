"""Decides by their shapes whether lines on both sides of a gutter are columns.

Both sides are running text: several lines that are long in proportion to their height. If the lines
of both stand at the same heights, as in a table or receipt, they must also fill their columns as
prose does. A sidebar may have short lines that stand at those of the text by chance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

import numpy as np

from ocrx.page.boxes import Boxes, Floats, Ints, Mask, Rows
from ocrx.page.extents import MIN_LINES
from ocrx.page.pitches import are_independent
from ocrx.page.quantiles import median, quantile
from ocrx.page.strips import GUTTER, Strips, starts_of

WORD_GAP = 1.2
"""Boxes in a row that are at most this many heights apart are pieces of one line."""

TRIM = 0.1
"""Detectors make boxes wider than their text, by this many heights at each end."""

MIN_ASPECT = 5.0
"""The least median length of a column's lines, in heights."""

RUNNING = 10.0
"""The least length of a line of running text, in heights, beside the cells of a table."""

SURE_LINES = 8
"""The fewest lines of a column beside a gutter that is hardly wider than the spaces in lines."""

FLUSH = 0.5
FLUSH_PART = 0.6
"""A column is justified if this part of its lines begin, and as many end, at most so many heights
from the same place."""

JUSTIFIED_LINES = 5
"""The fewest lines of justified columns beside such a gutter."""

LEVEL = 0.25
"""Lines stand at the same height if their centres differ by less than so many heights."""

MAX_PITCH = 3.0
"""The lines of a column are at most so many heights apart if they stand at the heights of those
beside them. Lines further apart are labels, or rows of a form."""


@dataclass(frozen=True)
class _Lines:
    """The boxes on one side of a gutter, joined into lines."""

    y: Floats
    """The vertical centre of each line where it meets the gutter, of shape (lines,)."""
    height: float
    """The median height."""
    aspects: Floats
    """The length of each line, in heights."""
    fills: Floats
    """The fraction of its column's width that each line fills."""
    gap: float
    """The median gap between the pieces of a line, 0 if most lines are in one piece."""
    justified: bool = False
    """Whether most lines begin at one place and end at another."""

    @property
    def aspect(self) -> float:
        """The median length of a line, in heights."""
        return median(self.aspects) if len(self.aspects) else 0.0

    @property
    def fill(self) -> float:
        """The median fraction of its column's width that a line fills."""
        return median(self.fills) if len(self.fills) else 0.0

    def running(self) -> _Lines:
        """Only the long lines, without the cells of a table among them."""
        long = self.aspects >= RUNNING
        return replace(self, y=self.y[long], aspects=self.aspects[long], fills=self.fills[long])

    @property
    def pitch(self) -> float:
        """The median distance from line to line, in heights."""
        steps = np.diff(np.sort(self.y)) / self.height
        return median(steps[steps > LEVEL]) if (steps > LEVEL).any() else 0.0


class InRows(NamedTuple):
    """Boxes row by row: their `sequence`, and the `number` of the row of each."""

    sequence: Ints
    number: Ints

    @classmethod
    def of(cls, rows: Rows) -> InRows:
        sequence = np.array(list(chain.from_iterable(rows)), dtype=np.intp)
        return cls(sequence, np.repeat(np.arange(len(rows)), [len(row) for row in rows]))


def _lines(boxes: Boxes, rows: InRows, side: Mask, *, after: bool) -> _Lines:
    """The lines of the boxes on one side of a gutter. `after` says that it is the right side."""
    chosen = side[rows.sequence]
    sequence, number = rows.sequence[chosen], rows.number[chosen]
    if not len(sequence):
        return _Lines(np.empty(0), 0.0, np.empty(0), np.empty(0), 0.0)
    x0, x1, h = boxes.x0[sequence], boxes.x1[sequence], boxes.h[sequence]
    height = median(h)
    strips = Strips.of(x0, x1, GUTTER * height)
    column, widths = strips.number, strips.widths
    gaps = x0[1:] - x1[:-1]
    joined = (number[1:] == number[:-1]) & (column[1:] == column[:-1])
    # Blanks that line up all the way down are those of a table.
    justified = strips.count((GUTTER - 2 * TRIM) * height) == len(widths) and all(
        _is_justified(x0[one], x1[one], number[one], height)
        for one in (column == strip for strip in range(len(widths)))
    )
    if not justified:  # else spaces may be as wide as they need to be
        joined &= gaps <= WORD_GAP * np.minimum(h[1:], h[:-1])
    starts = starts_of(~joined)
    ends = np.append(starts[1:], len(sequence)) - 1
    length = np.maximum.reduceat(x1, starts) - np.minimum.reduceat(x0, starts)
    return _Lines(
        y=boxes.left[sequence[starts]] if after else boxes.right[sequence[ends]],
        height=height,
        aspects=length / np.maximum.reduceat(h, starts),
        fills=length / np.maximum(widths[column[starts]], 1e-9),
        gap=median((gaps / h[1:])[joined]) if 2 * joined.sum() > len(starts) else 0.0,
        justified=justified,
    )


def _is_justified(x0: Floats, x1: Floats, number: Ints, height: float) -> bool:
    """Whether most rows of boxes, sorted by the `number` of their row, begin at one place and end
    at another."""
    first = starts_of(number[1:] != number[:-1])
    starts, ends = np.minimum.reduceat(x0, first), np.maximum.reduceat(x1, first)
    return all(
        np.count_nonzero(np.abs(edge - place) <= FLUSH * height) / len(edge) >= FLUSH_PART
        for edge, place in ((starts, median(starts)), (ends, quantile(ends, 0.75)))
    )


def are_columns(
    boxes: Boxes,
    rows: InRows,
    left: Mask,
    right: Mask,
    gutter: float,
    *,
    apart: bool,
    prose: bool,
) -> bool:
    """Whether the boxes on both sides of a gutter, `gutter` heights wide, are columns to read one
    after the other. `apart` says that their lines are surely not those of one row; they may be
    `prose`, or hardly any line begins with a small letter."""
    after = _lines(boxes, rows, right, after=True)
    before = _lines(boxes, rows, left, after=False)
    if _side_by_side(before, after, gutter, apart=apart, prose=prose):
        return True
    sides = before.running(), after.running()
    enough = min(len(side.y) for side in sides) >= SURE_LINES
    return enough and _side_by_side(*sides, gutter, apart=apart, prose=prose)


def _side_by_side(left: _Lines, right: _Lines, gutter: float, *, apart: bool, prose: bool) -> bool:
    """Whether both sides of a gutter, `gutter` heights wide, are columns to read one after the
    other. `apart` says that their lines are surely not those of one row."""
    few, many = sorted((left.y, right.y), key=len)
    # In a few lines, spaces may lie above one another by chance.
    space = min(left.gap, right.gap)
    justified = left.justified and right.justified
    few_do, many_do = (JUSTIFIED_LINES, 0.7) if justified else (SURE_LINES, 1.15)
    least = MIN_LINES if gutter >= 1.5 * space + 2 * TRIM else few_do
    times = many_do if len(few) >= SURE_LINES else 1.15
    if len(few) < least or gutter < times * space + 2 * TRIM:
        return False
    aspect, fill = min(left.aspect, right.aspect), min(left.fill, right.fill)
    many = np.sort(many)
    place = np.searchsorted(many, few)
    off = np.minimum(
        np.abs(few - many[np.maximum(place - 1, 0)]),
        np.abs(few - many[np.minimum(place, len(many) - 1)]),
    )
    close, far = sorted((left.pitch, right.pitch))
    if not apart and median(off) < LEVEL * min(left.height, right.height):
        return prose and len(few) > MIN_LINES and aspect >= 7 and fill >= 0.7 and close <= MAX_PITCH
    if not prose and far > MAX_PITCH:  # labels on a map
        return False
    if aspect >= MIN_ASPECT:
        return True
    # A sidebar of short lines beside a text, but not the amounts on a receipt that is not level.
    enough = len(few) >= (JUSTIFIED_LINES if apart else SURE_LINES)
    beside = max(len(side.running().y) for side in (left, right)) >= MIN_LINES
    return enough and beside and are_independent(few, many, min(left.height, right.height))
