"""Pages turned so that their text runs level."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.interfaces import Preprocessor
from ocrx.types import Image
from ocrx_opencv.angle import text_angle
from ocrx_opencv.settings import DeskewOptions

Matrix = NDArray[np.float64]


class Deskew(Preprocessor):
    """A picture whose text is level already comes back as it is."""

    thread_safe = True

    def __init__(self, options: DeskewOptions) -> None:
        self._options = options

    def apply(self, images: Sequence[Image]) -> list[tuple[Image, Matrix]]:
        return [self._level(image) for image in images]

    def _level(self, image: Image) -> tuple[Image, Matrix]:
        angle = text_angle(image, self._options.max_angle)
        return (
            turned_back(image, angle) if abs(angle) >= self._options.min_angle else unmoved(image)
        )


def unmoved(image: Image) -> tuple[Image, Matrix]:
    return image, np.eye(3)


def turned_back(image: Image, angle: float) -> tuple[Image, Matrix]:
    """The picture turned anticlockwise by `angle` degrees, large enough to lose nothing, its edge
    repeated around it; and the homography from its pixels to those of the given one."""
    height, width = image.shape[:2]
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    new_width = math.ceil(width * cos + height * abs(sin))
    new_height = math.ceil(height * cos + width * abs(sin))
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    back = _shift(width / 2, height / 2) @ turn @ _shift(-new_width / 2, -new_height / 2)
    # OpenCV counts from the middle of the first pixel, the homography from its corner.
    matrix = _shift(-0.5, -0.5) @ back @ _shift(0.5, 0.5)
    level = cv2.warpAffine(
        image,
        matrix[:2],
        (new_width, new_height),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(level, dtype=np.uint8), back


def _shift(x: float, y: float) -> Matrix:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], dtype=np.float64)
