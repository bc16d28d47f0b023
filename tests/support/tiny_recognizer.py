"""A tiny recogniser of PP-OCR's form, with random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

CHARACTERS = "0123456789ABab"
FLOAT = onnx.TensorProto.FLOAT


def write_tiny(path: Path) -> Path:
    """Two convolutions, a mean over the rows, and a head for CHARACTERS, the space and the blank,
    in an ONNX file."""
    random = np.random.default_rng(0)

    def held(name: str, *shape: int) -> onnx.TensorProto:
        values = random.normal(0, 1 / np.sqrt(np.prod(shape[1:]) + 1), shape)
        return numpy_helper.from_array(values.astype(np.float32), name)

    classes = len(CHARACTERS) + 2
    nodes = [
        helper.make_node(
            "Conv", ["x", "w1", "b1"], ["c1"], kernel_shape=[8, 8], strides=[8, 4], pads=[0, 2] * 2
        ),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("MaxPool", ["r1"], ["p1"], kernel_shape=[2, 2], pads=[0, 0, 1, 1]),
        helper.make_node("Conv", ["p1", "w2"], ["c2"], kernel_shape=[6, 2], strides=[6, 2]),
        helper.make_node("BatchNormalization", ["c2", "s", "o", "m", "v"], ["n2"]),
        helper.make_node("Relu", ["n2"], ["r2"]),
        helper.make_node("Squeeze", ["r2"], ["q"], axes=[2]),
        helper.make_node("Transpose", ["q"], ["t"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["t", "head"], ["h"]),
        helper.make_node("Add", ["h", "bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["y"], axis=2),
    ]
    weights = [held("w1", 12, 3, 8, 8), held("b1", 12), held("w2", 32, 12, 6, 2)]
    weights += [held("head", 32, classes), held("bias", classes)]
    ones = np.ones(32, np.float32)
    weights += [numpy_helper.from_array(ones, name) for name in "sv"]
    weights += [numpy_helper.from_array(0 * ones, name) for name in "om"]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", FLOAT, ["N", 3, 48, "W"])],
        [helper.make_tensor_value_info("y", FLOAT, ["N", "T", classes])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)])
    helper.set_model_props(model, {"character": "\n".join(CHARACTERS)})
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return path
