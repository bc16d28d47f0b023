"""A NetworkModel without a fault, on the toy network LINE: what its mutants are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.artifacts import Axis
from ocrx.interfaces.networks import NetworkModel
from ocrx.testing import LINE
from ocrx.types import Batch, Image, Tensor, Text

HEIGHT = 8
WIDTHS = Axis(8, 32, 256, 8)


class SoundModel(NetworkModel[Text]):
    """Reads a stroke for each run of columns in which the network sees something."""

    max_batch = 4

    def __init__(self) -> None:
        self.spec = LINE.spec()

    def shape(self, height: int, width: int) -> tuple[int, int]:
        return HEIGHT, WIDTHS.bucket(width * HEIGHT / height)

    def encode(self, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
        rows = [self.row(image, shape) for image in images]
        return Batch({"picture": np.stack(rows)[:, None]}, [None] * len(images))

    def row(self, image: Image, shape: tuple[int, int]) -> NDArray[np.float32]:
        """How dark each pixel of the network's input is."""
        small = cv2.resize(image, shape[::-1], interpolation=cv2.INTER_AREA)
        dark: NDArray[np.float32] = 1 - small.mean(axis=2, dtype=np.float32) / 255
        return dark

    def decode(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[Any]:
        return [self.one(seen) for seen in outputs["scores"].max(axis=2)]

    def one(self, seen: NDArray[np.float32]) -> Any:
        edges = np.diff(seen > 0.02, prepend=False, append=False)
        return Text.uniform("|" * (np.count_nonzero(edges) // 2), 0.9)


def strokes(count: int) -> Image:
    """A light crop with so many dark strokes."""
    crop = np.full((24, 160, 3), 255, np.uint8)
    for number in range(count):
        crop[:, 12 + 36 * number : 18 + 36 * number] = 0
    return crop
