"""Turns pictures so that their text runs level."""

from __future__ import annotations

import math

import numpy as np

from ocrx.types import Image
from ocrx_opencv.angle import text_angle
from ocrx_opencv.library import Matrix
from ocrx_opencv.retouch import Warp, shift
from ocrx_opencv.settings import DeskewOptions


class Deskew(Warp):
    """Turns tilted pictures. One whose text is already level is returned as it is.

    `lines` says that each picture is an upright box around a tilted line of text. The new picture
    is then cut down to the line.
    """

    name = "deskew"

    def __init__(self, options: DeskewOptions, *, lines: bool = False) -> None:
        super().__init__(options.device)
        self._options = options
        self._lines = lines

    def _moved(self, image: Image) -> tuple[Image, Matrix]:
        height, width = image.shape[:2]
        angle = text_angle(image, self._options.max_angle)
        size = (size_inside if self._lines else size_around)(width, height, angle)
        if abs(angle) < self._options.min_angle or min(size) < 1:
            return image, np.eye(3)
        return self._warped(image, turn_about_middle((width, height), angle, size), size)


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


def turn_about_middle(old: tuple[int, int], angle: float, new: tuple[int, int]) -> Matrix:
    """The homography from the pixels of a picture that was turned anticlockwise by `angle` degrees
    about its middle, to those of the given one. Sizes are (width, height)."""
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    back: Matrix = shift(old[0] / 2, old[1] / 2) @ turn @ shift(-new[0] / 2, -new[1] / 2)
    return back
