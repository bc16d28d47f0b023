"""Cuts lines that a detector drew across the gutter between two columns.

A detector joins text that stands close together, and the gutter of a paper is hardly wider than the
spaces in a justified line. But a gutter continues through the lines above and below. So each line
is taken apart at its wide spaces, and the pieces are put in reading order. If two pieces of a line
come out in different columns, the line is cut between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.page.boxes import Floats, Ints
from ocrx.page.extents import MIN_LINES
from ocrx.page.geometry import each_span_quad, quad_size
from ocrx.page.order import arranged
from ocrx.page.quantiles import median, quantile
from ocrx.page.side_by_side import MIN_ASPECT
from ocrx.page.strips import GUTTER
from ocrx.types import Image, Quad, Span

CONTRAST = 0.25
"""A column of pixels has no ink if its contrast is below this fraction of the highest one."""

FAINT = 24
"""A column of pixels has no ink if its contrast is below this, of 255."""

MARGIN = 0.15
"""A part of a line keeps so much of the space at its ends, in heights."""

STRAY = 0.8
"""A stretch at most this wide, in heights, may be a piece of a letter of another line."""

MIN_WIDTH = 3.0
"""The least width of the part of a line that is cut off, in heights."""

LETTER = 2.5
"""A letter is at most so many times as high as most lines of its page."""

SLACK = 0.15
"""A space may be narrower than its gutter by this many heights at each end."""


def stretches(crop: Image) -> list[Span]:
    """The stretches of a line between spaces as wide as a gutter, as fractions of its width.

    `crop` shows the line upright, RGB uint8 (height, width, 3). A rule that runs through it from
    top to bottom is part of a space. The upper and lower eighths are ignored, because they may show
    the lines above and below.
    """
    height, width = crop.shape[:2]
    grey = cv2.cvtColor(crop[height // 8 : height - height // 8], cv2.COLOR_RGB2GRAY)
    grey = cv2.blur(grey, (1, 3))  # so that the grain of a scan does not count as ink
    contrast = cv2.reduce(grey, 0, cv2.REDUCE_MAX) - cv2.reduce(grey, 0, cv2.REDUCE_MIN)
    ink = np.flatnonzero(contrast[0] > int(max(FAINT, CONTRAST * int(contrast.max()))))
    if not len(ink):
        return [(0.0, 1.0)]
    wide = np.flatnonzero(ink[1:] - ink[:-1] > max(2, GUTTER * height))
    starts, ends = [ink[0], *ink[wide + 1].tolist()], [*ink[wide].tolist(), ink[-1]]
    return [
        (int(start) / width, (int(end) + 1) / width)
        for start, end in zip(starts, ends, strict=True)
    ]


def parted(quads: Sequence[Quad], inked: Sequence[Sequence[Span]]) -> list[list[Span]]:
    """The parts of each line that lie in different columns, as fractions of its length; (0, 1) for
    a line that is not cut.

    `inked` holds the `stretches` of each line. A stretch that belongs to another line, such as half
    a letter of the neighbouring column, is in no part.
    """
    if not _may_cross_columns(quads, inked):
        return [[(0.0, 1.0)] for _ in quads]
    lines = _Lines.of(quads)
    held = lines.holding(inked)
    kept = [
        [span for span in spans if (line, span) not in held] for line, spans in enumerate(inked)
    ]
    pieces = [(quad, span) for quad, spans in zip(quads, kept, strict=True) for span in spans]
    beyond = _beyond_gutter(each_span_quad(*zip(*pieces, strict=True))) if pieces else []
    found: list[list[Span]] = []
    for quad, before, spans in zip(quads, inked, kept, strict=True):
        parts: list[Span] = []
        for (start, end), new in zip(spans, beyond, strict=False):
            parts[-1:] = [(parts[-1][0], end)] if parts and not new else [*parts[-1:], (start, end)]
        beyond = beyond[len(spans) :]
        width, height = quad_size(quad)
        margin = MARGIN * height / max(width, 1.0)
        found.append(
            [
                (
                    0.0 if start == before[0][0] else start - margin,
                    1.0 if end == before[-1][1] else end + margin,
                )
                for start, end in parts
            ]
        )
    return found


def _may_cross_columns(quads: Sequence[Quad], inked: Sequence[Sequence[Span]]) -> bool:
    """Whether enough lines have a space at one place, or end before it and begin after it, for a
    gutter to be there. This quick test spares most pages the full search."""
    wide = [
        (line, blank) for line, spans in enumerate(inked) for blank in _wide(quads[line], spans)
    ]
    if not wide:
        return False
    corners = np.array(quads, dtype=np.float64)
    along = corners[:, 1] - corners[:, 0]
    width, height = np.hypot(*along.T), np.hypot(*(corners[:, 3] - corners[:, 0]).T)
    axis = along[wide[0][0]] / max(width[wide[0][0]], 1e-9)
    starts = corners[:, 0] @ axis
    blanks = np.array([starts[line] + width[line] * np.array(blank) for line, blank in wide])
    places = (corners @ axis)[width >= MIN_ASPECT * height]
    middles = blanks.mean(axis=1)
    left = np.searchsorted(np.sort(places.max(axis=1)), middles)
    right = len(places) - np.searchsorted(np.sort(places.min(axis=1)), middles, "right")
    across = np.searchsorted(np.sort(blanks[:, 0]), middles, "right")
    across -= np.searchsorted(np.sort(blanks[:, 1]), middles)
    return bool((np.minimum(left, right) + across >= MIN_LINES).any())


def _wide(quad: Quad, spans: Sequence[Span]) -> list[Span]:
    """The spaces of a line that have room for a column on both sides."""
    if len(spans) < 2:
        return []
    width, height = quad_size(quad)
    least = MIN_WIDTH * height / max(width, 1.0)
    blanks = [(end, start) for (_, end), (start, _) in pairwise(spans)]
    return [(start, end) for start, end in blanks if start >= least and end <= 1 - least]


@dataclass(frozen=True)
class _Lines:
    """Lines as arrays: `corners` (n, 4, 2), the `sides` that lead from them, `heights` (n,), their
    indexes in the `order` of their tops, and the sorted `tops`. None reaches further down the page
    than `reach`."""

    quads: Sequence[Quad]
    corners: Floats
    sides: Floats
    heights: Floats
    order: Ints
    tops: Floats
    reach: float

    @classmethod
    def of(cls, quads: Sequence[Quad]) -> _Lines:
        corners = np.array(quads, dtype=np.float64)
        tops, bottoms = corners[..., 1].min(axis=1), corners[..., 1].max(axis=1)
        order = np.argsort(tops, kind="stable")
        sides = np.roll(corners, -1, axis=1) - corners
        heights = np.hypot(*sides[:, 3].T)
        reach = float((bottoms - tops).max())
        return cls(quads, corners, sides, heights, order, tops[order], reach)

    def holding(self, inked: Sequence[Sequence[Span]]) -> set[tuple[int, Span]]:
        """The narrow stretches that lie within another line of about their height, each with the
        index of its own line."""
        narrow = []
        highest = LETTER * median(self.heights)
        for line, turned in enumerate(self._turned()):
            width, height = quad_size(self.quads[line])
            for start, end in inked[line]:
                length = (end - start) * width
                least, size = (height, length) if turned else (length, height)
                if least <= STRAY * size and size <= highest:
                    narrow.append((line, (start, end), size))
        quads = each_span_quad([self.quads[line] for line, *_ in narrow], [s for _, s, _ in narrow])
        return {
            (line, span)
            for (line, span, size), quad in zip(narrow, quads, strict=True)
            if self._holds(quad.mean(axis=0), line, size)
        }

    def _turned(self) -> list[bool]:
        """Whether each line runs down a page whose lines run across, or the other way round. A
        narrow box does, because it was taken for text that runs down."""
        down = np.abs(self.sides[:, 0, 1]) > np.abs(self.sides[:, 0, 0])
        turned: list[bool] = (down != (2 * np.count_nonzero(down) > len(down))).tolist()
        return turned

    def _holds(self, centre: NDArray[np.float32], line: int, size: float) -> bool:
        """Whether a place in a line lies within another one, of about the height `size`."""
        first, last = np.searchsorted(self.tops, [centre[1] - self.reach, centre[1]]).tolist()
        near = self.order[first:last]
        near = near[near != line]
        heights, sides, way = self.heights[near], self.sides[near], centre - self.corners[near]
        within = (sides[..., 0] * way[..., 1] - sides[..., 1] * way[..., 0] > 0).all(axis=1)
        return bool((within & (heights < 2.5 * size) & (size < 1.5 * heights)).any())


def _beyond_gutter(pieces: Sequence[Quad]) -> list[bool]:
    """Whether there is a gutter between each piece and the one before it."""
    page = arranged(pieces)
    boxes, slack = page.boxes, SLACK * page.boxes.typical
    column = np.empty(len(boxes), dtype=np.intp)
    starts, ends = np.empty(len(page.blocks)), np.empty(len(page.blocks))
    for number, rows in enumerate(page.blocks):
        column[[piece for row in rows for piece in row]] = number
        # where the column's lines begin, and where its long lines end
        starts[number] = median(boxes.x0[[row[0] for row in rows]])
        ends[number] = quantile(boxes.x1[[row[-1] for row in rows]], 0.9)
    left, right = column[:-1], column[1:]
    found = left != right
    found &= (boxes.x1[:-1] <= ends[left] + slack) & (boxes.x0[1:] >= starts[right] - slack)
    return [True, *found.tolist()]
