"""ONNX files of a node or two, made on the spot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import onnx
from onnx import TensorProto, helper

from ocrx.artifacts import Artifact
from ocrx.testing import LINE

Shape: TypeAlias = Sequence[int | str]
KINDS = {
    "float32": TensorProto.FLOAT,
    "float64": TensorProto.DOUBLE,
    "float16": TensorProto.FLOAT16,
    "int64": TensorProto.INT64,
    "uint8": TensorProto.UINT8,
    "bool": TensorProto.BOOL,
}


def save(
    path: Path,
    nodes: list[onnx.NodeProto],
    inputs: Mapping[str, tuple[str, Shape]],
    outputs: Mapping[str, tuple[str, Shape]],
    constants: Sequence[onnx.TensorProto] = (),
) -> Artifact:
    """`inputs` and `outputs` give each tensor's dtype and shape."""
    first, last = (
        [helper.make_tensor_value_info(name, KINDS[d], shape) for name, (d, shape) in ends.items()]
        for ends in (inputs, outputs)
    )
    graph = helper.make_graph(nodes, path.stem, first, last, list(constants))
    opset = helper.make_opsetid("", 13)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=7), path)
    return Artifact(path, "onnx", replace(LINE.spec(), name=path.stem))


def reshaper(folder: Path) -> Artifact:
    """x [n] -> y [3, n/3]: fails while it runs unless n is a multiple of 3."""
    return save(
        folder / "reshaper.onnx",
        [helper.make_node("Reshape", ["x", "shape"], ["y"])],
        {"x": ("float32", ["n"])},
        {"y": ("float32", [3, "m"])},
        [helper.make_tensor("shape", TensorProto.INT64, [2], [3, -1])],
    )


def with_metadata(**metadata: str) -> bytes:
    """A file with some weights and that metadata."""
    weights = helper.make_tensor("w", TensorProto.FLOAT, [64], [0.5] * 64)
    graph = helper.make_graph([], "nothing", [], [], [weights])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)])
    helper.set_model_props(made, metadata)
    return bytes(made.SerializeToString())


WITH_CHARSET = with_metadata(note="x" * 300, character="a\nö\n中\n.")
