"""OpenCV on the processor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np

from ocrx.types import Image
from ocrx_opencv.library import WARP, Change, Library, Matrix, Picture, is_affine


class Processor(Library):
    """OpenCV on the processor."""

    device = "cpu"

    def put(self, image: Image) -> Picture:
        return np.ascontiguousarray(image)

    def get(self, picture: Picture) -> Image:
        return np.asarray(picture, np.uint8)

    def size(self, picture: Picture) -> tuple[int, int]:
        height, width = picture.shape[:2]
        return width, height

    def grey(self, picture: Picture) -> Picture:
        return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)

    def rgb(self, grey: Picture) -> Picture:
        return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)

    def with_lightness(self, picture: Picture, change: Change) -> Picture:
        parts = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)
        cv2.insertChannel(change(cv2.extractChannel(parts, 0)), parts, 0)
        return cv2.cvtColor(parts, cv2.COLOR_YCrCb2RGB, dst=parts)

    def blurred(self, picture: Picture, radius: float) -> Picture:
        return cv2.GaussianBlur(picture, (0, 0), radius)

    def median(self, picture: Picture, size: int) -> Picture:
        return cv2.medianBlur(picture, size)

    def denoised(self, picture: Picture, strength: float, patch: int, search: int) -> Picture:
        return cv2.fastNlMeansDenoisingColored(picture, None, strength, strength, patch, search)

    def blend(self, a: Picture, weight: float, b: Picture, other: float) -> Picture:
        return cv2.addWeighted(a, weight, b, other, 0)

    def inverted(self, picture: Picture) -> Picture:
        return cv2.bitwise_not(picture)

    def equalized(self, grey: Picture) -> Picture:
        return cv2.equalizeHist(grey)

    def clahe(self, grey: Picture, clip: float, tiles: Sequence[int]) -> Picture:
        # Made for each call: one such object cannot serve two threads.
        return cv2.createCLAHE(clip, tiles).apply(grey)

    def otsu(self, grey: Picture) -> Picture:
        return cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)[1]

    def adaptive(
        self, grey: Picture, method: Literal["gaussian", "mean"], size: int, offset: float
    ) -> Picture:
        mean = method == "mean"
        kind = cv2.ADAPTIVE_THRESH_MEAN_C if mean else cv2.ADAPTIVE_THRESH_GAUSSIAN_C
        return cv2.adaptiveThreshold(grey, 255, kind, cv2.THRESH_BINARY, size, offset)

    def warped(self, picture: Picture, back: Matrix, size: Sequence[int]) -> Picture:
        if is_affine(back):
            return cv2.warpAffine(picture, back[:2], size, None, WARP, cv2.BORDER_REPLICATE)
        return cv2.warpPerspective(picture, back, size, None, WARP, cv2.BORDER_REPLICATE)

    def resized(self, picture: Picture, size: Sequence[int]) -> Picture:
        return cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
