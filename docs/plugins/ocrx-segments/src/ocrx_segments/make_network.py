"""Writes digits.onnx. Its weights are computed, not trained.

python -m ocrx_segments.make_network
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ocrx_segments.digits import CELL, HEIGHT, MARGIN, glyph

TARGET = Path(__file__).parent / "digits.onnx"


def kernels() -> NDArray[np.float32]:
    """A kernel for each digit: (10, 1, HEIGHT, CELL).

    Its product with a picture is the mean ink on the segments of the digit, minus the mean ink
    between them, minus twice the mean ink beside the digit. For the digit itself that is 1.
    """
    beside = np.ones((HEIGHT, CELL), bool)
    beside[:, MARGIN:-MARGIN] = False
    made = []
    for digit in range(10):
        ink = glyph(digit)
        between = ~ink & ~beside
        made.append(ink / ink.sum() - between / between.sum() - 2 * beside / beside.sum())
    return np.array(made, np.float32)[:, None]


def network() -> onnx.ModelProto:
    """From ink (N, 1, HEIGHT, W) to matches (N, W, 10): how well a digit fits around a column."""
    weights = [
        numpy_helper.from_array(kernels(), "kernels"),
        numpy_helper.from_array(np.array([2], np.int64), "rows"),
    ]
    pads = [0, CELL // 2, 0, CELL - 1 - CELL // 2]
    nodes = [
        helper.make_node("Conv", ["ink", "kernels"], ["fits"], pads=pads),
        helper.make_node("Squeeze", ["fits", "rows"], ["columns"]),
        helper.make_node("Transpose", ["columns"], ["matches"], perm=[0, 2, 1]),
    ]
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("ink", TensorProto.FLOAT, ["N", 1, HEIGHT, "W"])],
        [helper.make_tensor_value_info("matches", TensorProto.FLOAT, ["N", "W", 10])],
        weights,
    )
    opset = [helper.make_opsetid("", 13)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8)


if __name__ == "__main__":
    onnx.save(network(), TARGET)
