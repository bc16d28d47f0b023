"""OpenCV on a CUDA device, where it is built with the modules `cuda*` of opencv_contrib.

https://docs.opencv.org/4.x/d1/d1a/namespacecv_1_1cuda.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.errors import DeviceMissing, UsageError
from ocrx.types import Image
from ocrx_opencv.library import WARP, Change, Library, Matrix, Picture, is_affine

LARGEST = 31
"""The side in pixels of the largest kernel that `createGaussianFilter` takes."""


def open_cuda(cuda: Any, index: int) -> Cuda:
    """The device of that number. `cuda` is the module `cv2.cuda`. Raises DeviceMissing if OpenCV is
    built without CUDA, or sees no such device."""
    count = int(cuda.getCudaEnabledDeviceCount())
    if not hasattr(cuda, "cvtColor"):
        raise DeviceMissing(
            f"device=cuda:{index}: this OpenCV {cv2.__version__} is built without CUDA",
            "Leave out `device`, or build OpenCV and its opencv_contrib with -D WITH_CUDA=ON.",
        )
    if index >= count:
        seen = ", ".join(f"cuda:{i}" for i in range(count)) or "none"
        raise DeviceMissing(f"device=cuda:{index}: OpenCV sees no such device", f"It sees: {seen}.")
    return Cuda(cuda, index)


class Cuda(Library):
    """OpenCV on one CUDA device."""

    def __init__(self, cuda: Any, index: int) -> None:
        self.device = f"cuda:{index}"
        self._cuda = cuda
        self._index = index

    def put(self, image: Image) -> Picture:
        self._cuda.setDevice(self._index)  # holds for one thread only
        picture = self._cuda.GpuMat()
        picture.upload(np.ascontiguousarray(image))
        return picture

    def get(self, picture: Picture) -> Image:
        return np.asarray(picture.download(), np.uint8)

    def size(self, picture: Picture) -> tuple[int, int]:
        width, height = picture.size()
        return width, height

    def grey(self, picture: Picture) -> Picture:
        return self._cuda.cvtColor(picture, cv2.COLOR_RGB2GRAY)

    def rgb(self, grey: Picture) -> Picture:
        return self._cuda.cvtColor(grey, cv2.COLOR_GRAY2RGB)

    def with_lightness(self, picture: Picture, change: Change) -> Picture:
        light, *colours = self._cuda.split(self._cuda.cvtColor(picture, cv2.COLOR_RGB2YCrCb))
        changed = self._cuda.merge([change(light), *colours])
        return self._cuda.cvtColor(changed, cv2.COLOR_YCrCb2RGB)

    def blurred(self, picture: Picture, radius: float) -> Picture:
        size = round(radius * 6 + 1) | 1  # as on the processor
        return self._gaussian(picture, size, radius)

    def median(self, picture: Picture, size: int) -> Picture:
        channels = self._cuda.split(picture)  # the filter takes one at a time
        median = self._cuda.createMedianFilter(cv2.CV_8UC1, size)
        return self._cuda.merge([median.apply(channel) for channel in channels])

    def denoised(self, picture: Picture, strength: float, patch: int, search: int) -> Picture:
        return self._cuda.fastNlMeansDenoisingColored(
            picture, strength, strength, search_window=search, block_window=patch
        )

    def blend(self, a: Picture, weight: float, b: Picture, other: float) -> Picture:
        return self._cuda.addWeighted(a, weight, b, other, 0)

    def inverted(self, picture: Picture) -> Picture:
        return self._cuda.bitwise_not(picture)

    def equalized(self, grey: Picture) -> Picture:
        return self._cuda.equalizeHist(grey)

    def clahe(self, grey: Picture, clip: float, tiles: Sequence[int]) -> Picture:
        return self._cuda.createCLAHE(clip, tiles).apply(grey, self._cuda.Stream_Null())

    def otsu(self, grey: Picture) -> Picture:
        counts = self._cuda.calcHist(grey).download().ravel()
        return self._cuda.threshold(grey, otsu_threshold(counts), 255, cv2.THRESH_BINARY)[1]

    def adaptive(
        self, grey: Picture, method: Literal["gaussian", "mean"], size: int, offset: float
    ) -> Picture:
        if method == "mean":
            around = self._cuda.createBoxFilter(cv2.CV_8UC1, cv2.CV_8UC1, (size, size)).apply(grey)
        else:
            # The standard deviation that adaptiveThreshold takes for a square of this size.
            around = self._gaussian(grey, size, 0.3 * ((size - 1) * 0.5 - 1) + 0.8)
        lighter = self._cuda.subtract(grey, around, dtype=cv2.CV_32F)
        ink = self._cuda.threshold(lighter, -offset, 255, cv2.THRESH_BINARY)[1]
        return ink.convertTo(cv2.CV_8U)

    def warped(self, picture: Picture, back: Matrix, size: Sequence[int]) -> Picture:
        how = {"flags": WARP, "borderMode": cv2.BORDER_REPLICATE}
        if is_affine(back):
            return self._cuda.warpAffine(picture, back[:2], size, **how)
        return self._cuda.warpPerspective(picture, back, size, **how)

    def resized(self, picture: Picture, size: Sequence[int]) -> Picture:
        return self._cuda.resize(picture, size, interpolation=cv2.INTER_CUBIC)

    def _gaussian(self, picture: Picture, size: int, radius: float) -> Picture:
        if size > LARGEST:
            raise UsageError(
                f"a Gaussian of {size} pixels is too large for {self.device}, where OpenCV takes "
                f"at most {LARGEST}",
                "Give a smaller radius or size, or leave out `device`.",
            )
        kind = picture.type()
        return self._cuda.createGaussianFilter(
            kind, kind, (size, size), radius, radius, cv2.BORDER_REPLICATE, cv2.BORDER_REPLICATE
        ).apply(picture)


def otsu_threshold(counts: NDArray[np.integer]) -> float:
    """The grey level that parts a histogram of 256 levels into two groups that differ most
    (N. Otsu, "A threshold selection method from gray-level histograms", 1979). The second group
    lies above it."""
    shares = counts / counts.sum()
    below = np.cumsum(shares)
    mean = np.cumsum(shares * np.arange(256))
    apart = below * (1 - below)
    between = (mean[-1] * below - mean) ** 2 / np.where(apart > 1e-9, apart, np.inf)
    return float(between.argmax())
