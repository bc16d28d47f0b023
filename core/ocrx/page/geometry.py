"""The geometry of quads and crops.

A quad is float32 of shape (4, 2): corners (x, y) in pixels with y pointing down, clockwise from the
text's own top left. The side from corner 0 to corner 1 is the reading direction.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.types import Image, Line, Quad, Span, frozen_quad

TALL = 1.5
"""A box at least this many times as tall as wide holds text that runs down (as in PaddleOCR)."""


def rectangle(width: float, height: float) -> Quad:
    """The quad around a whole picture."""
    return frozen_quad([[0, 0], [width, 0], [width, height], [0, height]])


def quad_size(quad: Quad) -> tuple[float, float]:
    """The width and height in pixels: of opposite sides, the longer one."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad.tolist()
    width = max(math.hypot(x1 - x0, y1 - y0), math.hypot(x2 - x3, y2 - y3))
    height = max(math.hypot(x3 - x0, y3 - y0), math.hypot(x2 - x1, y2 - y1))
    return width, height


def upright(points: Any) -> Quad:
    """The four corners (4, 2) of a convex box, in any order around it, as a quad whose first side
    points most to the right. If the box is turned by less than 45 degrees, it starts at the top
    left."""
    return frozen_quad(all_upright(np.asarray(points)[None])[0])


def all_upright(points: NDArray[Any]) -> NDArray[np.float64]:
    """`upright` for n boxes at once, float64 (n, 4, 2)."""
    corners = points.astype(np.float64)
    # With y pointing down, corners whose cross product is negative run anticlockwise.
    x, y = corners[..., 0], corners[..., 1]
    turns = np.sum(x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y, axis=1)
    corners[turns < 0] = corners[turns < 0, ::-1]
    sides = np.roll(corners, -1, axis=1) - corners
    lengths = np.maximum(np.hypot(sides[..., 0], sides[..., 1]), 1e-9)
    first = np.argmax(sides[..., 0] / lengths, axis=1)
    order = (first[:, None] + np.arange(4)) % 4
    return np.take_along_axis(corners, order[..., None], axis=1)


def around(points: Sequence[tuple[float, float]], direction: tuple[float, float]) -> Quad:
    """The smallest quad around points whose first side runs in that direction, a unit vector."""
    x, y = direction
    along = [x * a + y * b for a, b in points]
    across = [x * b - y * a for a, b in points]
    left, right, top, bottom = min(along), max(along), min(across), max(across)
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return frozen_quad([(x * a - y * b, y * a + x * b) for a, b in corners])


def along_text(quad: Quad) -> Quad:
    """An upright box as the quad of the text in it. The text in a tall box runs down the page, so
    its own top left is the top right of the box."""
    width, height = quad_size(quad)
    return turned(quad, 1) if height >= TALL * width else quad


def turned(quad: Quad, quarters: int) -> Quad:
    """The same box as the quad of text that is turned clockwise by that many quarters."""
    return frozen_quad(np.roll(quad, -quarters, axis=0))


