"""The order in which a person reads the lines of a page.

A page is turned so that its text runs to the right, then cut, top down, wherever two columns of
text stand side by side; what is left of it is read row by row. A gap alone is no reason to cut: the
amounts of a receipt stand far from what they are the price of, and belong to the same row.

Lengths are measured in heights of a line throughout, so that nothing depends on the resolution.
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
from ocrx.types import Quad

QUARTER = np.pi / 2

TURN = np.pi / 6
"""A quad turned further than this from the page's direction counts as a plain upright box."""

MANY = 1000
"""The number of characters in a line of which nothing was read yet."""


@dataclass(frozen=True)
class Arranged:
    """Quads in reading order: indexes into them, by blocks and rows. `boxes` are the quads on the
    page turned upright, and mirrored if its text runs from right to left."""

    boxes: Boxes
    blocks: list[Rows]


def reading_order(
    quads: Sequence[Quad], texts: Sequence[str] | None = None, order: Order = "blocks"
) -> Rows:
    """Rows in reading order, as in `arranged`, whatever block they belong to."""
    return [row for block in arranged(quads, texts, order).blocks for row in block]


def arranged(
    quads: Sequence[Quad], texts: Sequence[str] | None = None, order: Order = "blocks"
) -> Arranged:
    """Blocks of rows, all in reading order; a row holds indexes in the direction of reading.

    `quads` are lines (or words), each of shape (4, 2): corners clockwise from the text's own top
    left. `texts` is what was read in them, where it is known: a single character says nothing of
    the page's direction, and where most letters run from right to left, so do rows and columns.
    `order` "rows" leaves the page in one block: what stands at one height is read together.
    The result depends on where the quads lie, not on the order in which they are given, except
    among quads that are exactly equal. Values that are not finite are taken for 0.
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
    """The page turned so that most of its text runs to the right; `corners` of (n, 4, 2)."""
    along, down = _axes(corners)
    width, height = np.hypot(*along.T), np.hypot(*down.T)
    angles = np.arctan2(along[:, 1], along[:, 0])
    lengths = np.array([len(text) or MANY for text in texts])
    single = lengths < 2
    # a single character looks the same to a detector whichever way it is turned
    votes = np.where(single, angles - np.rint(angles / QUARTER) * QUARTER, angles)
    # long lines know their direction best; a sliver without height knows nothing
    aspect = np.where(height > 0, width / np.maximum(height, 1e-9), 0)
    page = _direction(votes, np.clip(np.minimum(aspect, lengths) - 1, 0.05, 20))
    cos, sin = np.cos(page), np.sin(page)
    turned = corners @ np.array([[cos, -sin], [sin, cos]])
    x, y = turned[:, :, 0], turned[:, :, 1]
    upright = np.abs(_wrap(angles - page)) <= TURN
    middle = y.mean(axis=1)
    h = np.where(upright, height, np.ptp(y, axis=1))
    typical = float(np.median(h[h > 0])) if np.any(h > 0) else 1.0
    # a dash or a colon takes the room of a letter
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


def _axes(corners: Floats) -> tuple[Floats, Floats]:
    """Each quad's vectors from its left to its right side and from its top to its bottom."""
    p0, p1, p2, p3 = corners.transpose(1, 0, 2)
    return (p1 + p2 - p0 - p3) / 2, (p2 + p3 - p0 - p1) / 2


def _wrap(angles: Floats) -> Floats:
    return np.mod(angles + np.pi, 2 * np.pi) - np.pi


def _direction(angles: Floats, weights: Floats) -> float:
    """The direction in which most of the text runs: the fullest sector, then its median."""
    sectors = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    near = np.maximum(np.cos(angles[:, None] - sectors), 0) ** 16
    votes = np.round((weights[:, None] * near).sum(axis=0), 6)
    centre = float(sectors[int(np.argmax(votes))])
    off = _wrap(angles - centre)
    chosen = np.abs(off) <= TURN
    off, weights = off[chosen], weights[chosen]
    if not len(off):
        return centre
    order = np.argsort(off, kind="stable")
    total = np.cumsum(weights[order])
    return centre + float(off[order][np.searchsorted(total, total[-1] / 2)])


def _read(boxes: Boxes) -> list[Rows]:
    """Cut regions into columns until no gutter is left, then read what remains by rows."""
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
    """Boxes side by side, top to bottom.

    Rows grow from left to right, each box joining the row whose end it best continues. Following
    the ends, and not a common height, lets a row bend with the paper.
    """
    x0, x1, h = boxes.x0.tolist(), boxes.x1.tolist(), boxes.h.tolist()
    left, right = boxes.left.tolist(), boxes.right.tolist()
    rows: Rows = []
    ends: list[tuple[float, int]] = []  # where on the page each row ends, and the row's number
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
    # a box over many rows, such as a logo or text that runs down, is read where it begins
    big = boxes.h > 3 * typical
    level = np.where(big, boxes.y - boxes.h / 2 + typical / 2, boxes.y).tolist()
    return sorted(rows, key=lambda row: (sum(level[i] for i in row) / len(row), x0[row[0]]))
