"""A small CTC network with what pruning has to follow, half of whose channels do nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

CHARACTERS = "0123456789AB"
CLASSES = len(CHARACTERS) + 1
WIDTH, UNITS = 8, 6

Weights = dict[str, NDArray[np.float32]]


def network(recogniser: str = "") -> onnx.ModelProto:
    """Pictures [N, 3, 32, W] to probabilities [N, W / 4, CLASSES]: convolutions, one of each
    channel alone, a residual one, a gate by the mean of each channel, a concatenation, a
    bidirectional LSTM, and a head. The second half of the channels of each layer is 0 throughout.

    `recogniser` is written into the file, with the charset.
    """
    shape = numpy_helper.from_array(np.array([0, 0, 2 * UNITS]), "flat")
    node = helper.make_node
    nodes = [
        node("Conv", ["pictures", "w1"], ["c1"], strides=[2, 2], pads=[1] * 4),
        node("BatchNormalization", ["c1", "scale", "offset", "mean", "variance"], ["n1"]),
        node("Relu", ["n1"], ["r1"]),
        node("Conv", ["r1", "w2", "b2"], ["c2"], group=WIDTH, pads=[1] * 4),
        node("Conv", ["c2", "w3", "b3"], ["c3"], pads=[1] * 4),
        node("Add", ["r1", "c3"], ["sum"]),
        node("GlobalAveragePool", ["sum"], ["all"]),
        node("Conv", ["all", "w4", "b4"], ["squeezed"]),
        node("Relu", ["squeezed"], ["r4"]),
        node("Conv", ["r4", "w5", "b5"], ["wide"]),
        node("HardSigmoid", ["wide"], ["gate"]),
        node("Mul", ["sum", "gate"], ["gated"]),
        node("Concat", ["gated", "c2"], ["both"], axis=1),
        node("Conv", ["both", "w6", "b6"], ["c6"], strides=[2, 2], pads=[1] * 4),
        node("Sigmoid", ["c6"], ["half"]),
        node("Mul", ["c6", "half"], ["r6"]),
        node("ReduceMean", ["r6"], ["columns"], axes=[2], keepdims=0),
        node("Transpose", ["columns"], ["steps"], perm=[2, 0, 1]),
        node("LSTM", ["steps", "w", "r", "b"], ["y"], hidden_size=UNITS, direction="bidirectional"),
        node("Transpose", ["y"], ["turned"], perm=[2, 0, 1, 3]),
        node("Reshape", ["turned", "flat"], ["features"]),
        node("MatMul", ["features", "head"], ["product"]),
        node("Add", ["product", "bias"], ["logits"]),
        node("Softmax", ["logits"], ["probabilities"], axis=2),
    ]
    held = [numpy_helper.from_array(value, name) for name, value in _weights().items()]
    graph = helper.make_graph(
        nodes,
        "prunable",
        [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["N", 3, 32, "W"])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", "T", CLASSES])],
        [*held, shape],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, {"character": "\n".join(CHARACTERS), "recognizer": recogniser})
    return model


def save(path: Path, recogniser: str = "crnn") -> Path:
    """The network in a file."""
    onnx.save(network(recogniser), path)
    return path


def _weights() -> Weights:
    random = np.random.default_rng(0)

    def some(*shape: int) -> NDArray[np.float32]:
        return random.normal(0, 0.4, shape).astype(np.float32)

    weights: Weights = {
        "w1": some(WIDTH, 3, 3, 3),
        "scale": some(WIDTH),
        "offset": some(WIDTH),
        "mean": some(WIDTH),
        "variance": some(WIDTH) ** 2,
        "w2": some(WIDTH, 1, 3, 3),
        "b2": some(WIDTH),
        "w3": some(WIDTH, WIDTH, 3, 3),
        "b3": some(WIDTH),
        "w4": some(4, WIDTH, 1, 1),
        "b4": some(4),
        "w5": some(WIDTH, 4, 1, 1),
        "b5": some(WIDTH),
        "w6": some(WIDTH, 2 * WIDTH, 3, 3),
        "b6": some(WIDTH),
        "w": some(2, 4 * UNITS, WIDTH),
        "r": some(2, 4 * UNITS, UNITS),
        "b": some(2, 8 * UNITS),
        "head": some(2 * UNITS, CLASSES),
        "bias": some(CLASSES),
    }
    for name in ("w1", "scale", "offset", "w2", "b2", "w3", "b3", "w4", "b4", "w6", "b6"):
        weights[name][len(weights[name]) // 2 :] = 0
    for name in ("w", "r", "b"):
        inside = weights[name].shape[2:]
        weights[name].reshape(2, -1, UNITS, *inside)[:, :, UNITS // 2 :] = 0
    return weights
