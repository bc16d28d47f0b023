"""EasyOCR's recognition: a CTC network for grey lines, which reads faint ones twice."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures

from ocrx.artifacts import Axis, ModelSpec
from ocrx.interfaces.decoding import BLANK, Emissions
from ocrx.interfaces.networks import CtcModel, Run
from ocrx.page.geometry import crop
from ocrx.types import Batch, Image, Quad, Tensor
from ocrx_easyocr.settings import RecognitionOptions

Grey = NDArray[np.uint8]

MAX_COLUMNS = 8192
"""How many columns of pixels a batch may hold, to bound the memory."""


class EasyOcrRecognition(CtcModel):
    """From crops to probabilities of classes.

    The input is float32 (N, 1, H, W), grey from -1 to 1; to the right of the crop its last column
    is repeated. W is a multiple of H. The output is float32 (N, T, C), a softmax in which class 0
    is the blank. `unread` are the characters that must not be read.
    """

    def __init__(
        self,
        spec: ModelSpec,
        charset: Sequence[str],
        unread: Collection[str],
        options: RecognitionOptions,
    ) -> None:
        self.spec = spec
        self.charset = charset
        self.cut = cut_line
        self.near_tie = options.near_tie
        self.max_batch = options.batch
        self._options = options
        self._unread = [place for place, one in enumerate(charset, 1) if one in unread]
        self._input, (_, _, height, width) = next(iter(spec.shapes.items()))
        if not isinstance(height, int) or not isinstance(width, Axis):
            raise ValueError(f"{spec.name}: recognition takes (N, 1, height, Axis)")
        self._height = height
        self._most = width.maximum
        self.max_area = height * MAX_COLUMNS

    def shape(self, height: int, width: int) -> tuple[int, int]:
        ratio = max(width / height, height / width)
        return self._height, min(self._height * math.ceil(ratio), self._most)

    def encode(self, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
        height, width = shape
        tensor = np.empty((len(images), 1, height, width), dtype=np.float32)
        contents = []
        for row, image in zip(tensor, images, strict=True):
            grey = _scaled(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), height, width)
            _fill(row[0], grey)
            contents.append(grey.shape[1])
        return Batch({self._input: tensor}, contents)

    def infer(self, run: Run, batch: Batch) -> Mapping[str, Tensor]:
        """The probabilities; of lines of little confidence, those of the more confident reading."""
        ((name, values),) = run(batch.feeds).items()
        values = self._allowed(values)
        confidence = confidences(values)
        doubtful = np.flatnonzero(confidence < self._options.contrast_ths)
        if len(doubtful):
            clearer = np.stack([self._clearer(batch, row) for row in doubtful.tolist()])
            ((_, again),) = run({self._input: clearer}).items()
            again = self._allowed(again)
            better = confidences(again) >= confidence[doubtful]
            values[doubtful[better]] = again[better]
        return {name: values}

    def emissions(self, outputs: Mapping[str, Tensor], batch: Batch) -> Emissions:
        (probabilities,) = outputs.values()
        width = batch.feeds[self._input].shape[3]
        return Emissions(
            probabilities, self.charset, [min(1.0, content / width) for content in batch.context]
        )

    def _allowed(self, values: Tensor) -> Tensor:
        """The probabilities without the characters that must not be read."""
        if self._unread:
            values = values.copy()
            values[..., self._unread] = 0
            values /= values.sum(axis=2, keepdims=True)
        return values

    def _clearer(self, batch: Batch, row: int) -> Tensor:
        """The input of one line, (1, H, W), with more contrast."""
        tensor: Tensor = batch.feeds[self._input][row].copy()
        line = tensor[0, :, : batch.context[row]]
        grey = np.rint((line + 1) * 127.5).astype(np.uint8)
        _fill(tensor[0], with_contrast(grey, self._options.adjust_contrast))
        return tensor


def cut_line(page: Image, quad: Quad) -> Image:
    """The line at a quad, grey in three equal channels: an upright one as it is, a slanted one as
    `four_point_transform` of easyocr/utils.py interpolates it. Both are RGB uint8 (H, W, 3).

    That stretches the pixels by one in their number, and a third of the slanted lines of nine pages
    came out differently with the crops that other families get.
    """
    (left, top), (right, bottom) = quad[[0, 2]].tolist()
    if np.array_equal(quad, [[left, top], [right, top], [right, bottom], [left, bottom]]):
        return crop(page, quad)
    # Only the surroundings are turned grey. They are not empty, even if the quad is off the page.
    last = np.array(page.shape[1::-1]) - 1
    low = np.clip(np.floor(quad.min(axis=0)).astype(int) - 1, 0, last)
    high = np.maximum(np.ceil(quad.max(axis=0)).astype(int) + 2, low + 1)
    grey = cv2.cvtColor(page[low[1] : high[1], low[0] : high[0]], cv2.COLOR_RGB2GRAY)
    corners = quad - low.astype(np.float32)
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width, height = (max(1, int(max(sides[at], sides[at + 2]))) for at in (0, 1))
    target = np.array(
        [[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], dtype=np.float32
    )
    matrix = cv2.getPerspectiveTransform(corners, target)
    line = cv2.warpPerspective(grey, matrix, (width, height))
    return np.asarray(cv2.cvtColor(line, cv2.COLOR_GRAY2RGB), dtype=np.uint8)


def confidences(values: Tensor) -> NDArray[np.float64]:
    """EasyOCR's confidence in each line, (N,), from probabilities (N, T, C): the product of the
    largest ones of all n steps that are not blank, to the power of 2 / sqrt(n). 0 if all are blank
    (`custom_mean` of easyocr/recognition.py)."""
    best = values.argmax(axis=2)
    most = np.take_along_axis(values, best[..., None], axis=2)[..., 0].astype(np.float64)
    count = (best != BLANK).sum(axis=1)
    product = np.where(best == BLANK, 1.0, most).prod(axis=1)
    confidence: NDArray[np.float64] = product ** (2 / np.sqrt(np.maximum(count, 1))) * (count > 0)
    return confidence


def with_contrast(grey: Grey, target: float) -> Grey:
    """The picture stretched so that most pixels are between black and white, unless its contrast is
    `target` or more (`adjust_contrast_grey`). uint8 (H, W)."""
    low, high = np.percentile(grey, (10, 90))
    if (high - low) / max(10, high + low) >= target:
        return grey
    stretched = (grey.astype(int) - low + 25) * (200 / max(10, high - low))
    return np.asarray(np.clip(stretched, 0, 255), dtype=np.uint8)


def _scaled(grey: NDArray[Any], height: int, most: int) -> Grey:
    """The picture scaled to a height, and to at most `most` columns. One that is taller than wide
    takes a way round, as in EasyOCR (`compute_ratio_and_resize`, then `AlignCollate`)."""
    rows, columns = grey.shape
    if columns >= rows:
        width = min(int(height * (columns / rows)), most)
        return np.asarray(cv2.resize(grey, (width, height)), dtype=np.uint8)
    tall = cv2.resize(grey, (height, min(int(height * (rows / columns)), most)))
    width = math.ceil(height * (height / len(tall)))
    picture = Pictures.fromarray(np.asarray(tall, dtype=np.uint8))
    return np.asarray(picture.resize((width, height), Pictures.Resampling.BICUBIC))


def _fill(row: NDArray[np.float32], grey: Grey) -> None:
    """Write a picture into the input of one line, (H, W), from the left."""
    content = grey.shape[1]
    row[:, :content] = (grey.astype(np.float32) / 255 - 0.5) / 0.5
    row[:, content:] = row[:, content - 1 : content]
