"""PP-OCR's orientation classifiers: for lines upside down, and for pages turned by quarters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ocrx.artifacts import ModelSpec
from ocrx.interfaces.networks import NetworkModel
from ocrx.types import Batch, Image, Orientation, Tensor
from ocrx_paddleocr.catalogue import Parameters
from ocrx_paddleocr.pictures import fill, middle

UNDECIDED = 0.3, 0.7
"""Between these probabilities of 180 degrees in bf16, fp32 may decide otherwise. The error of bf16
is up to 0.15 near 0.5, where readers decide. (Of 1180 crops, 15 with 0.85 to 0.93 in bf16 were on
the other side of 0.9 in fp32.)"""


class PaddleOrientation(NetworkModel[Orientation]):
    """From crops or pages to the degrees by which they are turned clockwise.

    The input is float32 (N, 3, H, W), which is 0 to the right of a crop. The output is float32
    (N, classes), the probability of each of the `degrees` in the model's parameters.
    """

    max_batch = 16

    def __init__(self, spec: ModelSpec, parameters: Parameters) -> None:
        self.spec = spec
        self._parameters = parameters
        self._input, (_, _, height, width) = next(iter(spec.shapes.items()))
        if not isinstance(height, int) or not isinstance(width, int):
            raise ValueError(f"{spec.name}: orientation takes (N, 3, height, width)")
        self._shape = height, width

    def shape(self, height: int, width: int) -> tuple[int, int]:
        return self._shape

    def encode(self, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
        tensor = np.zeros((len(images), 3, *shape), dtype=np.float32)
        for row, image in zip(tensor, images, strict=True):
            part = self._parameters.middle
            fill(row, image if part is None else middle(image, part), self._parameters)
        return Batch({self._input: tensor}, [None] * len(images))

    def decode(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[Orientation]:
        (probabilities,) = outputs.values()
        degrees = self._parameters.degrees
        return [Orientation(degrees[int(row.argmax())], float(row.max())) for row in probabilities]

    def undecided(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[int]:
        (probabilities,) = outputs.values()
        turned = probabilities[:, self._parameters.degrees.index(180)]
        least, most = UNDECIDED
        return [int(index) for index in np.flatnonzero((turned >= least) & (turned < most))]
