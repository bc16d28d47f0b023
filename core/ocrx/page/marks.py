"""Finds signs that stand alone in a row of a table, which detectors overlook: a dash, a plus, a
star.

Ink in a row of text, outside the row's lines, is a mark if it is no larger than a few characters
and stands in a column, above or below something that was read, or if it is one of several dashes in
a column of their own. Dots in a column of their own, each before a line, are the bullets of a list.
Other ink in the first and the last row of a page may be its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.page.quantiles import byte_quantile, median
from ocrx.types import Image, Quad, frozen_quad

LEVEL = 0.05
"""A line is level if it rises by at most this much over its length. Only level lines form rows."""

SAME_ROW = 0.3
"""Lines are in the same row if their middles differ by at most this many heights."""

CONTRAST = 24
STRENGTH = 0.4
"""A pixel is ink if it differs from its surroundings by at least CONTRAST, of 255, and by at least
STRENGTH times as much as the text of its row."""

WIDEST = 2.5
LEAST = 0.13
LEAST_BAR = 0.1
ROOM = 0.6
APART = 0.35
"""In heights of the row: the largest width of a mark; the smallest size of its larger side, and of
a hyphen's; the room left on each side when it is read; and its smallest distance from the lines of
its row."""

RULE = 1 / 6
RULE_ASPECT = 4
"""Ink within RULE, in heights of the row, of its upper or lower edge, and RULE_ASPECT times as wide
as high, is a piece of a rule of the table. A faint rule is ink only here and there."""

PLAIN = 0.15
"""At most this fraction of what surrounds a mark, in the middle half of its row, differs from the
paper as ink does. Rules beside a cell take less, and photographs more."""

COLUMN = 3
"""So many dashes or dots in as many rows, one below the other, are a column."""

TWIN_SIZE = 0.15
TWIN_PLACE = 0.1
TWIN_ROWS = 3.0
"""Two dots are bullets, too, if they differ by at most this part of their width, and by so many
heights in their places, and are at most so many heights apart: stains are less alike."""

LOWEST = 6
"""In rows of fewer pixels in height, signs look like dust."""

BAR_ASPECT = 1.3
BAR_FILL = 0.75
BAR_THICKNESS = 0.25
BAR_MIDDLE = 0.3, 0.7
"""The look of a dash: at least BAR_ASPECT times as wide as high, ink in at least BAR_FILL of its
box, at most BAR_THICKNESS of the row's height high, and its middle within BAR_MIDDLE of that."""

BLURRED = 2
FAINT = 0.5
"""A dash ends within BLURRED pixels. What differs from the paper beyond them by FAINT times as much
as the dash is the rest of a rule."""

DOT_ASPECT = 1.3
DOT_FILL = 0.58
DOT_SIZE = 0.15, 0.6
DOT_MIDDLE = 0.3, 0.75
"""The look of a bullet: at most DOT_ASPECT times as wide as high and as high as wide, ink in at
least DOT_FILL of its box, its size within DOT_SIZE of the row's height, and its middle within
DOT_MIDDLE of that."""

MARGIN = 6
"""A row in the first or the last so-many-th part of a page may have its number."""

INDENT = 3.0
ALIGNED = 0.2
"""In heights of the row: how far before its line a bullet stands at most, and by how much those of
a list differ in their places at most."""


@dataclass(frozen=True, eq=False)
class Mark:
    """A sign that stands alone.

    `quad` is as high as the row, with room on both sides. `width` is that of the ink, in heights of
    the row. `bar` is the fraction of its box that a dash fills, 0 for any other sign, and `dot`
    that of a bullet. `plain` says that it stands on paper, and not in a photograph, where dashes
    are textures. `number` says that it may be a page number and nothing else.
    """

    quad: Quad
    width: float
    bar: float
    plain: bool
    dot: float = 0.0
    number: bool = False


Rectangles = NDArray[np.float64]
"""The (x0, y0, x1, y1) of n lines: shape (n, 4)."""


@dataclass(frozen=True, eq=False)
class _Row:
    """A row of text from `top` to `bottom`. `lines` are those in it, and `edges` those of the rows
    above and below that reach into it, as the boxes of rows set solid do."""

    top: int
    bottom: int
    lines: Rectangles
    edges: Rectangles


