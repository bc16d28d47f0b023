"""The detection half of PP-OCR: a DB network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from ocrx.artifacts import ModelSpec
from ocrx.interfaces.networks import NetworkModel
from ocrx.networks.decode.db import DBParameters, db_regions
from ocrx.types import Batch, Image, Region, Tensor
from ocrx_paddleocr.catalogue import Parameters
from ocrx_paddleocr.settings import DetectionOptions

STRIDE = 32

STRIP_PIXELS = 1_400_000
"""More input than this is detected in strips: the network takes some 200 bytes a pixel."""

LARGE_PIXELS = 1_050_000
"""After more input than this the runtime is asked to give its memory back before lines are read."""

MARGIN = 64
"""Pixels a strip sees beyond what it is asked about."""


class PaddleDetection(NetworkModel[list[Region]]):
    """Pictures to probability maps to boxes.

    Input float32 (N, 3, H, W), `(pixel / 255 - mean) / std`, H and W multiples of 32; output
    float32 (N, 1, H, W), the probability of text.
    """

    max_batch = 1
    max_area = LARGE_PIXELS

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
        # Resize, channels, normalisation and layout in one pass of C++; means and scales are in the
        # order of the output.
        parameters = cv2.dnn.Image2BlobParams(
            self._scale, shape[::-1], self._mean, self._swap, cv2.CV_32F
        )
        blob = cv2.dnn.blobFromImagesWithParams(images, parameters)
        return Batch({self._input: blob}, [image.shape[:2] for image in images])

    def infer(
        self, run: Callable[[Mapping[str, Tensor]], Mapping[str, Tensor]], batch: Batch
    ) -> Mapping[str, Tensor]:
        """Large pages in strips, one after the other, so that memory stays bounded."""
        (tensor,) = batch.feeds.values()
        axis = 2 if tensor.shape[2] >= tensor.shape[3] else 3
        across = tensor.shape[5 - axis]
        pieces = []
        for strip in strips(tensor.shape[axis], across):
            part = _slice(tensor, axis, strip.start, strip.stop)
            ((name, probability),) = run({self._input: np.ascontiguousarray(part)}).items()
            kept = _slice(probability, axis, strip.keep_start, strip.keep_stop)
            pieces.append(kept)
        return {name: pieces[0] if len(pieces) == 1 else np.concatenate(pieces, axis)}

    def decode(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[list[Region]]:
        (maps,) = outputs.values()
        return [
            db_regions(probability[0], size, self._parameters)
            for probability, size in zip(maps, batch.context, strict=True)
        ]


@dataclass(frozen=True)
class Strip:
    """A stretch of a page that the network sees, and the part of it whose output is kept; `keep`
    counts from the stretch's own start."""

    start: int
    stop: int
    keep_start: int
    keep_stop: int


def strips(length: int, across: int) -> list[Strip]:
    """Equal, overlapping stretches of a page of `length` x `across`, multiples of the stride, of at
    most STRIP_PIXELS each if they can be; their kept parts are the page, each once."""
    count = 1
    while (size := _strip_length(length, count)) * across > STRIP_PIXELS and size > 4 * MARGIN:
        count += 1
    if count == 1:
        return [Strip(0, length, 0, length)]
    step = (length - size) / (count - 1)
    starts = [round(i * step / STRIDE) * STRIDE for i in range(count)]
    cuts = [0, *((a + size + b) // 2 for a, b in pairwise(starts)), length]
    return [
        Strip(start, start + size, cut - start, end - start)
        for start, (cut, end) in zip(starts, pairwise(cuts), strict=True)
    ]


def _strip_length(length: int, count: int) -> int:
    together = length + 2 * MARGIN * (count - 1)
    return min(length, -(-together // (count * STRIDE)) * STRIDE)


def _slice(tensor: Tensor, axis: int, start: int, stop: int) -> Tensor:
    return tensor[:, :, start:stop] if axis == 2 else tensor[:, :, :, start:stop]


def _strides(length: float, limit: int) -> int:
    return int(min(max(1, round(length / STRIDE)), limit // STRIDE)) * STRIDE
