"""Finds columns of text that stand side by side.

A strip without text is a gutter between columns only if both sides are running text: several lines
that are long in proportion to their height. If the lines of both sides stand at the same heights,
as in a table or receipt, they must also fill their columns as prose does. A strip between two
addresses, or between a sidebar and running text, is a gutter too; the text tells them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocrx.page.addresses import are_addresses
from ocrx.page.boxes import Boxes, Floats, Ints, Mask, Rows
from ocrx.page.overlong import without_overhang
from ocrx.page.quantiles import lower_median, median, quantile
from ocrx.page.sidebars import is_sidebar

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


MIN_LINES = 3
"""The fewest lines of a column."""

MIN_WIDTH = 3.0
"""The least width of a column, in heights."""

MIN_ASPECT = 5.0
"""The least median length of a column's lines, in heights."""

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

NOTE_GAP = 6.0
NOTE_HEIGHT = 0.9
"""Footnotes are at most so many heights of a line below the columns that they belong to, and at
most so many times as high as their lines."""


@dataclass(frozen=True)
class _Lines:
    """The boxes on one side of a gutter, joined into lines."""

    y: Floats
    """The vertical centre of each line where it meets the gutter, of shape (lines,)."""
    height: float
    """The median height."""
    aspect: float
    """The median length of a line, in heights."""
    fill: float
    """The median fraction of its column's width that a line fills."""
    gap: float
    """The median gap between the pieces of a line, 0 if most lines are in one piece."""
    justified: bool = False
    """Whether most lines begin at one place and end at another."""

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


@dataclass(frozen=True)
class _Gutter:
    """A strip without text: `width` pixels wide around `x`, in the bands from `top` up to `end` of
    a region. Each side has at least `text` boxes."""

    x: float
    width: float
    top: int
    end: int
    text: int


def columns(boxes: Boxes, rows: Rows) -> list[Ints]:
    """The parts of a region in reading order, as indices of boxes: above, left, right and below the
    first two columns that are found. Empty if there are no columns.

    `rows` are the rows of the region, each from left to right.
    """
    if len(boxes) < 2 * MIN_LINES:
        return []
    bands, gaps = _bands(boxes)
    gutters = _gutters(replace(boxes, x1=without_overhang(boxes)), bands)
    titles, in_rows = _titles(boxes, bands), _InRows.of(rows)
    known = bool(boxes.texts.any())
    for gutter in gutters:
        left = boxes.x0 + boxes.x1 < 2 * gutter.x
        top, end = _extent(bands, gaps, left, gutter, boxes.typical, titles=titles)
        inside = (bands >= top) & (bands < end)
        sides = inside & left, inside & ~left
        if _are_columns(boxes, in_rows, *sides, gutter.width / boxes.typical):
            return _parts(bands, left, top, _end_of_notes(boxes, bands, gaps, inside, gutter))
        if known and is_sidebar(*map(boxes.take, sides)):
            return _parts(bands, left, top, end)
    for gutter in gutters if known else ():
        left = boxes.x0 + boxes.x1 < 2 * gutter.x
        for top, end in _runs(gaps, gutter, boxes.typical):
            inside = (bands >= top) & (bands < end)
            if are_addresses(boxes.take(inside & left), boxes.take(inside & ~left)):
                return _parts(bands, left, top, end)
    return []


def _parts(bands: Ints, left: Mask, top: int, end: int) -> list[Ints]:
    inside = (bands >= top) & (bands < end)
    parts = (bands < top, inside & left, inside & ~left, bands >= end)
    return [np.flatnonzero(part) for part in parts]


def _runs(gaps: Floats, gutter: _Gutter, typical: float) -> list[tuple[int, int]]:
    """The bands beside a gutter in runs of bands that follow each other closely, each as its first
    band and its end."""
    between = gaps[gutter.top : gutter.end - 1]
    if not len(between):
        return [(gutter.top, gutter.end)]
    breaks = np.flatnonzero(between > 1.4 * lower_median(between) + 0.2 * typical)
    breaks += gutter.top + 1
    return list(pairwise([gutter.top, *breaks.tolist(), gutter.end]))


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


