"""Finds how far down a page the columns beside a gutter reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ocrx.page.boxes import Boxes, Floats, Ints, Mask
from ocrx.page.interrupted import MAX_CAPTION, go_on
from ocrx.page.quantiles import lower, median, quantile

MIN_LINES = 3
"""The fewest lines of a column."""

FLUSH = 0.5
"""Lines begin at one place if their starts differ by at most so many heights."""

LARGER = 1.3
"""A heading that is at least so many times as high as most lines is sure to be one."""

MAX_HEADING = 3
"""The most lines of such a heading, with the name of the author."""

ROOM = 1.5
"""Above and below the heading of an article there is so many times the room between lines."""

EDGE = 1.5
"""A header reaches to so many heights from both edges of the columns, or further: pictures that are
not taken from above are not quite level."""

NOTE_GAP = 6.0
NOTE_HEIGHT = 0.9
"""Footnotes are at most so many heights of a line below the columns that they belong to, and at
most so many times as high as their lines."""


WRAPPED = 4.0
MIN_ASPECT = 10.0
MIN_WRAPPED = 2
"""Lines of running text end at most so many heights before their column does, and are at least so
many heights long. So many of them are needed in each part of a column."""


@dataclass(frozen=True)
class Gutter:
    """A strip without text: `width` pixels wide around `x`, in the bands from `top` up to `end` of
    a region. Each side has at least `text` boxes."""

    x: float
    width: float
    top: int
    end: int
    text: int

    def is_within(self, others: Sequence[Gutter]) -> bool:
        """Whether this strip is a part of one of the others, such as what is below a header."""
        return any(
            other.top <= self.top
            and self.end <= other.end
            and 2 * abs(other.x - self.x) < other.width + self.width
            for other in others
        )


def titles_of(boxes: Boxes, bands: Ints) -> Mask:
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


def extent(
    boxes: Boxes, bands: Ints, gaps: Floats, gutter: Gutter, *, titles: Mask
) -> tuple[int, int]:
    """The bands over which a gutter has text on both sides, as the first band and the end.

    A wide gap across both sides ends the columns, unless they go on below two figures, and so does
    the heading of another article. So does a smaller gap beyond the end of the shorter column,
    because a line after that may be a heading or a caption, and a title above it.
    """
    left, typical = boxes.x0 + boxes.x1 < 2 * gutter.x, boxes.typical
    span = np.arange(gutter.top, gutter.end)
    on_left = np.bincount(bands[left], minlength=gutter.end)[span]
    on_right = np.bincount(bands[~left], minlength=gutter.end)[span]
    between = gaps[span[:-1]]
    both = (on_left > 0) & (on_right > 0)
    cuts = _cuts(
        boxes, bands, between, gutter, _headings(both, between, _large(boxes, bands, span))
    )
    text = np.minimum(np.add.reduceat(on_left, cuts), np.add.reduceat(on_right, cuts))
    best = int(np.argmax(text))
    first, end = int(cuts[best]), int(np.append(cuts, len(span))[best + 1])
    with_left = first + np.flatnonzero(on_left[first:end])
    with_right = first + np.flatnonzero(on_right[first:end])
    if not len(with_left) or not len(with_right):
        return gutter.top, gutter.top
    begin = max(int(with_left[0]), int(with_right[0]))
    begun = titles[gutter.top :]
    while begin > first and between[begin - 1] <= 1.5 * typical and not begun[begin - 1]:
        begin -= 1
    last = min(int(with_left[-1]), int(with_right[-1]))
    longer = left if with_left[-1] > with_right[-1] else ~left
    inside = (bands >= gutter.top + begin) & (bands < gutter.top + end) & longer
    if _wraps_on(boxes.take(inside), bands[inside] > gutter.top + last):
        last = end - 1
    while last < end - 1 and between[last] <= 1.5 * typical:
        last += 1
    return gutter.top + begin, gutter.top + last + 1


def below_header(boxes: Boxes, bands: Ints, left: Mask, first: int, end: int) -> int:
    """The first band below a header of a few words from edge to edge, such as the number, the date
    and the price of a newspaper, which leaves most of each side of a gutter blank."""
    inside = (bands >= first) & (bands < end)
    edges = [(boxes.x0[one].min(), boxes.x1[one].max()) for one in (inside & left, inside & ~left)]
    (start, _), (_, stop) = edges
    slack, widths = EDGE * boxes.typical, boxes.x1 - boxes.x0
    while first < end - MIN_LINES:
        row = bands == first
        filled = widths[row & left].sum(), widths[row & ~left].sum()
        blank = all(2 * f < x1 - x0 for f, (x0, x1) in zip(filled, edges, strict=True))
        if not blank or boxes.x0[row].min() > start + slack or boxes.x1[row].max() < stop - slack:
            break
        first += 1
    return first


def _wraps_on(side: Boxes, below: Mask) -> bool:
    """Whether running text goes on `below` the other column within the width that it has beside it:
    several lines end where most lines do."""
    lines = side.x1 >= quantile(side.x1, 0.9) - WRAPPED * side.typical
    lines &= side.x1 - side.x0 >= MIN_ASPECT * side.typical
    parts = np.count_nonzero(lines & below), np.count_nonzero(lines & ~below)
    return bool(min(parts) >= MIN_WRAPPED)


def _cuts(
    boxes: Boxes, bands: Ints, between: Floats, gutter: Gutter, headings: Sequence[int]
) -> Ints:
    """Where the columns beside a gutter begin anew: at its top, below wide gaps, and at the
    `headings` of articles. Counted from the top of the gutter; `between` are the gaps below its
    bands."""
    usual = median(between) if len(between) else 0.0
    wide = np.flatnonzero(between > max(2.5 * boxes.typical, 3 * usual)) + 1
    edges = [*sorted({*wide.tolist(), *headings}), gutter.end - gutter.top]
    found = [0]
    for place, cut in enumerate(edges[:-1]):
        far = (edge for edge in edges[place + 1 :] if edge > cut + MAX_CAPTION)
        end = next(far, edges[-1])  # below a blank there may be a caption, and another blank
        above, below = (
            boxes.take((bands >= gutter.top + start) & (bands < gutter.top + stop))
            for start, stop in ((found[-1], cut), (cut, end))
        )
        if cut in headings or not go_on(above, below):
            found.append(cut)
    return np.array(found, dtype=np.intp)


def _large(boxes: Boxes, bands: Ints, span: Ints) -> Mask:
    """Whether all boxes of each band of a span are as high as a heading."""
    large: Mask = np.ones(int(bands.max()) + 1, dtype=np.bool_)
    large[bands[boxes.h < LARGER * boxes.typical]] = False
    return large[span]


def _headings(both: Mask, between: Floats, large: Mask) -> list[int]:
    """The bands at which an article begins: a line on one side of a gutter, or a large one and
    others, with room above and below and nothing beside it, and then lines on both sides at one
    height. If it is hardly larger than most lines, both sides have lines right above it, too."""
    roomy = between > ROOM * (median(between) if len(between) else 0.0)
    found = []
    for first in (np.flatnonzero(~both[1:-1] & roomy[:-1]) + 1).tolist():
        lines = int(both[first:].argmax())  # 0 if both sides have no lines below
        whole = lines == 1 or (large[first] and 1 < lines <= MAX_HEADING)
        if whole and roomy[first + lines - 1] and (both[first - 1] or large[first]):
            found.append(first)
    return found


def end_of_notes(boxes: Boxes, bands: Ints, gaps: Floats, inside: Mask, gutter: Gutter) -> int:
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


def runs(gaps: Floats, gutter: Gutter, typical: float, part: float = 0.5) -> list[tuple[int, int]]:
    """The bands beside a gutter in runs of bands that follow each other closely, each as its first
    band and its end. The usual gap is as large as that `part` of all, or larger."""
    between = gaps[gutter.top : gutter.end - 1]
    if not len(between):
        return [(gutter.top, gutter.end)]
    breaks = np.flatnonzero(between > 1.4 * lower(between, part) + 0.2 * typical)
    breaks += gutter.top + 1
    return list(pairwise([gutter.top, *breaks.tolist(), gutter.end]))
