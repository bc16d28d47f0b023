"""Finds columns of text that stand side by side.

A strip without text is a gutter between columns only if both sides are running text: several lines
that are long in proportion to their height. If the lines of both sides stand at the same heights,
as in a table or receipt, they must also fill their columns as prose does. A strip between two
addresses, or between a sidebar and running text, is a gutter too; the text tells them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocrx.page.addresses import are_addresses
from ocrx.page.boxes import Boxes, Floats, Ints, Mask, Rows
from ocrx.page.calendars import between_calendars
from ocrx.page.cells import MIN_CELLS, are_cells, are_headings, are_rows, is_prose, may_hold_cells
from ocrx.page.extents import MIN_LINES, Gutter, below_header, end_of_notes, extent, runs, titles_of
from ocrx.page.listed import are_lists, is_account
from ocrx.page.overlong import without_overhang
from ocrx.page.pitches import are_independent, have_own_pitch
from ocrx.page.quantiles import median, quantile
from ocrx.page.sidebars import is_sidebar
from ocrx.page.strips import Strips, starts_of

WORD_GAP = 1.2
"""Boxes in a row that are at most this many heights apart are pieces of one line."""

GUTTER = 0.4
"""The least width of a gutter between columns, in heights of a line."""

TRIM = 0.1
"""Detectors make boxes wider than their text, by this many heights at each end."""

BINS = 512
"""The most bins that the width of a page is divided into to find gutters."""

STRIPS = 500
"""The most strips without text that are considered in a region, those with most text beside
first."""

TRIALS = 12
"""The most strips that are tried as gutters, of those that are wide enough."""


MIN_WIDTH = 1.5
"""The least width of a column, in heights."""

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

CELL_LINES = 0.25
"""This part of the gaps beside a gutter, or more, are between the lines of cells, if it has any."""

LEVEL = 0.25
"""Lines stand at the same height if their centres differ by less than so many heights."""

MAX_PITCH = 3.0
"""The lines of a column are at most so many heights apart if they stand at the heights of those
beside them. Lines further apart are labels, or rows of a form."""

GOES_ON = 8
"""One line in so many of running text, or more, begins with a small letter."""


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


class _InRows(NamedTuple):
    """Boxes row by row: their `sequence`, and the `number` of the row of each."""

    sequence: Ints
    number: Ints

    @classmethod
    def of(cls, rows: Rows) -> _InRows:
        sequence = np.array(list(chain.from_iterable(rows)), dtype=np.intp)
        return cls(sequence, np.repeat(np.arange(len(rows)), [len(row) for row in rows]))


def columns(boxes: Boxes, rows: Rows) -> list[Ints]:
    """The parts of a region in reading order, as indices of boxes: above, left, right and below the
    first two columns that are found. Empty if there are no columns.

    `rows` are the rows of the region, each from left to right.
    """
    if len(boxes) < 2 * MIN_LINES:
        return []
    bands, gaps = _bands(boxes)
    gutters = _gutters(replace(boxes, x1=without_overhang(boxes)), bands)
    titles, in_rows = titles_of(boxes, bands), _InRows.of(rows)
    known = bool(boxes.texts.any())
    if known and (found := between_calendars(boxes, rows, bands)):
        x, top, end = found
        return _parts(bands, boxes.x0 + boxes.x1 < 2 * x, (top, end))
    every = "".join(boxes.texts)
    cased = every != every.upper()
    tried: list[Gutter] = []
    for gutter in gutters:
        left = boxes.x0 + boxes.x1 < 2 * gutter.x
        top, end = extent(boxes, bands, gaps, gutter, titles=titles)
        inside = (bands >= top) & (bands < end)
        sides = inside & left, inside & ~left
        prose = not cased or all(GOES_ON * boxes.small[one].sum() >= one.sum() for one in sides)
        width = gutter.width / boxes.typical
        apart = have_own_pitch(boxes, left, (bands >= gutter.top) & (bands < gutter.end))
        if _are_columns(boxes, in_rows, *sides, width, apart=apart, prose=prose):
            cells = _cells(boxes, bands, gaps, gutter, many=True) if known else []
            top = below_header(boxes, bands, left, top, end)
            whole = top, end_of_notes(boxes, bands, gaps, inside, gutter)
            return _parts(bands, left, *(cells or [whole]))
        sure = not gutter.is_within(tried)
        if known and (place := _told_apart(boxes, bands, left, (top, end), sure=sure)):
            return _parts(bands, left, place)
        tried.append(gutter)
    parted = (_in_runs(boxes, bands, gaps, gutter) for gutter in gutters if known)
    return next(filter(None, parted), [])


def _told_apart(
    boxes: Boxes, bands: Ints, left: Mask, place: tuple[int, int], *, sure: bool
) -> tuple[int, int] | None:
    """The bands of a place in which the texts tell that two sides are read one after the other: a
    sidebar and what it stands beside, lists, also below other lines on one side, or prose and the
    totals beside it. If it is not `sure` that the place is whole, there may be a header above."""
    sides = _sides(boxes, bands, left, *place)
    lists = are_lists(*sides, whole=sure)
    if lists or is_sidebar(*sides) or _are_prose_and_totals(*sides):
        return place
    before, after = _beside(bands, left, *place)
    level = np.intersect1d(bands[before], bands[after])
    if not 0 < len(level) < place[1] - place[0]:
        return None
    place = int(level[0]), int(level[-1]) + 1
    return place if are_lists(*_sides(boxes, bands, left, *place), whole=sure) else None


def _are_prose_and_totals(left: Boxes, right: Boxes) -> bool:
    return any(is_account(a) and is_prose(b) for a, b in ((left, right), (right, left)))


def _in_runs(boxes: Boxes, bands: Ints, gaps: Floats, gutter: Gutter) -> list[Ints]:
    """The parts beside a gutter along which there are two addresses, cells of prose, or prose
    and totals."""
    left = boxes.x0 + boxes.x1 < 2 * gutter.x
    found = _cells(boxes, bands, gaps, gutter)
    for top, end in () if found else runs(gaps, gutter, boxes.typical):
        sides = _sides(boxes, bands, left, top, end)
        if are_addresses(*sides) or _are_prose_and_totals(*sides):
            found = [(top, end)]
            break
    return _parts(bands, left, *found)


def _cells(
    boxes: Boxes, bands: Ints, gaps: Floats, gutter: Gutter, *, many: bool = False
) -> list[tuple[int, int]]:
    """The bands in which there are cells of prose beside a gutter, with their headings: `many`, as
    in a table, or any."""
    left = boxes.x0 + boxes.x1 < 2 * gutter.x
    if not may_hold_cells(boxes, left):
        return []
    places = runs(gaps, gutter, boxes.typical, CELL_LINES)
    sides = [_sides(boxes, bands, left, *place) for place in places]
    if many and not are_rows(sides):
        return []
    cells = [place for place, pair in zip(places, sides, strict=True) if are_cells(*pair)]
    if many and len(cells) < MIN_CELLS:
        return []
    found = []
    for top, end in cells:
        above, below = boxes.take(bands == top - 1), boxes.take((bands >= top) & (bands < end))
        headed = (top - 1, top) in places and (len(cells) == 1 or are_headings(above, below))
        found.append((top - int(headed), end))
    return found


def _parts(bands: Ints, left: Mask, *places: tuple[int, int]) -> list[Ints]:
    """The parts of a region: left and right of a gutter, in each of those places, and what is above
    and below. None if there is no place."""
    parts: list[Ints] = []
    done = 0
    for top, end in places:
        parts += [np.flatnonzero((bands >= done) & (bands < top)), *_beside(bands, left, top, end)]
        done = end
    return [*parts, np.flatnonzero(bands >= done)] if places else []


def _sides(boxes: Boxes, bands: Ints, left: Mask, top: int, end: int) -> tuple[Boxes, Boxes]:
    before, after = _beside(bands, left, top, end)
    return boxes.take(before), boxes.take(after)


def _beside(bands: Ints, left: Mask, top: int, end: int) -> list[Ints]:
    inside = (bands >= top) & (bands < end)
    return [np.flatnonzero(inside & left), np.flatnonzero(inside & ~left)]


def _bands(boxes: Boxes) -> tuple[Ints, Floats]:
    """The band of each box, counted from the top, and the gap below each band but the last.

    Bands are separated by level gaps. Only the middle half of a box counts, because boxes of
    neighbouring lines often touch.
    """
    top, bottom = boxes.y - boxes.h / 4, boxes.y + boxes.h / 4
    order = np.argsort(top, kind="stable")
    gaps = top[order][1:] - np.maximum.accumulate(bottom[order])[:-1]
    bands = np.zeros(len(boxes), dtype=np.intp)
    bands[order[1:]] = np.cumsum(gaps > 0)
    return bands, gaps[gaps > 0]


def _gutters(boxes: Boxes, bands: Ints) -> list[Gutter]:
    """The strips that no box crosses, those with most text on both sides first."""
    start, typical = float(boxes.x0.min()), boxes.typical
    span = float(boxes.x1.max()) - start
    size = max(typical / 8, span / BINS)
    trim = np.minimum(TRIM * typical, (boxes.x1 - boxes.x0) / 4)
    shape = (int(bands.max()) + 1, int(span / size) + 2)
    begun, done = np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.int32)
    np.add.at(begun, (bands, ((boxes.x0 + trim - start) / size).astype(np.intp)), 1)
    np.add.at(done, (bands, ((boxes.x1 - trim - start) / size).astype(np.intp) + 1), 1)
    np.cumsum(begun, axis=1, out=begun)
    np.cumsum(done, axis=1, out=done)
    # In each bin, find the runs of bands that are free of text.
    free = begun == done
    edges = np.diff(np.pad(free.T.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    bins, tops = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    before, total = _sums(done), _sums(begun[:, -1:])[:, 0]
    on_left = before[ends, bins] - before[tops, bins]
    text = np.minimum(on_left, total[ends] - total[tops] - on_left)
    best = np.lexsort((bins, tops, -text))[: int((text >= MIN_LINES).sum())]
    blank = _sums(free)
    found: dict[tuple[int, int, int], Gutter] = {}
    strips = np.stack((bins, tops, ends, text), axis=1)[best[:STRIPS]]
    for bin_, top, end, lines in strips.tolist():
        if len(found) == TRIALS:
            break
        # The strip extends to all neighbouring bins that are free in all of its bands.
        taken = np.flatnonzero(blank[end] - blank[top] < end - top)
        place = int(np.searchsorted(taken, bin_))
        left = int(taken[place - 1]) + 1 if place else 0
        width = (int(taken[place]) if place < len(taken) else shape[1]) - left
        beside = MIN_WIDTH * typical / size
        if width * size >= GUTTER * typical and beside <= left <= shape[1] - width - beside:
            x = start + (left + width / 2) * size
            found[left, top, end] = Gutter(x, width * size, top, end, lines)
    return sorted(found.values(), key=lambda g: (-g.text, g.top - g.end, -g.width, g.x))


def _sums(counts: NDArray[np.int32]) -> NDArray[np.int32]:
    """The sums of the first 0, 1, ... rows of `counts`."""
    return np.vstack((np.zeros_like(counts[:1]), counts.cumsum(axis=0, dtype=np.int32)))


def _lines(boxes: Boxes, rows: _InRows, side: Mask, *, after: bool) -> _Lines:
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


def _are_columns(
    boxes: Boxes,
    rows: _InRows,
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
