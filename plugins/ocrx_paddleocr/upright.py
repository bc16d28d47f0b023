"""Turns pages upright before they are read, with a network that looks at the whole page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocrx.interfaces.components import Orienter, Preprocessor
from ocrx.page.geometry import turn_back
from ocrx.types import Image
from ocrx_paddleocr.settings import UprightOptions


class Upright(Preprocessor):
    """Turns a page by 90, 180 or 270 degrees if the orienter is sure that it is not upright."""

    def __init__(self, orienter: Orienter, options: UprightOptions) -> None:
        self.thread_safe = orienter.thread_safe
        self.used = orienter.used
        self._orienter = orienter
        self._sure = options.sure

    def apply(self, images: Sequence[Image]) -> list[tuple[Image, NDArray[np.float64]]]:
        found = self._orienter.orient(images)
        quarters = [one.degrees // 90 if one.score >= self._sure else 0 for one in found]
        return [_turned(image, turn) for image, turn in zip(images, quarters, strict=True)]

    def close(self) -> None:
        self._orienter.close()


def _turned(image: Image, quarters: int) -> tuple[Image, NDArray[np.float64]]:
    height, width = image.shape[:2]
    upright = np.ascontiguousarray(np.rot90(image, quarters))
    return upright, turn_back(height, width, quarters)
