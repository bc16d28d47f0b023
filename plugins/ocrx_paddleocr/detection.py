"""The detection half of PP-OCR: a DB network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from ocrx.artifacts import ModelSpec
from ocrx.decode.db import DBParameters, db_regions
from ocrx.interfaces import NetworkModel
from ocrx.types import Batch, Image, Region, Tensor
from ocrx_paddleocr.catalogue import Parameters
from ocrx_paddleocr.settings import DetectionOptions

STRIDE = 32


class PaddleDetection(NetworkModel[list[Region]]):
    """Pictures to probability maps to boxes.

    Input float32 (N, 3, H, W), `(pixel / 255 - mean) / std`, H and W multiples of 32; output
    float32 (N, 1, H, W), the probability of text.
    """

    max_batch = 1

    def __init__(self, spec: ModelSpec, parameters: Parameters, options: DetectionOptions) -> None:
        self.spec = spec
        self._options = options
        self._input = next(iter(spec.shapes))
        self._mean = tuple(255 * mean for mean in parameters.mean)
        self._scale = tuple(1 / (255 * std) for std in parameters.std)
        self._swap = parameters.channels == "BGR"
        self._parameters = DBParameters(
            options.threshold, options.box_threshold, options.unclip_ratio, options.max_candidates
        )

    def shape(self, height: int, width: int) -> tuple[int, int]:
        o = self._options
        scale = min(o.max_enlarge, max(1.0, o.min_side / min(height, width)))
        scale = min(scale, o.max_side / max(height, width))
        return _strides(height * scale, o.max_side), _strides(width * scale, o.max_side)

    def encode(self, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
        # Resize, order of channels, normalisation and layout in one pass of C++; means and scales are
        # in the order of the output.
        parameters = cv2.dnn.Image2BlobParams(
            self._scale, shape[::-1], self._mean, self._swap, cv2.CV_32F
        )
        blob = cv2.dnn.blobFromImagesWithParams(images, parameters)
        return Batch({self._input: blob}, [image.shape[:2] for image in images])

    def decode(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[list[Region]]:
        (maps,) = outputs.values()
        return [
            db_regions(probability[0], size, self._parameters)
            for probability, size in zip(maps, batch.context, strict=True)
        ]


def _strides(length: float, limit: int) -> int:
    return int(min(max(1, round(length / STRIDE)), limit // STRIDE)) * STRIDE
