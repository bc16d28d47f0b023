"""The order in which a person reads the lines of a page.

The page is turned so that its text runs to the right. Then it is cut from the top down, wherever
two columns of text stand side by side. What remains is read row by row. A gap alone is no reason to
cut: the amounts on a receipt stand far from their items, but belong to the same row.

All lengths are measured in heights of a line, so that nothing depends on the resolution.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from ocrx.names import Order
from ocrx.page.bidi import is_right_to_left
from ocrx.page.boxes import Boxes, Floats, Rows, Texts
from ocrx.page.columns import columns
from ocrx.page.directions import TURN, axes, directions, wrap
from ocrx.types import Quad


@dataclass(frozen=True)
class Arranged:
    """Quads in reading order: `blocks` of rows of their indices. `boxes` are the quads on the page
    turned upright, with left and right exchanged if its text runs from right to left."""

    boxes: Boxes
    blocks: list[Rows]


def reading_order(
    quads: Sequence[Quad], texts: Sequence[str] | None = None, order: Order = "blocks"
) -> Rows:
    """The rows of all blocks that `arranged` returns, in reading order."""
    return [row for block in arranged(quads, texts, order).blocks for row in block]


def arranged(
    quads: Sequence[Quad], texts: Sequence[str] | None = None, order: Order = "blocks"
) -> Arranged:
    """Arrange lines, or words, in blocks of rows in reading order.

    `quads` have shape (4, 2): corners clockwise from the text's own top left. `texts` are their
    texts, if they are known. They say in which direction rows and columns run, and which quads hold
    a single character, which says nothing about the direction of the page. The order "rows" makes
    one block, in which all quads at the same height are read together.

    The result does not depend on the order of the quads, unless some are exactly equal. Values that
    are not finite count as 0.
    """
    corners = np.array(quads, dtype=np.float64).reshape(-1, 4, 2)
    if not len(corners):
        return Arranged(Boxes(*[np.empty(0)] * 7), [])
    corners = np.clip(np.nan_to_num(corners), -1e9, 1e9)
    corners -= corners.min(axis=(0, 1))
    known = np.array(list(texts or [""] * len(quads)), dtype=object)
    canonical = np.lexsort(corners.reshape(-1, 8).T[::-1])
    boxes = _upright(corners[canonical], known[canonical])
    if texts and is_right_to_left(texts):
        boxes = boxes.mirrored()
    found = _read(boxes) if order == "blocks" else [_rows(boxes)]
    blocks = [[canonical[row].tolist() for row in block] for block in found]
    return Arranged(boxes.take(np.argsort(canonical)), blocks)


def _upright(corners: Floats, texts: Texts) -> Boxes:
    """The boxes of the quads (n, 4, 2) on the page, turned so that most text runs to the right."""
    angles, page = directions(corners, texts)
    height = np.hypot(*axes(corners)[1].T)
    single = np.array([len(text) == 1 for text in texts])
    cos, sin = np.cos(page), np.sin(page)
    turned = corners @ np.array([[cos, -sin], [sin, cos]])
    x, y = turned[:, :, 0], turned[:, :, 1]
    upright = np.abs(wrap(angles - page)) <= TURN
    middle = y.mean(axis=1)
    h = np.where(upright, height, np.ptp(y, axis=1))
    typical = float(np.median(h[h > 0])) if np.any(h > 0) else 1.0
    # A dash or a colon counts as high as a letter.
    h = np.maximum(h, np.where(single, typical, typical / 20))
    return Boxes(
        x0=x.min(axis=1),
        x1=x.max(axis=1),
        y=middle,
        h=h,
        left=np.where(upright, (y[:, 0] + y[:, 3]) / 2, middle),
        right=np.where(upright, (y[:, 1] + y[:, 2]) / 2, middle),
        texts=texts,
    )


def _read(boxes: Boxes) -> list[Rows]:
    """Cut regions into columns until no gutter is left. Each region that remains is a block."""
    found: list[Rows] = []
    regions = [np.arange(len(boxes))]
    while regions:
        region = regions.pop()
        inside = boxes.take(region)
        rows = _rows(inside)
        parts = columns(inside, rows)
        if parts:
            regions.extend(region[part] for part in reversed(parts) if len(part))
        else:
            found.append([region[row].tolist() for row in rows])
    return found


def _rows(boxes: Boxes) -> Rows:
    """The rows of boxes side by side, from top to bottom.

    Rows grow from left to right: each box joins the row whose end it continues best. Because it is
    compared with the end of the row, and not with a common height, rows may bend with the paper.
    """
    x0, x1, h = boxes.x0.tolist(), boxes.x1.tolist(), boxes.h.tolist()
    left, right = boxes.left.tolist(), boxes.right.tolist()
    rows: Rows = []
    ends: list[tuple[float, int]] = []  # the height of each row's right end, and its number
    for box in np.lexsort((boxes.y, boxes.x0)).tolist():
        best, least = -1, inf
        start = bisect_left(ends, (left[box], -1))
        for place in range(max(start - 8, 0), min(start + 8, len(ends))):
            end, number = ends[place]
            off = abs(end - left[box])
            if off > 1.5 * h[box]:
                continue
            last = rows[number][-1]
            gap, narrow = x0[box] - x1[last], min(x1[box] - x0[box], x1[last] - x0[last])
            small, large = (h[box], h[last]) if h[box] < h[last] else (h[last], h[box])
            if off > large / 2 or large > 3 * small or gap < -narrow / 2:
                continue
            cost = max(gap, 0.0) + 200 * off
            if cost < least:
                best, least = place, cost
        if best < 0:
            number = len(rows)
            rows.append([box])
        else:
            number = ends.pop(best)[1]
            rows[number].append(box)
        insort(ends, (right[box], number))
    typical = boxes.typical
    # A box beside several rows, such as a logo or text that runs down, is read where it begins.
    big = boxes.h > 3 * typical
    level = np.where(big, boxes.y - boxes.h / 2 + typical / 2, boxes.y).tolist()
    return sorted(rows, key=lambda row: (sum(level[i] for i in row) / len(row), x0[row[0]]))
