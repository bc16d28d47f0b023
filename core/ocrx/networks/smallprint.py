"""Where a picture may hold text too small to be seen when the picture is reduced.

Small text makes a picture dense with edges that run both ways: in a word of 12 pixels, every patch
of 8 x 8 has them. Edges of larger things lie apart, and those of a ruled line run one way. In
street scenes one patch in a hundred is as dense as that, in print one in five.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.types import Image, Region

PATCH = 8
"""The side of a patch, in pixels."""

CONTRAST = 24
"""Neighbouring pixels differ by at least this many grey levels, of 255, at an edge."""

EDGES = (0.2, 0.12)
"""The least fractions of a dense patch that are edges, in one direction and in the other. Upright
strokes make more edges from left to right than lines make from top to bottom. In text that runs
down it is the other way round."""

BLOCK = 1024
"""Rows that are searched at once, few to save memory. A multiple of PATCH."""

Patches = NDArray[np.bool_]


def dense_patches(image: Image) -> Patches:
    """Which patches of the picture, (ceil(H / 8), ceil(W / 8)), are as dense as small text is, and
    have another such beside them. `image` is uint8 (H, W, 3)."""
    height, width = image.shape[:2]
    size = (math.ceil(width / PATCH), math.ceil(height / PATCH))
    dense = np.zeros(size[::-1], dtype=np.uint8)
    for top in range(0, height, BLOCK):
        dense[top // PATCH : (top + BLOCK) // PATCH] = _dense(image[top : top + BLOCK], size[0])
    beside = cv2.boxFilter(dense, -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
    return (dense > 0) & (beside > 1)


def _dense(rows: Image, across: int) -> NDArray[np.uint8]:
    """The dense patches of a block of rows, shape (down, across)."""
    grey = cv2.cvtColor(rows, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    down = math.ceil(height / PATCH)
    grey = cv2.copyMakeBorder(
        grey, 0, down * PATCH + 1 - height, 0, across * PATCH + 1 - width, cv2.BORDER_REPLICATE
    )
    here = grey[:-1, :-1]
    shares = [
        cv2.resize(
            cv2.threshold(cv2.absdiff(here, next_), CONTRAST - 1, 255, cv2.THRESH_BINARY)[1],
            (across, down),
            interpolation=cv2.INTER_AREA,
        )
        / 255
        for next_ in (grey[:-1, 1:], grey[1:, :-1])
    ]
    least, most = np.minimum(*shares), np.maximum(*shares)
    return np.asarray((most >= EDGES[0]) & (least >= EDGES[1]), dtype=np.uint8)


def outside(patches: Patches, regions: Iterable[Region], scale: float) -> Patches:
    """The patches that no region covers. Quads times `scale` are in pixels of the picture that the
    patches are of."""
    left = patches.astype(np.uint8)
    for region in regions:
        corners = np.rint(region.quad * (scale / PATCH)).astype(np.int32)
        cv2.fillConvexPoly(left, corners, (0,))
        cv2.polylines(left, [corners], True, (0,), 3)
    return left > 0
