"""Tiny networks to test runtimes with, each with a reference in NumPy.

Each comes in the formats of `Toy.files`. For a runtime that takes none of them, override
`BackendSuite.artifact`, and build the toy in a format of the runtime from its `Toy.reference`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ocrx.artifacts import Artifact, Axis, Format, ModelSpec, ShapeProfile, Source
from ocrx.types import Tensor

MODELS = Path(__file__).parent / "models"


@dataclass(frozen=True)
class Toy:
    """A network: its files by format, the shapes that it accepts, the names of its outputs, and
    what it computes, in NumPy.

    All inputs and outputs are float32.
    """

    name: str
    files: Mapping[Format, Path]
    shapes: ShapeProfile
    outputs: tuple[str, ...]
    reference: Callable[[Mapping[str, Tensor]], dict[str, Tensor]]

    def spec(self) -> ModelSpec:
        """The toy as a model, with its files where they are."""
        sources = {kind: Source(path.name, path=path) for kind, path in self.files.items()}
        return ModelSpec(self.name, "recognition", sources, self.shapes, "Apache-2.0")

    def artifact(self, accepts: tuple[Format, ...]) -> Artifact:
        """The toy's file in the first of the accepted formats that it has. Raises KeyError if it
        has none of them."""
        for wanted in accepts:
            if wanted in self.files:
                return Artifact(self.files[wanted], wanted, self.spec())
        raise KeyError(f"{self.name} exists as {', '.join(self.files)}, not {', '.join(accepts)}")

    def feeds(self, batch: int, width: int, seed: int = 0) -> dict[str, Tensor]:
        """Random inputs from -1 to 1, with that batch size and width."""
        random = np.random.default_rng((seed, batch, width))
        sizes = {0: batch, len(next(iter(self.shapes.values()))) - 1: width}
        return {
            name: random.uniform(
                -1,
                1,
                [
                    sizes[axis] if isinstance(size, Axis) else size
                    for axis, size in enumerate(dimensions)
                ],
            ).astype(np.float32)
            for name, dimensions in self.shapes.items()
        }


def line_kernels() -> Tensor:
    """The weights of the toy LINE: float32 of shape (4, 1, 3, 3)."""
    return (((np.arange(36, dtype=np.float32) * 7) % 11 - 5) / 8).reshape(4, 1, 3, 3)


def _line(feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The reference of LINE, which is like a small recogniser: a 3x3 convolution padded by 1 and a
    ReLU, then the mean over the height, with the width before the channels."""
    picture = feeds["picture"]
    height, width = picture.shape[2:]
    padded = np.pad(picture, ((0, 0), (0, 0), (1, 1), (1, 1)))
    kernels = line_kernels()
    summed = sum(
        padded[:, :, y : y + height, x : x + width] * kernels[None, :, 0, y, x, None, None]
        for y in range(3)
        for x in range(3)
    )
    features = np.maximum(np.asarray(summed), 0)
    return {"features": features, "scores": features.mean(2).transpose(0, 2, 1)}


def _difference(feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {"difference": feeds["first"] - feeds["second"]}


BATCH = Axis(1, 2, 8)
LINE = Toy(
    "toy-line",
    {"onnx": MODELS / "line.onnx"},
    {"picture": (BATCH, 1, 8, Axis(8, 32, 256, 8))},
    ("features", "scores"),
    _line,
)
"""Like a small recogniser: from "picture" (N, 1, 8, W) to "features" (N, 4, 8, W) and "scores"
(N, W, 4)."""
DIFFERENCE = Toy(
    "toy-difference",
    {"onnx": MODELS / "difference.onnx"},
    {"first": (BATCH, Axis(1, 8, 64)), "second": (BATCH, Axis(1, 8, 64))},
    ("difference",),
    _difference,
)
"""Two inputs, "first" and "second", both (N, W), and their "difference"."""
MINUS_ONE = Toy(
    "toy-minus-one", {"onnx": MODELS / "minus_one.onnx"}, LINE.shapes, LINE.outputs, _line
)
"""LINE with -1 for the dynamic dimensions in its file, where the ONNX standard has names."""

TOYS = (LINE, DIFFERENCE)
"""The toys that every runtime must run."""
