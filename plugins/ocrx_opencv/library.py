"""OpenCV as the preprocessors use it: the same operations on the processor and on a CUDA device."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.types import Image

Picture: TypeAlias = Any
"""A picture where the library works on it: an array of uint8, or a matrix on its device. It has
three channels (RGB) or, if it is grey, one."""

Matrix: TypeAlias = NDArray[np.float64]
Change: TypeAlias = Callable[[Picture], Picture]

WARP = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
"""How pictures are warped: `back` leads from the new one to the given one."""


class Library(ABC):
    """The operations of OpenCV on one device. Pictures stay on it until they are taken back."""

    device: str
    """"cpu" or "cuda:N"."""

    @abstractmethod
    def put(self, image: Image) -> Picture:
        """The picture, brought to the device. It must not be changed in place."""

    @abstractmethod
    def get(self, picture: Picture) -> Image:
        """The RGB picture, brought back: uint8 (H, W, 3)."""

    @abstractmethod
    def size(self, picture: Picture) -> tuple[int, int]:
        """Width and height in pixels."""

    @abstractmethod
    def grey(self, picture: Picture) -> Picture:
        """RGB in shades of grey."""

    @abstractmethod
    def rgb(self, grey: Picture) -> Picture:
        """Grey as RGB."""

    @abstractmethod
    def with_lightness(self, picture: Picture, change: Change) -> Picture:
        """RGB whose lightness (Y of YCrCb), a grey picture, is changed; its colours stay."""

    @abstractmethod
    def blurred(self, picture: Picture, radius: float) -> Picture:
        """Blurred by a Gaussian with a standard deviation of `radius` pixels."""

    @abstractmethod
    def median(self, picture: Picture, size: int) -> Picture:
        """The median of each channel in the square of `size` pixels around each pixel."""

    @abstractmethod
    def denoised(self, picture: Picture, strength: float, patch: int, search: int) -> Picture:
        """RGB after non-local means."""

    @abstractmethod
    def blend(self, a: Picture, weight: float, b: Picture, other: float) -> Picture:
        """`a` times `weight` plus `b` times `other`, cut off at 0 and 255."""

    @abstractmethod
    def inverted(self, picture: Picture) -> Picture:
        """255 minus each value."""

    @abstractmethod
    def equalized(self, grey: Picture) -> Picture:
        """Grey with an even histogram."""

    @abstractmethod
    def clahe(self, grey: Picture, clip: float, tiles: Sequence[int]) -> Picture:
        """Grey after contrast limited adaptive histogram equalisation, in (x, y) tiles."""

    @abstractmethod
    def otsu(self, grey: Picture) -> Picture:
        """255 above the threshold of Otsu, 0 below."""

    @abstractmethod
    def adaptive(
        self, grey: Picture, method: Literal["gaussian", "mean"], size: int, offset: float
    ) -> Picture:
        """0 where a pixel is darker by `offset` or more than the mean of the square of `size`
        pixels around it, else 255."""

    @abstractmethod
    def warped(self, picture: Picture, back: Matrix, size: Sequence[int]) -> Picture:
        """A picture of `size` (width, height). `back` is the homography from the centres of its
        pixels to those of the given one, whose edge is repeated around it."""

    @abstractmethod
    def resized(self, picture: Picture, size: Sequence[int]) -> Picture:
        """Scaled to `size` (width, height), bicubic."""


def is_affine(matrix: Matrix) -> bool:
    """Whether a homography keeps parallel lines parallel."""
    return bool((matrix[2] == (0, 0, 1)).all())
