"""PP-OCR's detection: a DB network.

Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", 2020.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2

from ocrx.artifacts import ModelSpec
from ocrx.interfaces.networks import MapModel
from ocrx.interfaces.portable import PortableBoxes
from ocrx.networks.decode.db import DBParameters, db_regions
from ocrx.types import Batch, Image, Region, Tensor
from ocrx_paddleocr.catalogue import Parameters
from ocrx_paddleocr.pictures import pixels
from ocrx_paddleocr.settings import DetectionOptions

STRIDE = 32

TILE_PIXELS = 750_000
"""A larger input is searched in tiles, since the network takes some 300 bytes per pixel in fp32. A
frame of 1280 x 720 with hardly any small print is smaller as it is seen."""

SPARSE_SCALE = 0.85
"""The least scale in which a picture with hardly any small print is seen. Street scenes of 1280 x
720 are seen in 0.89: words F1 58.2, and 55.1 in full size; in 0.75 it is 53.9."""

LARGE_PIXELS = 800_000
"""After a larger input, the runtime frees its memory before lines are read."""


class PaddleDetection(MapModel):
    """From pictures to probability maps, and from these to boxes.

    The input is float32 (N, 3, H, W), `(pixel / 255 - mean) / std`, with H and W multiples of 32.
    The output is float32 (N, 1, H, W), the probability of text.
    """

    stride = STRIDE
    tile_area = TILE_PIXELS
    large_area = LARGE_PIXELS

    def __init__(self, spec: ModelSpec, parameters: Parameters, options: DetectionOptions) -> None:
        self.spec = spec
        self._options = options
        self._input = next(iter(spec.shapes))
        self._mean = tuple(255 * mean for mean in parameters.mean)
        self._scale = tuple(1 / (255 * std) for std in parameters.std)
        self._swap = parameters.channels == "BGR"
        self._pixels = pixels(parameters)
        self._parameters = DBParameters(
            options.threshold, options.box_threshold, options.unclip_ratio
        )

    def shape(self, height: int, width: int) -> tuple[int, int]:
        o = self._options
        scale = min(o.max_enlarge, max(1.0, o.min_side / min(height, width)))
        scale = min(scale, o.max_side / max(height, width))
        return _strides(height * scale, o.max_side), _strides(width * scale, o.max_side)

    def sparse_shape(self, height: int, width: int) -> tuple[int, int]:
        o = self._options
        scale = max(SPARSE_SCALE, o.min_side / min(height, width))
        if scale >= 1 or max(height, width) > o.max_side:
            return self.shape(height, width)
        return _strides(height * scale, o.max_side), _strides(width * scale, o.max_side)

    def encode(self, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
        # One pass in C++ resizes, swaps channels, normalises and transposes. Means and scales are
        # in the order of the output's channels.
        parameters = cv2.dnn.Image2BlobParams(
            self._scale, shape[::-1], self._mean, self._swap, cv2.CV_32F
        )
        blob = cv2.dnn.blobFromImagesWithParams(images, parameters)
        return Batch({self._input: blob}, [image.shape[:2] for image in images])

    def regions(self, maps: Mapping[str, Tensor], size: tuple[int, int]) -> list[Region]:
        (probability,) = maps.values()
        return db_regions(probability[0], size, self._parameters)

    def portable(self) -> PortableBoxes:
        o = self._options
        return PortableBoxes(
            self._input,
            self._pixels,
            STRIDE,
            o.min_side,
            o.max_side,
            o.max_enlarge,
            o.threshold,
            o.box_threshold,
            o.unclip_ratio,
        )


def _strides(length: float, limit: int) -> int:
    return int(min(max(1, round(length / STRIDE)), limit // STRIDE)) * STRIDE
