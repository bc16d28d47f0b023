"""Finds the lines of a picture: encoding, the network, and the boxes in its map."""

import math
from typing import Any, Dict, List, Tuple

import cv2
import numpy as np

from ocrx_bundle.device.engines import Array, Engine
from ocrx_bundle.device.lines import numbers

MIN_SIDE = 3.0
"""Thinner blobs are noise, in pixels of the map."""

TALL = 1.5
"""A box at least this many times as tall as wide holds text that runs down."""


class BoxFinder:
    """A DB detector (Liao et al., 2020). `about` is its part of bundle.json."""

    def __init__(self, engine: Engine, about: Dict[str, Any]) -> None:
        self.engine = engine
        self._about = about

    def find(self, picture: Array) -> List[Array]:
        """The quads of the lines in a picture, RGB uint8 (H, W, 3): each float64 (4, 2), corners
        clockwise from the text's own top left, row by row."""
        height, width = picture.shape[:2]
        shape = input_shape(height, width, self._about)
        small = shape[0] < height / 2 or shape[1] < width / 2
        how = cv2.INTER_AREA if small else cv2.INTER_LINEAR
        resized = cv2.resize(picture, shape[::-1], interpolation=how)
        feed = numbers(resized, self._about["pixels"])[None]
        quads = boxes(self.engine.run(feed)[0, 0], (height, width), self._about)
        return in_rows([along_text(quad) for quad in quads])


def input_shape(height: int, width: int, about: Dict[str, Any]) -> Tuple[int, int]:
    """The (height, width) of the network's input for a picture of that size."""
    scale = min(about["max_enlarge"], max(1.0, about["min_side"] / min(height, width)))
    scale = min(scale, about["max_side"] / max(height, width))
    stride, most = about["stride"], about["max_side"] // about["stride"]
    down, across = (
        min(max(1, round(side * scale / stride)), most) * stride for side in (height, width)
    )
    return down, across


def boxes(probability: Array, size: Tuple[int, int], about: Dict[str, Any]) -> List[Array]:
    """The quads of the text in a map (H, W) that lies over a picture of `size`, in its pixels."""
    height, width = size
    scale = np.array([width / probability.shape[1], height / probability.shape[0]])
    mask = (probability > about["threshold"]).astype(np.uint8)
    mask = cv2.dilate(mask, np.ones((2, 2), np.uint8))
    contours = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[-2]
    found = []
    for contour in contours:
        centre, sides, angle = cv2.minAreaRect(contour)
        if min(sides) < MIN_SIDE:
            continue
        inside = mean_inside(probability, cv2.boxPoints((centre, sides, angle)))
        if inside < about["box_threshold"]:
            continue
        grow = sides[0] * sides[1] * about["unclip_ratio"] / (sides[0] + sides[1])
        grown = sides[0] + grow, sides[1] + grow
        corners = np.rint(cv2.boxPoints((centre, grown, angle)).astype(np.float64) * scale)
        quad = np.clip(upright(corners), 0, (width, height))
        if min(quad_size(quad)) > MIN_SIDE:
            found.append(quad)
    return found


def mean_inside(probability: Array, box: Array) -> float:
    """The mean of the map inside a box (4, 2)."""
    bottom, right = probability.shape[0] - 1, probability.shape[1] - 1
    across, down = box.T.tolist()
    left, top = max(0, math.floor(min(across))), max(0, math.floor(min(down)))
    window = probability[
        min(top, bottom) : min(bottom, math.ceil(max(down))) + 1,
        min(left, right) : min(right, math.ceil(max(across))) + 1,
    ]
    mask = np.zeros(window.shape, dtype=np.uint8)
    cv2.fillPoly(mask, [(box - (left, top)).astype(np.int32)], (1,))
    return float(cv2.mean(np.ascontiguousarray(window), mask)[0])


def upright(corners: Array) -> Array:
    """The corners of a box clockwise, from the side on that points most to the right."""
    x, y = corners.T
    if np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) < 0:
        corners = corners[::-1]
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.maximum(np.hypot(sides[:, 0], sides[:, 1]), 1e-9)
    return np.roll(corners, -int(np.argmax(sides[:, 0] / lengths)), axis=0)


def quad_size(quad: Array) -> Tuple[float, float]:
    """The width and height of a quad: of opposite sides, the longer one."""
    top, right, bottom, left = np.hypot(*(np.roll(quad, -1, axis=0) - quad).T).tolist()
    return max(top, bottom), max(left, right)


def along_text(quad: Array) -> Array:
    """An upright box as the quad of the text in it."""
    width, height = quad_size(quad)
    return np.roll(quad, -1, axis=0) if height >= TALL * width else quad


def cut(picture: Array, quad: Array) -> Array:
    """The content of a quad with its text upright, RGB uint8."""
    width, height = (max(1, round(side)) for side in quad_size(quad))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    start = np.rint(quad[0]).astype(int)
    if np.array_equal(quad - quad[0], target) and (start >= 0).all():
        part = picture[start[1] : start[1] + height, start[0] : start[0] + width]
        if part.shape[:2] == (height, width):
            return part
    half = np.float32(0.5)
    source = np.ascontiguousarray(quad.astype(np.float32) - half)
    return cv2.warpPerspective(
        picture,
        cv2.getPerspectiveTransform(source, target - half),
        (width, height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )


def in_rows(quads: List[Array]) -> List[Array]:
    """The quads from the top down, and in each row from left to right. A quad belongs to a row if
    it lies within half the height of the row's last quad."""
    rows: List[List[Array]] = []
    for quad in sorted(quads, key=lambda one: float(one[:, 0].min())):
        middle, height = quad[:, 1].mean(), quad_size(quad)[1]
        near = [r for r in rows if abs(r[-1][:, 1].mean() - middle) < max(height, 1) / 2]
        if near:
            min(near, key=lambda r: abs(r[-1][:, 1].mean() - middle)).append(quad)
        else:
            rows.append([quad])
    rows.sort(key=lambda row: float(np.mean([quad[:, 1].mean() for quad in row])))
    return [quad for row in rows for quad in row]
