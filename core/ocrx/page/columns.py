"""Finds columns of text that stand side by side.

A strip without text is a gutter between columns if both sides are running text, by their shapes
(`side_by_side`). A strip between two addresses, or between a sidebar and running text, is a gutter
too; the text tells them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ocrx.page.addresses import are_addresses
from ocrx.page.boxes import Boxes, Floats, Ints, Mask, Rows
from ocrx.page.calendars import between_calendars
from ocrx.page.cells import MIN_CELLS, are_cells, are_headings, are_rows, is_prose, may_hold_cells
from ocrx.page.extents import MIN_LINES, Gutter, below_header, end_of_notes, extent, runs, titles_of
from ocrx.page.listed import are_lists, is_account
from ocrx.page.overlong import without_overhang
from ocrx.page.pitches import have_own_pitch
from ocrx.page.side_by_side import TRIM, InRows, are_columns
from ocrx.page.sidebars import is_sidebar
from ocrx.page.strips import GUTTER

BINS = 512
"""The most bins that the width of a page is divided into to find gutters."""

STRIPS = 500
"""The most strips without text that are considered in a region, those with most text beside
first."""

TRIALS = 12
"""The most strips that are tried as gutters, of those that are wide enough."""


MIN_WIDTH = 1.5
"""The least width of a column, in heights."""

CELL_LINES = 0.25
"""This part of the gaps beside a gutter, or more, are between the lines of cells, if it has any."""

GOES_ON = 8
"""One line in so many of running text, or more, begins with a small letter."""


def columns(boxes: Boxes, rows: Rows) -> list[Ints]:
    """The parts of a region in reading order, as indices of boxes: above, left, right and below the
    first two columns that are found. Empty if there are no columns.

    `rows` are the rows of the region, each from left to right.
    """
    if len(boxes) < 2 * MIN_LINES:
        return []
    bands, gaps = _bands(boxes)
    gutters = _gutters(replace(boxes, x1=without_overhang(boxes)), bands)
    titles, in_rows = titles_of(boxes, bands), InRows.of(rows)
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
        if are_columns(boxes, in_rows, *sides, width, apart=apart, prose=prose):
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
