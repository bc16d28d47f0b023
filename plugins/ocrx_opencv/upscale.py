"""Enlarges small pictures."""

from __future__ import annotations

import numpy as np

from ocrx.errors import InputError
from ocrx.types import Image
from ocrx_opencv.library import Matrix
from ocrx_opencv.retouch import Warp
from ocrx_opencv.settings import UpscaleOptions

LONGEST = 32_000
"""The longest side of a picture that OpenCV can warp, in pixels, rounded down."""


class Upscale(Warp):
    """Enlarges pictures (bicubic)."""

    name = "upscale"

    def __init__(self, options: UpscaleOptions) -> None:
        super().__init__(options.device)
        self._options = options

    def _moved(self, image: Image) -> tuple[Image, Matrix]:
        height, width = image.shape[:2]
        factor, below = self._options.factor, self._options.below
        size = (round(width * factor), round(height * factor))
        if size == (width, height) or (below and min(width, height) >= below):
            return image, np.eye(3)
        if max(size) > LONGEST:
            raise InputError(
                f"a picture of {width}x{height} pixels is too large to upscale {factor:g} times",
                "Give a smaller factor, or `below`, so that only small pictures are upscaled.",
            )
        back = np.diag([width / size[0], height / size[1], 1.0])
        return self._cv.get(self._cv.resized(self._cv.put(image), size)), back
