"""A network deep enough to have a stem and more, and what it is fed, for those who round it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from ocrx.artifacts import Artifact, Axis
from ocrx.interfaces.conversion import Calibration
from ocrx.interfaces.feeds import Feeds
from ocrx.types import Tensor
from support.onnx_files import Shape, save

CHANNELS = 8
CLASSES = 5
LAYERS = 12


def deep(folder: Path, layers: int = LAYERS) -> Artifact:
    """x [n, 8, 8, w] -> y [n, w, 5]: convolutions, every second with a Relu, and a product."""
    random = np.random.default_rng(5)
    nodes: list[onnx.NodeProto] = []
    held: list[onnx.TensorProto] = []

    def constant(name: str, *shape: int) -> str:
        values = random.normal(0, 1, shape) / np.sqrt(np.prod(shape[1:]) / 2)
        held.append(numpy_helper.from_array(values.astype(np.float32), name))
        return name

    last = "x"
    for index in range(layers):
        weights = constant(f"w{index}", CHANNELS, CHANNELS, 3, 3)
        nodes.append(
            helper.make_node(
                "Conv",
                [last, weights, constant(f"b{index}", CHANNELS)],
                [f"c{index}"],
                pads=[1] * 4,
            )
        )
        last = f"c{index}"
        if index % 2:
            nodes.append(helper.make_node("Relu", [last], [f"r{index}"]))
            last = f"r{index}"
    nodes += [
        helper.make_node("ReduceMean", [last], ["m"], axes=[2], keepdims=0),
        helper.make_node("Transpose", ["m"], ["t"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["t", constant("p", CHANNELS, CLASSES)], ["y"]),
    ]
    given: Shape = ["n", CHANNELS, 8, "w"]
    wanted: Shape = ["n", "w", CLASSES]
    artifact = save(
        folder / "deep.onnx", nodes, {"x": ("float32", given)}, {"y": ("float32", wanted)}, held
    )
    shapes = {"x": (Axis(1, 2, 8), CHANNELS, 8, Axis(8, 32, 64, 8))}
    return replace(artifact, spec=replace(artifact.spec, shapes=shapes))


def pictures(seed: int = 0, batch: int = 2, width: int = 32) -> Tensor:
    random = np.random.default_rng(seed)
    return random.normal(0, 1, (batch, CHANNELS, 8, width)).astype(np.float32)


def batches() -> Iterator[Feeds]:
    for seed in range(4):
        yield {"x": pictures(seed)}


CALIBRATION = Calibration("four batches of noise", batches)