def crop(image: Image, quad: Quad) -> Image:
    """The content of a quad with its text upright: RGB uint8 (height, width, 3), at least 1 x 1.
    Outside the picture, the pixels of its edge are repeated.

    A quad that is an upright rectangle in whole pixels gives a view of the picture.
    """
    width, height = (max(1, round(side)) for side in quad_size(quad))
    x, y = map(int, quad[0].tolist())
    right, bottom = x + width, y + height
    inside = min(x, y) >= 0 and right <= image.shape[1] and bottom <= image.shape[0]
    if inside and quad.tolist() == [[x, y], [right, y], [right, bottom], [x, bottom]]:
        return image[y:bottom, x:right]
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    # OpenCV measures from the centre of the first pixel, quads from its corner.
    half = np.float32(0.5)
    matrix = cv2.getPerspectiveTransform(np.ascontiguousarray(quad - half), target - half)
    return np.asarray(
        cv2.warpPerspective(
            image,
            matrix,
            (width, height),
            flags=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        dtype=np.uint8,
    )


def span_quad(quad: Quad, span: Span) -> Quad:
    """The part of a line's quad that its crop shows between two fractions of its width."""
    return span_quads(quad, [span])[0]


def span_quads(quad: Quad, spans: Sequence[Span]) -> list[Quad]:
    """`span_quad` for each span. A crop is a projection of its quad, so its middle is not half-way
    along a quad that is higher at one end than at the other."""
    return _parts(quad[None], [_weights(quad)], spans)


def each_span_quad(quads: Sequence[Quad], spans: Sequence[Span]) -> list[Quad]:
    """`span_quad` for each of n quads and its span."""
    corners = np.array(quads, dtype=np.float32).reshape(-1, 4, 2)
    return _parts(corners, [_weights(quad) for quad in quads], spans)


def _parts(
    corners: NDArray[np.float32], weights: Sequence[Sequence[float]], spans: Sequence[Span]
) -> list[Quad]:
    """The parts at n spans of n quads with their weights, or of one quad."""
    ends = np.array(spans, dtype=np.float64).reshape(-1, 1, 2)
    heavy = np.array(weights, dtype=np.float64).reshape(-1, 4, 1)
    # The upper side, then the lower one, each from its left to its right corner.
    left, right = corners[:, ::3], corners[:, 1:3]
    done = ends * heavy[:, 1:3]
    done /= (1 - ends) * heavy[:, ::3] + done
    sides = left[:, :, None] + done[..., None] * (right - left)[:, :, None]
    parts = sides.reshape(-1, 4, 2)[:, (0, 1, 3, 2)].astype(np.float32)
    parts.setflags(write=False)
    return list(parts)


def _weights(quad: Quad) -> list[float]:
    """The weight of each corner in the projection of a square onto the quad (Heckbert,
    "Fundamentals of Texture Mapping and Image Warping", 1989, section 2.2.3). All are 1 for a quad
    that is not convex, or close to that."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad.tolist()
    ax, ay, bx, by = x1 - x2, y1 - y2, x3 - x2, y3 - y2
    cx, cy = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
    area = ax * by - bx * ay
    if area == 0:
        return [1.0] * 4
    g, h = (cx * by - bx * cy) / area, (ax * cy - cx * ay) / area
    weights = [1.0, 1 + g, 1 + g + h, 1 + h]
    return weights if min(weights) > 0.05 and max(weights) < 20 else [1.0] * 4


def band_quad(quad: Quad, band: Span) -> Quad:
    """The part of a line's quad between two fractions of its height."""
    start, end = band
    left, right = quad[3] - quad[0], quad[2] - quad[1]
    return frozen_quad(
        [
            quad[0] + left * start,
            quad[1] + right * start,
            quad[1] + right * end,
            quad[0] + left * end,
        ]
    )


def transform(quad: Quad, matrix: NDArray[np.float64]) -> Quad:
    """The quad, mapped by a (3, 3) homography."""
    points = np.c_[quad.astype(np.float64), np.ones(4)] @ matrix.T
    return frozen_quad(points[:, :2] / points[:, 2:])


def turn_back(height: int, width: int, quarters: int) -> NDArray[np.float64]:
    """The (3, 3) homography from the pixels of a picture that was turned anticlockwise by that many
    quarters, to those of the original of `height` x `width` pixels."""
    cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[quarters]
    right = width if cos < 0 or sin > 0 else 0
    down = height if cos < 0 or sin < 0 else 0
    return np.array([[cos, -sin, right], [sin, cos, down], [0, 0, 1]], dtype=np.float64)


def clipped(quad: Quad, width: int, height: int) -> Quad:
    """The quad with each corner moved to the nearest place within a picture of that size."""
    return frozen_quad(np.clip(quad, 0, np.array([width, height], dtype=np.float32)))


def moved_line(line: Line, matrix: NDArray[np.float64]) -> Line:
    """The line with all of its quads mapped by a (3, 3) homography."""
    return replace(
        line,
        quad=transform(line.quad, matrix),
        words=tuple(replace(w, quad=transform(w.quad, matrix)) for w in line.words),
        chars=tuple(replace(c, quad=transform(c.quad, matrix)) for c in line.chars),
    )
