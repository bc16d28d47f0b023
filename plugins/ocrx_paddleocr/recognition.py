"""PP-OCR's recognition: a CTC network for lines 48 pixels high."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ocrx.artifacts import Axis, ModelSpec
from ocrx.errors import WeightsError
from ocrx.interfaces.decoding import Emissions
from ocrx.interfaces.networks import CtcModel
from ocrx.interfaces.portable import PortableLines
from ocrx.types import Batch, Image, Tensor
from ocrx_paddleocr.catalogue import Parameters
from ocrx_paddleocr.pictures import content_width, fill, pixels

MAX_COLUMNS = 2048
"""How many columns of pixels a batch may hold. For every eighth column the network computes 18,710
probabilities, of which the runtime holds several copies. Without this limit, four lines as long as
a page is wide took 300 MB, and were no faster than one by one."""

FINE_COLUMNS = 640
"""Widths are a step apart up to this one, and further apart beyond. Most columns of a receipt are
in crops that are no wider."""

LARGE_COLUMNS = 1024
"""After a batch with more columns the runtime is asked to free its memory, before the lines of the
next page are detected. With that memory kept, the second page of full lines took 630 MB; without,
565."""


class PaddleRecognition(CtcModel):
    """From crops to probabilities of classes.

    The input is float32 (N, 3, H, W), which is 0 to the right of the crop. The output is float32
    (N, T, C), a softmax in which class 0 is the blank. Steps go from left to right on the paper,
    also in Arabic (PaddleOCR reverses them in `pred_reverse`, rec_postprocess.py).
    """

    def __init__(
        self,
        spec: ModelSpec,
        parameters: Parameters,
        charset: Sequence[str],
        min_width: int,
        batch: int,
        *,
        near_tie: float | None = None,
    ) -> None:
        self.spec = spec
        self.charset = charset
        self.near_tie = near_tie
        self._parameters = parameters
        self._input, (_, _, height, width) = next(iter(spec.shapes.items()))
        if not isinstance(height, int) or not isinstance(width, Axis):
            raise ValueError(f"{spec.name}: recognition takes (N, 3, height, Axis)")
        self._height = height
        self.max_batch = batch
        self.max_area = height * MAX_COLUMNS
        self.large_area = height * LARGE_COLUMNS
        self._widths = Axis(
            max(width.minimum, min_width),
            max(FINE_COLUMNS, min_width),
            width.maximum,
            width.step,
        )

    def shape(self, height: int, width: int) -> tuple[int, int]:
        return self._height, self._widths.bucket(content_width(height, width, self._height))

    def encode(self, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
        height, width = shape
        tensor = np.zeros((len(images), 3, height, width), dtype=np.float32)
        filled = [
            fill(row, image, self._parameters) for row, image in zip(tensor, images, strict=True)
        ]
        return Batch({self._input: tensor}, [content / width for content in filled])

    def emissions(self, outputs: Mapping[str, Tensor], batch: Batch) -> Emissions:
        (probabilities,) = outputs.values()
        return Emissions(probabilities, self._charset(probabilities.shape[2] - 1), batch.context)

    def portable(self) -> PortableLines:
        return PortableLines(
            self._input, pixels(self._parameters), self._height, self._widths, self.charset
        )

    def _charset(self, count: int) -> Sequence[str]:
        """The characters of a network that knows `count`. One that was trained without the space
        knows one less. Raises WeightsError if they are not those of the network."""
        charset = self.charset
        if len(charset) == count + 1 and charset[-1] == " ":
            return charset[:-1]
        if len(charset) == count:
            return charset
        raise WeightsError(
            f"{self.spec.name} knows {count} characters, but its dictionary has {len(charset)}",
            "Give the file that it was trained with: --set recognizer.dictionary=FILE.",
        )
