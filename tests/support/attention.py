"""A tiny encoder and decoder in two ONNX files: a recogniser that reads a line by attention.

A picture has a character in every eight columns, told by its grey. The encoder gives for each of T
places how like each class it is, and where reading begins. The decoder looks at one place, moves on
by one, and writes in capitals what comes after "^": so it needs to be fed what it said last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ocrx.artifacts import Axis, ModelSpec, Part, Source
from ocrx.interfaces.networks import NetworkModel, Run
from ocrx.types import Batch, Image, Tensor, Text

CLASSES = ("", "^", "a", "b", "A", "B")
LEVELS = (0.0, 0.25, 0.5, 0.75, 9.0, 9.5)
"""The grey of each class; no picture is as bright as capitals."""

HEIGHT = CELL = 8
LEAST, MOST = 2, 8
"""Places in a picture. Of a single one, nothing would be left to move on to."""

FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64


def picture(text: str) -> Image:
    """A line of lower-case letters and "^"."""
    greys = [round(255 * LEVELS[CLASSES.index(char)]) for char in text] + [0]
    row = np.repeat(np.array(greys, np.uint8), CELL)
    return np.tile(row[None, :, None], (HEIGHT, 1, 3))


def reading(text: str) -> str:
    """What is to be read of such a line."""
    return "".join(
        char.upper() if before == "^" else char
        for before, char in zip(f" {text}", text, strict=False)
    )


def spec(folder: Path) -> ModelSpec:
    """Writes both files into the folder."""
    batch, places = Axis(1, 2, 4), Axis(LEAST, 4, MOST)
    encoder, decoder = folder / "encoder.onnx", folder / "decoder.onnx"
    onnx.save(_encoder(), str(encoder))
    onnx.save(_decoder(), str(decoder))
    width = Axis(LEAST * CELL, 4 * CELL, MOST * CELL, CELL)
    return ModelSpec(
        "attention",
        "recognition",
        parts={
            "encoder": Part(
                {"onnx": Source(encoder.name, path=encoder)}, {"picture": (batch, 1, HEIGHT, width)}
            ),
            "decoder": Part(
                {"onnx": Source(decoder.name, path=decoder)},
                {
                    "features": (batch, places, len(CLASSES)),
                    "where": (batch, places),
                    "token": (batch,),
                },
                runs=MOST,
            ),
        },
    )


class Attention(NetworkModel[Text]):
    """Grey pictures float32 (N, 1, 8, 8 T) to text, one step of the decoder for each character."""

    charset = CLASSES[1:]
    max_batch = 4

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec

    def shape(self, height: int, width: int) -> tuple[int, int]:
        return HEIGHT, min(max(-(-width // CELL), LEAST), MOST) * CELL

    def encode(self, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
        tensor = np.zeros((len(images), 1, *shape), np.float32)
        for row, image in zip(tensor, images, strict=True):
            cut = image[:HEIGHT, : shape[1], 0]
            row[0, : cut.shape[0], : cut.shape[1]] = cut / np.float32(255)
        return Batch({"picture": tensor}, [None] * len(images))

    def infer(self, run: Run, batch: Batch) -> Mapping[str, Tensor]:
        encoded = run.part("encoder", batch.feeds)
        features, where = encoded["features"], encoded["where"]
        token = np.zeros(len(batch.context), np.int64)
        going = np.ones(len(batch.context), bool)
        steps: list[Tensor] = []
        while going.any() and len(steps) < features.shape[1]:
            step = run.part("decoder", {"features": features, "where": where, "token": token})
            scores, where = step["scores"].numpy(), step["next"]
            token = np.where(going, scores.argmax(axis=1), 0)
            going &= token != 0
            steps.append(token)
        return {"tokens": np.stack(steps, axis=1)}

    def decode(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[Text]:
        rows = ["".join(CLASSES[one] for one in row) for row in outputs["tokens"].tolist()]
        return [Text.uniform(text, 1.0) for text in rows]


def _encoder() -> onnx.ModelProto:
    nodes = [
        helper.make_node("Conv", ["picture", "mean"], ["pooled"], strides=[CELL] * 2),
        helper.make_node("Squeeze", ["pooled", "second"], ["rows"]),
        helper.make_node("Squeeze", ["rows", "second"], ["greys"]),
        helper.make_node("Unsqueeze", ["greys", "last"], ["column"]),
        helper.make_node("Sub", ["column", "levels"], ["off"]),
        helper.make_node("Mul", ["off", "off"], ["squared"]),
        helper.make_node("Mul", ["squared", "sharp"], ["likeness"]),
        helper.make_node("Softmax", ["likeness"], ["features"], axis=-1),
        helper.make_node("ReduceSum", ["features", "last"], ["ones"], keepdims=0),
        helper.make_node("CumSum", ["ones", "one"], ["count"]),
        helper.make_node("Sub", ["limit", "count"], ["before"]),
        helper.make_node("Clip", ["before", "zero", "full"], ["where"]),
    ]
    constants: dict[str, Tensor] = {
        "mean": np.full((1, 1, CELL, CELL), 1 / CELL**2, np.float32),
        "second": np.array([1], np.int64),
        "last": np.array([2], np.int64),
        "levels": np.array(LEVELS, np.float32),
        "sharp": np.array(-400, np.float32),
        "one": np.array(1, np.int64),
        "limit": np.array(2, np.float32),
        "zero": np.array(0, np.float32),
        "full": np.array(1, np.float32),
    }
    return _model(
        nodes,
        constants,
        {"picture": (FLOAT, ["n", 1, HEIGHT, "w"])},
        {"features": ["n", "t", len(CLASSES)], "where": ["n", "t"]},
    )


def _decoder() -> onnx.ModelProto:
    said = np.tile(np.eye(len(CLASSES), dtype=np.float32), (len(CLASSES), 1, 1))
    said[CLASSES.index("^")] = said[0][:, [0, 1, 4, 5, 2, 3]]  # capitals
    nodes = [
        helper.make_node("Unsqueeze", ["where", "middle"], ["row"]),
        helper.make_node("MatMul", ["row", "features"], ["seen"]),
        helper.make_node("Gather", ["said", "token"], ["mixing"], axis=0),
        helper.make_node("MatMul", ["seen", "same"], ["kept"]),
        helper.make_node("MatMul", ["kept", "mixing"], ["mixed"]),
        helper.make_node("Squeeze", ["mixed", "middle"], ["scores"]),
        helper.make_node("Slice", ["where", "start", "end", "middle"], ["moved"]),
        helper.make_node("Slice", ["where", "start", "first", "middle"], ["head"]),
        helper.make_node("Mul", ["head", "nothing"], ["blank"]),
        helper.make_node("Concat", ["blank", "moved"], ["next"], axis=1),
    ]
    constants: dict[str, Tensor] = {
        "same": np.eye(len(CLASSES), dtype=np.float32),
        "said": said,
        "middle": np.array([1], np.int64),
        "start": np.array([0], np.int64),
        "end": np.array([-1], np.int64),
        "first": np.array([1], np.int64),
        "nothing": np.array(0, np.float32),
    }
    return _model(
        nodes,
        constants,
        {
            "features": (FLOAT, ["n", "t", len(CLASSES)]),
            "where": (FLOAT, ["n", "t"]),
            "token": (INT, ["n"]),
        },
        {"scores": ["n", len(CLASSES)], "next": ["n", "t"]},
    )


def _model(
    nodes: Sequence[onnx.NodeProto],
    constants: Mapping[str, Tensor],
    inputs: Mapping[str, tuple[int, Sequence[int | str]]],
    outputs: Mapping[str, Sequence[int | str]],
) -> onnx.ModelProto:
    graph = helper.make_graph(
        list(nodes),
        "toy",
        [helper.make_tensor_value_info(name, kind, dims) for name, (kind, dims) in inputs.items()],
        [helper.make_tensor_value_info(name, FLOAT, dims) for name, dims in outputs.items()],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