def _gutters(boxes: Boxes, bands: Ints) -> list[_Gutter]:
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
    found: dict[tuple[int, int, int], _Gutter] = {}
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
            found[left, top, end] = _Gutter(x, width * size, top, end, lines)
    return sorted(found.values(), key=lambda g: (-g.text, g.top - g.end, -g.width, g.x))


def _sums(counts: NDArray[np.int32]) -> NDArray[np.int32]:
    """The sums of the first 0, 1, ... rows of `counts`."""
    return np.vstack((np.zeros_like(counts[:1]), counts.cumsum(axis=0, dtype=np.int32)))


def _titles(boxes: Boxes, bands: Ints) -> Mask:
    """Whether each band may be a title: whether it is centred on a region that is more than twice
    as wide, and does not begin where other lines do, as the middle one of three columns would."""
    shape = int(bands.max()) + 1
    x0, x1 = np.full(shape, np.inf), np.full(shape, -np.inf)
    np.minimum.at(x0, bands, boxes.x0)
    np.maximum.at(x1, bands, boxes.x1)
    start, end, slack = float(x0.min()), float(x1.max()), FLUSH * boxes.typical
    starts = np.sort(boxes.x0)
    alike = np.searchsorted(starts, x0 + slack, "right") - np.searchsorted(starts, x0 - slack)
    titles: Mask = np.abs(x0 + x1 - start - end) <= 2 * boxes.typical
    titles &= (2 * (x1 - x0) < end - start) & (alike <= MIN_LINES)
    return titles


def _extent(
    bands: Ints, gaps: Floats, left: Mask, gutter: _Gutter, typical: float, *, titles: Mask
) -> tuple[int, int]:
    """The bands over which a gutter has text on both sides, as the first band and the end.

    A wide gap across both sides ends the columns. So does a smaller gap beyond the end of the
    shorter column, because a line after that may be a heading or a caption, and a title above it.
    """
    span = np.arange(gutter.top, gutter.end)
    on_left = np.bincount(bands[left], minlength=gutter.end)[span]
    on_right = np.bincount(bands[~left], minlength=gutter.end)[span]
    between = gaps[span[:-1]]
    usual = median(between) if len(between) else 0.0
    wide = np.flatnonzero(between > max(2.5 * typical, 3 * usual))
    cuts = np.concatenate(([0], wide + 1))
    text = np.minimum(np.add.reduceat(on_left, cuts), np.add.reduceat(on_right, cuts))
    best = int(np.argmax(text))
    first, end = int(cuts[best]), int(np.append(cuts, len(span))[best + 1])
    with_left = first + np.flatnonzero(on_left[first:end])
    with_right = first + np.flatnonzero(on_right[first:end])
    if not len(with_left) or not len(with_right):
        return gutter.top, gutter.top
    both = max(int(with_left[0]), int(with_right[0]))
    begun = titles[gutter.top :]
    while both > first and between[both - 1] <= 1.5 * typical and not begun[both - 1]:
        both -= 1
    last = min(int(with_left[-1]), int(with_right[-1]))
    while last < end - 1 and between[last] <= 1.5 * typical:
        last += 1
    return gutter.top + both, gutter.top + last + 1


def _end_of_notes(boxes: Boxes, bands: Ints, gaps: Floats, inside: Mask, gutter: _Gutter) -> int:
    """The end of two columns, whose boxes are `inside`, with their footnotes: lines below them that
    are smaller and begin where lines of their column do."""
    end = int(bands[inside].max()) + 1
    high = median(boxes.h[inside])
    if end >= gutter.end or gaps[end - 1] > NOTE_GAP * high:
        return end
    below = (bands >= end) & (bands < gutter.end)
    notes = below & (boxes.h <= NOTE_HEIGHT * high)
    left = boxes.x0 + boxes.x1 < 2 * gutter.x
    for side in (left, ~left):
        starts = np.sort(boxes.x0[inside & side])
        reach = boxes.x0 + high / 2, boxes.x0 - high / 2
        alike = np.searchsorted(starts, reach[0], "right") - np.searchsorted(starts, reach[1])
        notes &= ~side | (alike >= MIN_LINES)
    return int(bands[below & ~notes].min(initial=gutter.end))


