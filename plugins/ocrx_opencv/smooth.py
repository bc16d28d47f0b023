"""Preprocessors that smooth or sharpen."""

from __future__ import annotations

from ocrx_opencv.library import Picture
from ocrx_opencv.retouch import Retouch
from ocrx_opencv.settings import DenoiseOptions, GaussianOptions, MedianOptions, SharpenOptions


class Gaussian(Retouch):
    """Blurs, which smooths the grain of a photograph and the dots of a print."""

    name = "gaussian"

    def __init__(self, options: GaussianOptions) -> None:
        super().__init__(options.device)
        self._options = options

    def _retouch(self, picture: Picture) -> Picture:
        return self._cv.blurred(picture, self._options.radius)


class Median(Retouch):
    """Replaces each pixel by the median of those around it. This removes specks and keeps edges."""

    name = "median"

    def __init__(self, options: MedianOptions) -> None:
        super().__init__(options.device)
        self._options = options

    def _retouch(self, picture: Picture) -> Picture:
        return self._cv.median(picture, self._options.size)


class Denoise(Retouch):
    """Averages places that look alike, so that noise goes and strokes stay (A. Buades, B. Coll,
    J.-M. Morel, "A non-local algorithm for image denoising", CVPR 2005)."""

    name = "denoise"

    def __init__(self, options: DenoiseOptions) -> None:
        super().__init__(options.device)
        self._options = options

    def _retouch(self, picture: Picture) -> Picture:
        options = self._options
        return self._cv.denoised(picture, options.strength, options.patch, options.search)


class Sharpen(Retouch):
    """Adds what a Gaussian blur takes away (unsharp mask)."""

    name = "sharpen"

    def __init__(self, options: SharpenOptions) -> None:
        super().__init__(options.device)
        self._options = options

    def _retouch(self, picture: Picture) -> Picture:
        amount = self._options.amount
        blurred = self._cv.blurred(picture, self._options.radius)
        return self._cv.blend(picture, 1 + amount, blurred, -amount)