def find_marks(image: Image, lines: Sequence[Quad], singles: Sequence[Quad] = ()) -> list[Mark]:
    """The marks beside lines of text, row by row and from left to right.

    `image` is RGB uint8 (H, W, 3), and `lines` are quads in its pixels. Only level lines count.
    `singles` are those of single characters, which form no row, but show where a column is.
    """
    quads = np.array(lines, dtype=np.float64).reshape(-1, 4, 2)
    boxes = _boxes(lines)
    along = quads[:, 1] - quads[:, 0]
    level = boxes[(along[:, 0] > 0) & (np.abs(along[:, 1]) <= LEVEL * along[:, 0])]
    if len(level) < 2:
        return []
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    columns = np.concatenate([level, _boxes(singles)])
    found: list[tuple[Mark, bool]] = []
    rows = _rows(level, len(grey))
    for top, bottom in rows:
        reaching = boxes[(boxes[:, 1] < bottom) & (boxes[:, 3] > top)]
        middle = (top + bottom) / 2
        inside = (reaching[:, 1] < middle) & (reaching[:, 3] > middle)
        row = _Row(top, bottom, reaching[inside], reaching[~inside])
        found += _marks(grey, row, columns)
    dashes = np.array([_middle(mark) for mark, _ in found if mark.bar]).reshape(-1, 2)
    dots = np.array([(*_middle(mark), mark.width) for mark, _ in found if mark.dot]).reshape(-1, 3)
    marks = []
    ends = _margins(rows, len(grey))
    for mark, sure in found:
        listed = mark.dot > 0 and (_in_line(mark, dots, ALIGNED) or _has_twin(mark, dots))
        if sure or listed or (mark.bar and _in_line(mark, dashes, 0.5)):
            marks.append(mark if listed else replace(mark, dot=0.0))
        elif mark.plain and float(mark.quad[0, 1]) in ends:
            marks.append(replace(mark, bar=0.0, dot=0.0, number=True))
    return marks


def _margins(rows: Sequence[tuple[int, int]], height: int) -> set[float]:
    """Where the first and the last row of a page begin, if they are in its margins."""
    if not rows:
        return set()
    (first, end), (last, _) = rows[0], rows[-1]
    found = {float(first)} if end <= height / MARGIN else set()
    return found | ({float(last)} if last >= height - height / MARGIN else set())


def _middle(mark: Mark) -> tuple[float, float]:
    return float(mark.quad[:2, 0].mean()), float(mark.quad[0, 1])


def _in_line(mark: Mark, others: NDArray[np.float64], off: float) -> bool:
    """Whether a mark is one of COLUMN marks or more, given by their (x, row), whose places differ
    by less than `off` heights."""
    high = mark.quad[3, 1] - mark.quad[0, 1]
    below = np.abs(others[:, 0] - _middle(mark)[0]) < off * high
    return len(np.unique(others[below, 1])) >= COLUMN


def _has_twin(mark: Mark, dots: NDArray[np.float64]) -> bool:
    """Whether one of the dots, given by their (x, row, width), is of one size with this one and
    above or below it, in a row close by."""
    high = mark.quad[3, 1] - mark.quad[0, 1]
    off = np.abs(dots - (*_middle(mark), mark.width))
    near = (off[:, 0] <= TWIN_PLACE * high) & (off[:, 2] <= TWIN_SIZE * mark.width)
    return bool((near & (off[:, 1] > 0) & (off[:, 1] <= TWIN_ROWS * high)).any())


def _boxes(quads: Sequence[Quad]) -> Rectangles:
    corners = np.array(quads, dtype=np.float64).reshape(-1, 4, 2)
    return np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)


def _rows(boxes: Rectangles, height: int) -> list[tuple[int, int]]:
    """The top and bottom of each row of lines, in a picture of that height."""
    middles, heights = (boxes[:, 1] + boxes[:, 3]) / 2, boxes[:, 3] - boxes[:, 1]
    order = np.argsort(middles, kind="stable")
    middles, heights = middles[order], heights[order]
    rows = []
    first = 0
    while first < len(middles):
        reach = middles[first] + SAME_ROW * heights[first]
        end = max(first + 1, int(np.searchsorted(middles, reach, "right")))
        middle, high = median(middles[first:end]), median(heights[first:end])
        top, bottom = max(0, round(middle - high / 2)), min(height, round(middle + high / 2))
        if bottom - top >= LOWEST:
            rows.append((top, bottom))
        first = end
    return rows


def _marks(grey: NDArray[np.uint8], row: _Row, boxes: Rectangles) -> list[tuple[Mark, bool]]:
    """The marks of a row, and of each whether it stands in a column of the `boxes`."""
    high = row.bottom - row.top
    strip = grey[row.top : row.bottom]
    around = cv2.blur(strip, (4 * high + 1, 2 * high + 1))
    differs = np.asarray(cv2.absdiff(strip, around), dtype=np.uint8)
    taken = [(x0, x1) for x0, _, x1, _ in row.lines.tolist()]
    text = np.hstack([differs[:, :0], *(differs[:, _pixels(*span)] for span in taken)])
    limit = max(CONTRAST, STRENGTH * (byte_quantile(text, 0.95) if text.size else 0.0))
    ink = (differs > int(limit)).view(np.uint8)  # NumPy would compare bytes with a float as floats
    for span in taken:
        ink[:, _pixels(*span)] = 0
    whole = ink.copy()
    for x0, y0, x1, y1 in row.edges.tolist():
        ink[_pixels(y0 - row.top, y1 - row.top), _pixels(x0, x1)] = 0
    found = []
    for blob in _blobs(ink, high):
        x0, x1 = float(blob[:, 0].min()), float((blob[:, 0] + blob[:, 2]).max())
        near = any(x0 - end < APART * high and start - x1 < APART * high for start, end in taken)
        if near or x1 - x0 > WIDEST * high:
            continue
        room = ROOM * high
        left, right = max(0.0, x0 - room), min(float(grey.shape[1]), x1 + room)
        plain = _is_plain(strip, (left, x0, x1, right), limit)
        corners = [[left, row.top], [right, row.top], [right, row.bottom], [left, row.bottom]]
        bar = _bar(blob, high) if plain else 0.0
        if bar and (_is_foot(blob, whole) or _is_rule(blob, differs)):
            continue
        listed = plain and any(0 <= start - x1 <= INDENT * high for start, _ in taken)
        dot = _dot(blob, high) if listed and not bar else 0.0
        mark = Mark(frozen_quad(corners), (x1 - x0) / high, bar, plain, dot)
        found.append((mark, _in_column((x0 + x1) / 2, row, boxes, high)))
    return found


