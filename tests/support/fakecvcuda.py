"""`cv2.cuda` without a card: the functions that ocrx_opencv calls, and as strict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np

DEVICES = 2
LARGEST = 32
"""The side of the largest kernel of a Gaussian filter."""


class GpuMat:
    """A matrix that only functions of this module take."""

    def __init__(self, array: Any = None) -> None:
        self._array = array

    def upload(self, array: Any) -> None:
        assert array.flags.c_contiguous
        self._array = array.copy()

    def download(self) -> Any:
        return self._array.copy()

    def size(self) -> tuple[int, int]:
        height, width = self._array.shape[:2]
        return width, height

    def type(self) -> int:
        return cv2.CV_8UC1 if self._array.ndim == 2 else cv2.CV_8UC3

    def _converted(self, kind: int) -> GpuMat:
        assert kind == cv2.CV_8U
        return GpuMat(np.clip(np.rint(self._array), 0, 255).astype(np.uint8))

    def __getattr__(self, name: str) -> Any:
        return {"convertTo": self._converted}[name]


class Filter:
    def __init__(self, kind: int, function: Callable[[Any], Any]) -> None:
        self._kind, self._function = kind, function

    def apply(self, picture: GpuMat) -> GpuMat:
        assert picture.type() == self._kind
        return GpuMat(self._function(picture._array))


class Clahe:
    def __init__(self, clip: float, tiles: Sequence[int]) -> None:
        self._clahe = cv2.createCLAHE(clip, tiles)

    def apply(self, grey: GpuMat, stream: object) -> GpuMat:
        assert (grey.type(), stream) == (cv2.CV_8UC1, STREAM)
        return GpuMat(self._clahe.apply(grey._array))


STREAM = object()


def _on_card(function: Callable[..., Any]) -> Callable[..., GpuMat]:
    """A function of `cv2` as one of `cv2.cuda`."""

    def call(*pictures: Any, **named: Any) -> GpuMat:
        assert isinstance(pictures[0], GpuMat)
        taken = [one._array if isinstance(one, GpuMat) else one for one in pictures]
        return GpuMat(function(*taken, **named))

    return call


def _gaussian(
    kind: int, out: int, size: tuple[int, int], one: float, other: float, *borders: int
) -> Filter:
    assert kind == out
    assert size[0] % 2 == 1
    assert max(size) <= LARGEST
    assert borders == (cv2.BORDER_REPLICATE,) * 2
    edge = cv2.BORDER_REPLICATE
    return Filter(kind, lambda array: cv2.GaussianBlur(array, size, one, None, other, edge))


def fake_cuda() -> Any:
    """The module. It counts the calls of `setDevice` in `devices`."""
    devices: list[int] = []

    def median(kind: int, size: int) -> Filter:
        assert kind == cv2.CV_8UC1
        return Filter(kind, lambda array: cv2.medianBlur(array, size))

    def box(kind: int, out: int, size: tuple[int, int]) -> Filter:
        return Filter(kind, lambda array: cv2.blur(array, size, borderType=cv2.BORDER_REPLICATE))

    def threshold(picture: GpuMat, level: float, most: float, kind: int) -> tuple[float, GpuMat]:
        return level, GpuMat(cv2.threshold(picture._array, level, most, kind)[1])

    def denoise(
        picture: GpuMat, h: float, colour: float, *, search_window: int, block_window: int
    ) -> GpuMat:
        return GpuMat(
            cv2.fastNlMeansDenoisingColored(
                picture._array, None, h, colour, block_window, search_window
            )
        )

    return SimpleNamespace(
        devices=devices,
        GpuMat=GpuMat,
        Stream_Null=lambda: STREAM,
        setDevice=devices.append,
        getCudaEnabledDeviceCount=lambda: DEVICES,
        cvtColor=_on_card(cv2.cvtColor),
        split=lambda picture: [GpuMat(one) for one in cv2.split(picture._array)],
        merge=lambda parts: GpuMat(cv2.merge([one._array for one in parts])),
        createMedianFilter=median,
        createGaussianFilter=_gaussian,
        createBoxFilter=box,
        createCLAHE=Clahe,
        fastNlMeansDenoisingColored=denoise,
        addWeighted=_on_card(cv2.addWeighted),
        bitwise_not=_on_card(cv2.bitwise_not),
        equalizeHist=_on_card(cv2.equalizeHist),
        calcHist=lambda grey: GpuMat(np.bincount(grey._array.ravel(), minlength=256)[None]),
        threshold=threshold,
        subtract=_on_card(cv2.subtract),
        warpAffine=_on_card(cv2.warpAffine),
        warpPerspective=_on_card(cv2.warpPerspective),
        resize=_on_card(cv2.resize),
    )
