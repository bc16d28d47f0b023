"""Turns pictures so that their text runs level."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.interfaces.components import Preprocessor
from ocrx.types import Image
from ocrx_opencv.angle import text_angle
from ocrx_opencv.settings import DeskewOptions

Matrix = NDArray[np.float64]


class Deskew(Preprocessor):
    """Turns tilted pictures. One whose text is already level is returned as it is.

    `lines` says that each picture is an upright box around a tilted line of text. The new picture
    is then cut down to the line.
    """

    thread_safe = True

    def __init__(self, options: DeskewOptions, *, lines: bool = False) -> None:
        self._options = options
        self._lines = lines

    def apply(self, images: Sequence[Image]) -> list[tuple[Image, Matrix]]:
        return [self._level(image) for image in images]

    def _level(self, image: Image) -> tuple[Image, Matrix]:
        height, width = image.shape[:2]
        angle = text_angle(image, self._options.max_angle)
        size = (size_inside if self._lines else size_around)(width, height, angle)
        if abs(angle) < self._options.min_angle or min(size) < 1:
            return image, np.eye(3)
        return turned_back(image, angle, size)


def size_around(width: int, height: int, angle: float) -> tuple[int, int]:
    """Width and height of the upright box around a picture of that size that is turned by `angle`
    degrees."""
    cos, sin = math.cos(math.radians(angle)), abs(math.sin(math.radians(angle)))
    return math.ceil(width * cos + height * sin), math.ceil(height * cos + width * sin)


def size_inside(width: int, height: int, angle: float) -> tuple[int, int]:
    """Width and height of the rectangle whose upright box, once it is turned by `angle` degrees
    (less than 45), is a picture of that size. Below 1 if there is no such rectangle."""
    cos, sin = math.cos(math.radians(angle)), abs(math.sin(math.radians(angle)))
    scale = cos * cos - sin * sin
    return round((width * cos - height * sin) / scale), round((height * cos - width * sin) / scale)


def turned_back(image: Image, angle: float, size: tuple[int, int]) -> tuple[Image, Matrix]:
    """The picture turned anticlockwise by `angle` degrees about its middle, and the homography
    from pixels of the new picture to those of the given one.

    The new picture has `size` (width, height). If that is larger, the edge is repeated around it.
    """
    height, width = image.shape[:2]
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    back = _shift(width / 2, height / 2) @ turn @ _shift(-size[0] / 2, -size[1] / 2)
    # OpenCV counts from the middle of the first pixel, the homography from its corner.
    matrix = _shift(-0.5, -0.5) @ back @ _shift(0.5, 0.5)
    level = cv2.warpAffine(
        image,
        matrix[:2],
        size,
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(level, dtype=np.uint8), back


def _shift(x: float, y: float) -> Matrix:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], dtype=np.float64)
