"""Where codes are, and which of those that zxing-cpp reports are one and the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.types import Quad, frozen_quad

if TYPE_CHECKING:
    import zxingcpp


@dataclass(frozen=True, eq=False)
class Seen:
    """A code with its quad, clockwise from its own top left, and the box around it: left, top,
    right and bottom."""

    code: zxingcpp.Barcode
    quad: Quad
    box: tuple[float, float, float, float]

    @property
    def rank(self) -> tuple[bool, float]:
        """Of codes in one place, that of the highest rank stays: the one of the longest content,
        or the largest if none can be read."""
        left, top, right, bottom = self.box
        area = (right - left) * (bottom - top)
        return self.code.valid, len(self.code.bytes) if self.code.valid else area


def apart(codes: Sequence[zxingcpp.Barcode]) -> list[Seen]:
    """The codes, each once.

    A code may be read in two directions, as two formats, or with and without its add-on, and a few
    bars of it may look like a code of their own. One that cannot be read is left out in the place
    of another, and so are places where no code begins to make sense.
    """
    kept: list[Seen] = []
    found = (_seen(code) for code in codes if code.valid or not _is_no_code(code))
    for one in sorted(found, key=lambda seen: seen.rank, reverse=True):
        if not any(_same(one, other) for other in kept):
            kept.append(one)
    return kept


def _seen(code: zxingcpp.Barcode) -> Seen:
    place = code.position
    corners = [place.top_left, place.top_right, place.bottom_right, place.bottom_left]
    points = np.array([(corner.x, corner.y) for corner in corners], np.float32)
    x, y = points.T
    # 1D codes are told from either side, so that some are mirrored.
    anticlockwise = (x * np.roll(y, -1) - np.roll(x, -1) * y).sum() < 0
    box = float(x.min()), float(y.min()), float(x.max()), float(y.max())
    return Seen(code, frozen_quad(points[::-1] if anticlockwise else points), box)


def _is_no_code(code: zxingcpp.Barcode) -> bool:
    """Whether what looked like a code has no form of one. Tables and print look like that."""
    import zxingcpp

    if code.format == zxingcpp.BarcodeFormat.NONE or code.error is None:
        return True
    return code.error.type == zxingcpp.ErrorType.Format and not code.bytes


def _same(one: Seen, other: Seen) -> bool:
    """Whether `one` is the code `other`, or a part of it."""
    (left, top, right, bottom), (x1, y1, x2, y2) = one.box, other.box
    if left > x2 + 2 or x1 > right + 2 or top > y2 + 2 or y1 > bottom + 2:
        return False
    x, y = one.quad.mean(axis=0)
    if cv2.pointPolygonTest(cv2.convexHull(other.quad), (float(x), float(y)), False) > 0:
        return True
    if one.code.valid and not other.code.bytes.startswith(one.code.bytes):
        return False
    return bool(cv2.intersectConvexConvex(_grown(one.quad), _grown(other.quad))[0] > 0)


def _grown(quad: Quad) -> NDArray[np.float32]:
    """The convex hull of the quad with a margin of a pixel, so that neighbouring rows overlap."""
    around = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float32)
    corners = (quad[:, None] + around).reshape(-1, 2)
    return np.asarray(cv2.convexHull(corners), np.float32)