def _lines(boxes: Boxes, rows: _InRows, side: Mask, *, after: bool) -> _Lines:
    """The lines of the boxes on one side of a gutter. `after` says that it is the right side."""
    chosen = side[rows.sequence]
    sequence, number = rows.sequence[chosen], rows.number[chosen]
    if not len(sequence):
        return _Lines(np.empty(0), 0.0, 0.0, 0.0, 0.0)
    x0, x1, h = boxes.x0[sequence], boxes.x1[sequence], boxes.h[sequence]
    height = median(h)
    strips = _Strips.of(x0, x1, GUTTER * height)
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
    starts = _starts(~joined)
    ends = np.append(starts[1:], len(sequence)) - 1
    length = np.maximum.reduceat(x1, starts) - np.minimum.reduceat(x0, starts)
    return _Lines(
        y=boxes.left[sequence[starts]] if after else boxes.right[sequence[ends]],
        height=height,
        aspect=median(length / np.maximum.reduceat(h, starts)),
        fill=median(length / np.maximum(widths[column[starts]], 1e-9)),
        gap=median((gaps / h[1:])[joined]) if 2 * joined.sum() > len(starts) else 0.0,
        justified=justified,
    )


def _starts(new: Mask) -> Ints:
    """Where runs begin, of which all but the first are `new` after the one before them."""
    return np.concatenate(([0], np.flatnonzero(new) + 1))


def _is_justified(x0: Floats, x1: Floats, number: Ints, height: float) -> bool:
    """Whether most rows of boxes, sorted by the `number` of their row, begin at one place and end
    at another."""
    first = _starts(number[1:] != number[:-1])
    starts, ends = np.minimum.reduceat(x0, first), np.maximum.reduceat(x1, first)
    return all(
        np.count_nonzero(np.abs(edge - place) <= FLUSH * height) / len(edge) >= FLUSH_PART
        for edge, place in ((starts, median(starts)), (ends, quantile(ends, 0.75)))
    )


@dataclass(frozen=True)
class _Strips:
    """Strips that boxes stand in: the `number` of each box's strip, and the `widths` of strips.
    `gaps` are those between a box and all before it, from left to right."""

    number: Ints
    widths: Floats
    gaps: Floats

    @classmethod
    def of(cls, x0: Floats, x1: Floats, least: float) -> _Strips:
        """The strips that gaps of at least `least` pixels separate."""
        order = np.argsort(x0, kind="stable")
        starts, reach = x0[order], np.maximum.accumulate(x1[order])
        gaps = starts[1:] - reach[:-1]
        first = _starts(gaps >= least)
        number = np.empty(len(x0), dtype=np.intp)
        number[order] = np.repeat(np.arange(len(first)), np.diff(first, append=len(x0)))
        return cls(number, reach[np.append(first[1:], len(x0)) - 1] - starts[first], gaps)

    def count(self, least: float) -> int:
        """How many strips gaps of at least `least` pixels would separate."""
        return 1 + int(np.count_nonzero(self.gaps >= least))


def _are_columns(boxes: Boxes, rows: _InRows, left: Mask, right: Mask, gutter: float) -> bool:
    """Whether the boxes on both sides of a gutter, `gutter` heights wide, are columns to read one
    after the other."""
    after = _lines(boxes, rows, right, after=True)
    if after.aspect < MIN_ASPECT:  # as the amounts on a receipt; no need to look at the other side
        return False
    return _side_by_side(_lines(boxes, rows, left, after=False), after, gutter)


def _side_by_side(left: _Lines, right: _Lines, gutter: float) -> bool:
    """Whether both sides of a gutter, `gutter` heights wide, are columns to read one after the
    other."""
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
    if median(off) < LEVEL * min(left.height, right.height):
        close = min(left.pitch, right.pitch) <= MAX_PITCH
        return len(few) > MIN_LINES and aspect >= 7 and fill >= 0.7 and close
    return aspect >= MIN_ASPECT
