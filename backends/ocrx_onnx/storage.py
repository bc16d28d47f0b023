"""Makes the files of networks smaller, and hardly changes what they compute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import onnx

MANY = 512
"""Constants of fewer values are not worth a node."""

LARGEST = 6e4
"""fp16 holds no values much above."""

SCALED = ("DequantizeLinear", "QuantizeLinear")


def compact(model: onnx.ModelProto) -> None:
    """Store large constants of fp32 in 16 bits, each with a Cast to fp32, which runtimes do once,
    as they open the file. Scales, and what operators take that are not ONNX's, stay as they are:
    runtimes look for constants there. Shapes of intermediate results, which runtimes find by
    themselves, are left out.
    """
    from onnx import TensorProto, helper, numpy_helper

    graph = model.graph
    del graph.value_info[:]
    kept = {
        name for node in graph.node if node.domain or node.op_type in SCALED for name in node.input
    }
    casts: list[Any] = []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or tensor.name in kept:
            continue
        values = numpy_helper.to_array(tensor)
        if values.size < MANY or not np.abs(values).max() < LARGEST:
            continue
        name, short = tensor.name, f"{tensor.name}.half"
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), short))
        casts.append(
            helper.make_node("Cast", [short], [name], f"{name}.cast", to=TensorProto.FLOAT)
        )
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
