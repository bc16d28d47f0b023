"""The bases of preprocessors: those that change the values of pixels, and those that move them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ocrx.interfaces.components import Preprocessor
from ocrx.types import Image, Used
from ocrx_opencv.devices import library
from ocrx_opencv.library import Library, Matrix, Picture


class OpenCV(Preprocessor):
    """A preprocessor that runs in OpenCV, on the device of its options."""

    name: ClassVar[str]
    """The name that it is registered under."""

    thread_safe = True

    def __init__(self, device: str) -> None:
        self._cv: Library = library(device)
        self.used = (Used("preprocessing", self.name, "opencv", self._cv.device, "none"),)


class Retouch(OpenCV):
    """Changes one picture at a time, and moves no pixel."""

    def apply(self, images: Sequence[Image]) -> list[tuple[Image, Matrix]]:
        return [(self._changed(image), np.eye(3)) for image in images]

    def _changed(self, image: Image) -> Image:
        return self._cv.get(self._retouch(self._cv.put(image)))

    @abstractmethod
    def _retouch(self, picture: Picture) -> Picture:
        """The new RGB picture, of the same size, of an RGB picture."""


class Warp(OpenCV):
    """Moves the pixels of one picture at a time, or leaves it as it is."""

    def apply(self, images: Sequence[Image]) -> list[tuple[Image, Matrix]]:
        return [self._moved(image) for image in images]

    @abstractmethod
    def _moved(self, image: Image) -> tuple[Image, Matrix]:
        """The new picture, and the homography from its pixels to those of the given one."""

    def _warped(self, image: Image, back: Matrix, size: Sequence[int]) -> tuple[Image, Matrix]:
        """The picture of `size` (width, height) from whose pixels `back` leads to the given
        one's, whose edge is repeated around it."""
        # OpenCV counts from the middle of the first pixel, homographies from its corner.
        middles = shift(-0.5, -0.5) @ back @ shift(0.5, 0.5)
        return self._cv.get(self._cv.warped(self._cv.put(image), middles, size)), back


def shift(x: float, y: float) -> Matrix:
    """The homography that moves everything by so many pixels."""
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], dtype=np.float64)