def _is_plain(
    strip: NDArray[np.uint8], edges: tuple[float, float, float, float], limit: float
) -> bool:
    """Whether a mark stands on paper. `edges` are where its room, its ink, the rest of its room and
    what follows begin."""
    high = len(strip)
    left, x0, x1, right = edges
    middle = strip[high // 4 : max(high // 4 + 1, high * 3 // 4)]
    sides = np.hstack([middle[:, _pixels(left, x0 - 2)], middle[:, _pixels(x1 + 2, right)]])
    if not sides.size:
        return True
    off = np.abs(sides - byte_quantile(sides, 0.5))
    return bool((off > limit).mean() <= PLAIN)


def _pixels(start: float, end: float) -> slice:
    return slice(max(0, round(start)), max(0, round(end)))


def _blobs(ink: NDArray[np.uint8], high: int) -> list[NDArray[np.int32]]:
    """Groups of pieces of ink that stand together, from left to right. Each is (n, 5): left, top,
    width, height and area of its pieces. Ink that reaches beyond the row, as rules do, is left
    out, and so are pieces of rules along its edges."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    _, top, width, height, area = stats[1:].T
    inside = (top > 0) & (top + height < high) & (width <= WIDEST * high) & (area >= 3)
    at_edge = (top + height <= RULE * high) | (top >= (1 - RULE) * high)
    pieces = stats[1:][inside & ~(at_edge & (width >= RULE_ASPECT * height))]
    pieces = pieces[np.argsort(pieces[:, 0], kind="stable")]
    ends = np.maximum.accumulate(pieces[:, 0] + pieces[:, 2])
    cuts = np.flatnonzero(pieces[1:, 0] - ends[:-1] > high / 2) + 1
    blobs = np.split(pieces, cuts) if len(pieces) else []
    least = [(LEAST_BAR if _bar(blob, high) else LEAST) * high for blob in blobs]
    return [blob for blob, size in zip(blobs, least, strict=True) if blob[:, 2:4].max() >= size]


def _in_column(x: float, row: _Row, boxes: Rectangles, high: int) -> bool:
    """Whether a line stands above or below that place."""
    others = boxes[(boxes[:, 3] <= row.top + high / 2) | (boxes[:, 1] >= row.bottom - high / 2)]
    return bool(np.any((others[:, 0] - high / 2 <= x) & (x <= others[:, 2] + high / 2)))


def _bar(blob: NDArray[np.int32], high: int) -> float:
    if len(blob) != 1:
        return 0.0
    _, top, width, height, area = blob[0].tolist()
    least, most = BAR_MIDDLE
    fill = float(area / (width * height))
    is_bar = (
        width >= BAR_ASPECT * height
        and fill >= BAR_FILL
        and height <= BAR_THICKNESS * high
        and least * high <= top + height / 2 <= most * high
    )
    return fill if is_bar else 0.0


def _is_foot(blob: NDArray[np.int32], ink: NDArray[np.uint8]) -> bool:
    """Whether a bar goes on above or below, as the foot of a p does that reaches out of the box of
    its line. A dash stands alone."""
    left, top, width, height, _ = blob[0].tolist()
    columns = slice(left, left + width)
    return bool(ink[top - 1, columns].any() or ink[top + height, columns].any())


def _is_rule(blob: NDArray[np.int32], differs: NDArray[np.uint8]) -> bool:
    """Whether a bar goes on beyond its ends, fainter, as a rule does that is ink only in part."""
    left, top, width, height, _ = blob[0].tolist()
    rows = differs[top : top + height]
    first, last = left - BLURRED, left + width + BLURRED
    beyond = [rows[:, max(0, first - height) : max(0, first)], rows[:, last : last + height]]
    least = FAINT * float(rows[:, left : left + width].mean())
    return any(part.size > 0 and float(part.mean()) >= least for part in beyond)


def _dot(blob: NDArray[np.int32], high: int) -> float:
    if len(blob) != 1:
        return 0.0
    _, top, width, height, area = blob[0].tolist()
    small, large = sorted((width, height))
    (least, most), (above, below) = DOT_SIZE, DOT_MIDDLE
    fill = float(area / (width * height))
    is_dot = (
        large <= DOT_ASPECT * small + 1
        and fill >= DOT_FILL
        and least * high <= large <= most * high
        and above * high <= top + height / 2 <= below * high
    )
    return fill if is_dot else 0.0
