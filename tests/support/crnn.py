"""A CRNN with a bidirectional LSTM, small, with random weights, as its exporters write it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ocrx.artifacts import Artifact, Axis, ModelSpec, Source

HIDDEN, CLASSES = 16, 11


def crnn(folder: Path) -> Artifact:
    """picture [n, 1, 32, w] -> scores [w/4, n, 11], softmax, in ONNX."""
    path = folder / "crnn.onnx"
    onnx.save(_model(), path)
    shapes = {"picture": (Axis(1, 2, 8), 1, 32, Axis(16, 128, 512, 4))}
    spec = ModelSpec("crnn", "recognition", {"onnx": Source(path.name, path=path)}, shapes)
    return Artifact(path, "onnx", spec)


def _model() -> onnx.ModelProto:
    nodes = [
        helper.make_node("Conv", ["picture", "w1", "b1"], ["c1"], strides=[2, 2], pads=[1] * 4),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("Conv", ["r1", "w2"], ["c2"], strides=[2, 2], pads=[1] * 4),
        helper.make_node("Relu", ["c2"], ["r2"]),
        helper.make_node("ReduceMean", ["r2"], ["mean"], axes=[2], keepdims=0),
        helper.make_node("Transpose", ["mean"], ["steps"], perm=[2, 0, 1]),
        helper.make_node(
            "LSTM",
            ["steps", "w", "r", "b"],
            ["both"],
            hidden_size=HIDDEN,
            direction="bidirectional",
        ),
        helper.make_node("Transpose", ["both"], ["joined"], perm=[0, 2, 1, 3]),
        helper.make_node("Reshape", ["joined", "flat"], ["features"]),
        helper.make_node("MatMul", ["features", "out"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["scores"], axis=2),
    ]
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["n", 1, 32, "w"])
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["t", "n", CLASSES])
    graph = helper.make_graph(nodes, "crnn", [picture], [scores], list(_weights()))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)


def _weights() -> Iterator[onnx.TensorProto]:
    random = np.random.default_rng(0)
    shapes = {
        "w1": (8, 1, 3, 3),
        "b1": (8,),
        "w2": (HIDDEN, 8, 3, 3),
        "w": (2, 4 * HIDDEN, HIDDEN),
        "r": (2, 4 * HIDDEN, HIDDEN),
        "b": (2, 8 * HIDDEN),
        "out": (2 * HIDDEN, CLASSES),
    }
    for name, shape in shapes.items():
        values = random.normal(0, 0.3, shape).astype(np.float32)
        yield numpy_helper.from_array(values, name)
    yield numpy_helper.from_array(np.array([0, 0, 2 * HIDDEN], np.int64), "flat")
