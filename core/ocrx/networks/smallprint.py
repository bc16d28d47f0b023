"""Finds where a picture may hold text that is too small to be seen once the picture is reduced.

Small text makes a picture dense with edges in both directions: in a word 12 pixels high, each patch
of 8 x 8 pixels has some. The edges of larger things lie apart, and those of a ruled line run in one
direction. In street scenes one patch in a hundred is as dense as text, in print one in five.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.page.geometry import quad_size
from ocrx.types import Image, Quad, Region, frozen_quad

PATCH = 8
"""The side of a patch, in pixels."""

CONTRAST = 24
"""Neighbouring pixels differ by at least this many grey levels, of 255, at an edge."""

EDGES = (0.2, 0.12)
"""A dense patch has edges in at least these fractions of its pixels, in one direction and in the
other. Upright strokes make more edges from left to right than rows make from top to bottom; in text
that runs down the page it is the other way round."""

SPARSE = 0.03
"""Fewer patches of a picture are dense if it holds hardly any small print: 28 of 30 street scenes
have fewer, 14 of 15 receipts more."""

LINE_DENSITY = 20.0
"""The fraction of dense patches in a line times its height in pixels is less than this: 9 to 15 in
nine fonts at 16 to 90 pixels. In the lines of a paragraph the fraction is a third and more."""

FLAT = 0.07
"""The dense patches of a line lie further than this many of its heights off their middle (standard
deviation): 0.079 to 0.16 in 15 fonts at 16 to 100 pixels. If they lie closer, the line is a small
one, of whose height the detector could not see the limits from further away."""

RIM = 0.15
"""The dense patches of a line lie further than this many of its heights within its box, or hardly
outside: so in ten fonts at 40 to 140 pixels. Those at the edge of a box may be print above and
below a photograph that looked like a line."""

FEW = 3
"""So few patches say nothing about how high a line is."""

BLOCK = 1024
"""The number of rows that are searched at a time, to save memory. A multiple of PATCH."""

Patches = NDArray[np.bool_]
Shares = NDArray[np.float32]


def dense_patches(image: Image) -> Patches:
    """Which patches of the picture are as dense as small text, and have another such patch beside
    them: bool (ceil(H / 8), ceil(W / 8)). `image` is RGB uint8 (H, W, 3)."""
    least, most = edge_shares(image, CONTRAST)
    dense = ((most >= EDGES[0]) & (least >= EDGES[1])).astype(np.uint8)
    beside = cv2.boxFilter(dense, -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
    return (dense > 0) & (beside > 1)


def edge_shares(image: Image, contrast: int) -> tuple[Shares, Shares]:
    """Which fraction of the pixels of each patch is an edge of at least that `contrast`, in grey
    levels: in the direction that has fewer, and in the one that has more. Each is float32
    (ceil(H / 8), ceil(W / 8))."""
    across = math.ceil(image.shape[1] / PATCH)
    blocks = (image[top : top + BLOCK] for top in range(0, image.shape[0], BLOCK))
    shares = [_shares(rows, across, contrast) for rows in blocks]
    least, most = (np.concatenate(parts) for parts in zip(*shares, strict=True))
    return least, most


def _shares(rows: Image, across: int, contrast: int) -> tuple[Shares, Shares]:
    """The same of a block of rows, with `across` patches side by side."""
    grey = cv2.cvtColor(rows, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    down = math.ceil(height / PATCH)
    grey = cv2.copyMakeBorder(
        grey, 0, down * PATCH + 1 - height, 0, across * PATCH + 1 - width, cv2.BORDER_REPLICATE
    )
    here = grey[:-1, :-1]
    shares = [
        cv2.resize(
            cv2.threshold(cv2.absdiff(here, next_), contrast - 1, 255, cv2.THRESH_BINARY)[1],
            (across, down),
            interpolation=cv2.INTER_AREA,
        )
        / np.float32(255)
        for next_ in (grey[:-1, 1:], grey[1:, :-1])
    ]
    return np.minimum(*shares), np.maximum(*shares)


def is_sparse(image: Image) -> bool:
    """Whether the picture, uint8 (H, W, 3), holds hardly any small print."""
    return float(dense_patches(image).mean()) < SPARSE


def outside(patches: Patches, regions: Iterable[Region], scale: float) -> Patches:
    """The patches without those that regions cover. Quads times `scale` are in pixels of the
    picture that the patches belong to. A region too dense for its height covers none: it is a block
    of small print that looked like one line when it was seen from further away. Nor does one that
    is too high for its patches. None covers those along its long edges."""
    left = patches.astype(np.uint8)
    for region in regions:
        if not _looks_like_a_line(patches, region.quad * (scale / PATCH)):
            continue
        corners = np.rint(_inner(region.quad) * (scale / PATCH)).astype(np.int32)
        cv2.fillConvexPoly(left, corners, (0,))
        cv2.polylines(left, [corners], True, (0,), 3)
    return left > 0


def _inner(quad: Quad) -> Quad:
    """The quad without a stretch of its height along each of its longer sides."""
    width, height = quad_size(quad)
    opposite = np.roll(quad[::-1], 0 if height <= width else 2, axis=0)
    return frozen_quad(quad + RIM * (opposite - quad))


def _looks_like_a_line(patches: Patches, quad: Quad) -> bool:
    """Whether the dense patches in a quad are as many, and as far apart, as in a line so high. The
    quad is in patches."""
    corners = np.rint(quad).astype(np.int32)
    x, y, width, height = cv2.boundingRect(corners)
    left, top = max(x, 0), max(y, 0)
    part = patches[top : y + height, left : x + width]
    within = np.zeros(part.shape, dtype=np.uint8)
    cv2.fillConvexPoly(within, corners - np.array([left, top], dtype=np.int32), (1,))
    dense = np.argwhere((within > 0) & part)[:, ::-1]
    high = min(quad_size(quad))
    if not len(dense):
        return True
    if len(dense) / np.count_nonzero(within) * high * PATCH > LINE_DENSITY:
        return False
    sides = quad[1] - quad[0], quad[3] - quad[0]
    down = min(sides, key=np.linalg.norm)
    spread = float((dense @ down).std()) / float(down @ down)
    return len(dense) <= FEW or spread > FLAT
