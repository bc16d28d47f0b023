"""Finds the sheet of paper in a photograph: the largest region with four straight sides.

As in scanning apps: edges (J. Canny, 1986) and bright areas (N. Otsu, 1979) are traced, and the
outline is simplified to four corners (D. Douglas, T. Peucker, 1973).
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.page.geometry import quad_size, upright
from ocrx.types import Image, Quad, frozen_quad

SIDE = 800
"""Larger pictures are reduced to this longer side, in pixels."""

SIMPLER = 0.02
"""How far four sides may lie from the outline, as a fraction of its length."""

FULL = 0.97
"""A sheet that fills this part of the picture is the picture."""

FILLED = 0.9
"""The part of the four sides' inside that the outline must fill."""


def find_sheet(image: Image, least: float) -> Quad | None:
    """The corners of the sheet in an RGB picture, clockwise from the one that becomes the top left;
    None if no sheet takes `least` of the picture or more, or if it is all of it."""
    height, width = image.shape[:2]
    scale = max(1.0, max(height, width) / SIDE)
    size = max(1, round(width / scale)), max(1, round(height / scale))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (5, 5), 0)
    area = size[0] * size[1]
    best: Quad | None = None
    for outline in _outlines(grey):
        corners = _corners(outline)
        if corners is None:
            continue
        found = cv2.contourArea(corners)
        if least * area <= found < FULL * area:
            best, least = upright(corners), found / area
    if best is None or min(quad_size(best)) < 2:
        return None
    # An outline runs through the middles of its outermost pixels.
    middle = best.mean(axis=0)
    grown = best + 0.5 + 0.5 * np.sign(best - middle)
    return frozen_quad(grown * (width / size[0], height / size[1]))


def _outlines(grey: cv2.typing.MatLike) -> Iterator[NDArray[np.int32]]:
    """The outlines of bright areas, and of areas that edges enclose."""
    threshold, bright = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)
    edges = cv2.Canny(grey, threshold / 3, threshold)
    closed = cv2.morphologyEx(edges, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    for mask in (cv2.morphologyEx(bright, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)), closed):
        found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        yield from (np.asarray(one, np.int32) for one in found)


def _corners(outline: NDArray[np.int32]) -> NDArray[np.float32] | None:
    """The four corners of an outline, float32 (4, 2); None if it has not four sides."""
    hull = cv2.convexHull(outline)
    simple = cv2.approxPolyDP(hull, SIMPLER * cv2.arcLength(hull, True), True)
    if len(simple) != 4:
        return None
    if cv2.contourArea(outline) < FILLED * cv2.contourArea(simple):
        return None
    return _along_sides(hull, simple.reshape(4, 2).astype(np.float32))


def _along_sides(
    hull: cv2.typing.MatLike, corners: NDArray[np.float32]
) -> NDArray[np.float32] | None:
    """The corners where lines meet that are fitted to the sides: closer than those of an outline,
    whose own are often rounded. None if two sides are all but parallel."""
    points = hull.reshape(-1, 2).astype(np.float64)
    following = np.roll(corners, -1, axis=0)
    lines = [_line(points, a, b) for a, b in zip(corners, following, strict=True)]
    met = []
    for i, (px, py, dx, dy) in enumerate(lines):
        qx, qy, ex, ey = lines[i - 1]
        cross = dx * ey - dy * ex
        if abs(cross) < 1e-3:
            return None
        along = ((qx - px) * ey - (qy - py) * ex) / cross
        met.append((px + along * dx, py + along * dy))
    return np.array(met, np.float32)


def _line(
    points: NDArray[np.float64], a: NDArray[np.float32], b: NDArray[np.float32]
) -> tuple[float, float, float, float]:
    """The line through the points of a hull that lie along the side from `a` to `b`: a place on it
    and its direction."""
    side = (b - a).astype(np.float64)
    length = float(np.hypot(*side))
    away = np.abs((points - a) @ (side[1], -side[0])) / length
    along = (points - a) @ side / length**2
    near = points[(away < max(2.0, SIMPLER * length)) & (along > -0.02) & (along < 1.02)]
    dense = np.concatenate([near, [a, b]]) if len(near) < 2 else near
    dx, dy, x, y = cv2.fitLine(dense.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
    return float(x), float(y), float(dx), float(dy)
