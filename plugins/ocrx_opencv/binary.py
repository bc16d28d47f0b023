"""Preprocessors that leave black and white."""

from __future__ import annotations

from ocrx_opencv.library import Picture
from ocrx_opencv.retouch import Retouch
from ocrx_opencv.settings import AdaptiveOptions, Options


class Otsu(Retouch):
    """Black and white, by the one threshold for the whole picture that parts its shades best."""

    name = "otsu"

    def __init__(self, options: Options) -> None:
        super().__init__(options.device)

    def _retouch(self, picture: Picture) -> Picture:
        return self._cv.rgb(self._cv.otsu(self._cv.grey(picture)))


class Adaptive(Retouch):
    """Black and white, by a threshold that follows the light from place to place."""

    name = "adaptive"

    def __init__(self, options: AdaptiveOptions) -> None:
        super().__init__(options.device)
        self._options = options

    def _retouch(self, picture: Picture) -> Picture:
        options = self._options
        grey = self._cv.grey(picture)
        return self._cv.rgb(self._cv.adaptive(grey, options.method, options.size, options.offset))
