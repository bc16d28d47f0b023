"""Recognition of codes with a small CTC network for lines 32 pixels high."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from ocrx.artifacts import Axis, ModelSpec
from ocrx.errors import WeightsError
from ocrx.interfaces.decoding import Emissions
from ocrx.interfaces.networks import CtcModel
from ocrx.interfaces.portable import Pixels, PortableLines
from ocrx.types import Batch, Image, Tensor
from ocrx_codes.settings import CodesOptions

MAX_COLUMNS = 16_384
"""How many columns of pixels a batch may hold, to bound the memory: about 50 MB."""

LEAST_COLUMNS = 4
"""The least width of a picture in the input: the network makes a step of so many."""


class CodesRecognition(CtcModel):
    """From crops to probabilities of characters.

    The input is float32 (N, 3, 32, W), RGB from -1 to 1, which is 0 to the right of the crop. The
    output is float32 (N, T, C), a softmax in which class 0 is the blank.
    """

    def __init__(self, spec: ModelSpec, charset: Sequence[str], options: CodesOptions) -> None:
        self.spec = spec
        self.charset = charset
        self.near_tie = options.near_tie
        self.max_batch = options.batch
        self._input, (_, _, height, width) = next(iter(spec.shapes.items()))
        if not isinstance(height, int) or not isinstance(width, Axis):
            raise ValueError(f"{spec.name}: recognition takes (N, 3, height, Axis)")
        self._height = height
        self._widths = width
        self.max_area = height * MAX_COLUMNS

    def shape(self, height: int, width: int) -> tuple[int, int]:
        return self._height, self._widths.bucket(self._columns(height, width))

    def encode(self, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
        height, width = shape
        tensor = np.zeros((len(images), 3, height, width), np.float32)
        contents = []
        for row, image in zip(tensor, images, strict=True):
            content = min(width, self._columns(*image.shape[:2]))
            how = cv2.INTER_AREA if image.shape[0] > height else cv2.INTER_LINEAR
            resized = cv2.resize(image, (content, height), interpolation=how)
            target = row[:, :, :content]
            target[:] = resized.transpose(2, 0, 1)
            target -= 127.5
            target /= 127.5
            contents.append(content / width)
        return Batch({self._input: tensor}, contents)

    def emissions(self, outputs: Mapping[str, Tensor], batch: Batch) -> Emissions:
        (probabilities,) = outputs.values()
        known, told = probabilities.shape[2] - 1, len(self.charset)
        if known != told:
            raise WeightsError(
                f"{self.spec.name} tells {known} characters apart, but its file lists {told}",
                "Give the file that `ocrx train` wrote, as it is.",
            )
        return Emissions(probabilities, self.charset, batch.context)

    def portable(self) -> PortableLines:
        return PortableLines(
            self._input,
            Pixels("RGB", [1 / 127.5] * 3, [1.0] * 3),
            self._height,
            self._widths,
            self.charset,
            rounding="nearest",
            least_width=LEAST_COLUMNS,
            averaged=True,
        )

    def _columns(self, height: int, width: int) -> int:
        """The width of a picture of that size in the height of the network, in pixels."""
        return max(LEAST_COLUMNS, round(width * self._height / height))
