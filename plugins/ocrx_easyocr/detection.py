"""EasyOCR's detection: CRAFT, whose maps say where characters and the gaps between them are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from ocrx.artifacts import ModelSpec
from ocrx.interfaces.networks import MapModel
from ocrx.types import Batch, Image, Region, Tensor
from ocrx_easyocr.boxes import Thresholds, word_boxes
from ocrx_easyocr.grouping import lines_of
from ocrx_easyocr.settings import DetectionOptions

STRIDE = 32
MAP_STRIDE = 2

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
"""Of the colours red, green and blue (`normalizeMeanVariance`)."""

TILE_PIXELS = 1_800_000
"""A larger input is searched in tiles, since the network takes some 800 bytes per pixel in fp32."""

MARGIN = 128
"""How far CRAFT looks around a pixel for most of what it says of it."""

LARGE_PIXELS = 600_000
"""After a larger input, the runtime frees its memory before lines are read."""


class EasyOcrDetection(MapModel):
    """From pictures to maps of text and links, and from these to lines.

    The input is float32 (N, 3, H, W), RGB as `(pixel / 255 - mean) / std`, with H and W multiples
    of 32. The picture is at the top left; the rest is black. The output is float32 (N, 2, H / 2,
    W / 2).
    """

    stride = STRIDE
    tile_area = TILE_PIXELS
    margin = MARGIN
    large_area = LARGE_PIXELS

    def __init__(self, spec: ModelSpec, options: DetectionOptions) -> None:
        self.spec = spec
        self._options = options
        self._input = next(iter(spec.shapes))
        self._thresholds = Thresholds(
            options.text_threshold, options.low_text, options.link_threshold
        )

    def shape(self, height: int, width: int) -> tuple[int, int]:
        """The size in which the picture is seen; `encode` pads it to multiples of 32."""
        scale = self._scale(height, width)
        return max(1, int(height * scale)), max(1, int(width * scale))

    def _scale(self, height: int, width: int) -> float:
        longer = max(height, width)
        return min(self._options.mag_ratio * longer, self._options.canvas_size) / longer

    def encode(self, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
        height, width = (math.ceil(side / STRIDE) * STRIDE for side in shape)
        padded = np.zeros((len(images), height, width, 3), np.uint8)
        for row, image in zip(padded, images, strict=True):
            row[: shape[0], : shape[1]] = cv2.resize(image, shape[::-1])
        parameters = cv2.dnn.Image2BlobParams(
            tuple(1 / (255 * std) for std in STD),
            (width, height),
            tuple(255 * mean for mean in MEAN),
            False,
            cv2.CV_32F,
        )
        blob = cv2.dnn.blobFromImagesWithParams([*padded], parameters)
        return Batch({self._input: blob}, [image.shape[:2] for image in images])

    def decode(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[list[Region]]:
        (maps,) = outputs.values()
        found = []
        for one, size in zip(maps, batch.context, strict=True):
            height, width = (math.ceil(side / MAP_STRIDE) for side in self.shape(*size))
            found.append(self.regions({"": one[:, :height, :width]}, size))
        return found

    def regions(self, maps: Mapping[str, Tensor], size: tuple[int, int]) -> list[Region]:
        ((text, link),) = maps.values()
        scale = self._to_page(text.shape, size)
        words = [
            ((box * (scale * MAP_STRIDE)).astype(np.int32), min(1.0, peak))
            for box, peak in word_boxes(text, link, self._thresholds)
        ]
        return lines_of(words, size, self._options)

    def _to_page(self, seen: tuple[int, ...], size: tuple[int, int]) -> float:
        """The pixels of the page to one of the network's input, of which the maps show half as
        many."""
        usual = self._scale(*size)
        if all(
            math.ceil(int(side * usual) / MAP_STRIDE) == shown
            for side, shown in zip(size, seen, strict=True)
        ):
            return 1 / usual
        return size[1] / (MAP_STRIDE * seen[1])
