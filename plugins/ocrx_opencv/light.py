"""Preprocessors that change shades and leave everything where it is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.interfaces import Preprocessor
from ocrx.types import Image
from ocrx_opencv.settings import ContrastOptions, DenoiseOptions, InvertOptions, SharpenOptions

SAMPLE = 400
"""Whether text is light on dark is seen in a picture reduced to this longer side, in pixels."""


class Retouch(Preprocessor):
    """One picture at a time, nothing moved."""

    thread_safe = True

    def apply(self, images: Sequence[Image]) -> list[tuple[Image, NDArray[np.float64]]]:
        return [(np.asarray(self._retouch(image), np.uint8), np.eye(3)) for image in images]

    @abstractmethod
    def _retouch(self, image: Image) -> NDArray[np.generic]:
        """The new picture, of the same size."""


class Contrast(Retouch):
    """More contrast where there is little, in the lightness alone: colours stay what they are."""

    def __init__(self, options: ContrastOptions) -> None:
        self._options = options

    def _retouch(self, image: Image) -> NDArray[np.generic]:
        lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
        tiles = self._options.tiles
        # Made for each call: one such object cannot serve two threads.
        clahe = cv2.createCLAHE(self._options.clip, (tiles, tiles))
        lab[..., 0] = clahe.apply(np.ascontiguousarray(lab[..., 0]))
        return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)


class Denoise(Retouch):
    def __init__(self, options: DenoiseOptions) -> None:
        self._options = options

    def _retouch(self, image: Image) -> NDArray[np.generic]:
        if self._options.method == "median":
            return cv2.medianBlur(np.ascontiguousarray(image), 3)
        strength = self._options.strength
        return cv2.fastNlMeansDenoisingColored(
            np.ascontiguousarray(image), None, strength, strength, 7, 15
        )


class Sharpen(Retouch):
    def __init__(self, options: SharpenOptions) -> None:
        self._options = options

    def _retouch(self, image: Image) -> NDArray[np.generic]:
        amount = self._options.amount
        blurred = cv2.GaussianBlur(image, (0, 0), self._options.radius)
        return cv2.addWeighted(image, 1 + amount, blurred, -amount, 0)


class Invert(Retouch):
    def __init__(self, options: InvertOptions) -> None:
        self._options = options

    def _retouch(self, image: Image) -> NDArray[np.generic]:
        return 255 - image if self._options.when == "always" or is_dark(image) else image


def is_dark(image: Image) -> bool:
    """Whether text is lighter than what it stands on: ink is the smaller part of a picture."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    scale = SAMPLE / max(grey.shape)
    if scale < 1:
        size = [max(1, round(side * scale)) for side in grey.shape[::-1]]
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    threshold, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)
    return bool(np.mean(grey > threshold) < 0.5) and bool(grey.min() < grey.max())
