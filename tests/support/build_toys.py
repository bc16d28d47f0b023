"""Builds the ONNX files of ocrx.testing's toys:

PYTHONPATH=tests python -m support.build_toys
"""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import TensorProto, helper, numpy_helper

from ocrx.testing.toys import DIFFERENCE, LINE, MINUS_ONE, line_kernels


def _value(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def line() -> onnx.ModelProto:
    """`scores` and `features` leave through Identity nodes, as many exported models' outputs do:
    a runtime that merges tensors must keep the names."""
    nodes = [
        helper.make_node("Conv", ["picture", "kernels"], ["convolved"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["convolved"], ["activated"]),
        helper.make_node("Identity", ["activated"], ["features"]),
        helper.make_node("ReduceMean", ["activated"], ["mean"], axes=[2], keepdims=0),
        helper.make_node("Transpose", ["mean"], ["a_transposed"], perm=[0, 2, 1]),
        helper.make_node("Identity", ["a_transposed"], ["scores"]),
    ]
    return _model(
        helper.make_graph(
            nodes,
            LINE.name,
            [_value("picture", "batch", 1, 8, "width")],
            [_value("features", "batch", 4, 8, "width"), _value("scores", "batch", "width", 4)],
            [numpy_helper.from_array(line_kernels(), "kernels")],
        )
    )


def minus_one() -> onnx.ModelProto:
    """The line, with dimensions of -1 in place of names."""
    model = line()
    model.graph.name = MINUS_ONE.name
    for value in (*model.graph.input, *model.graph.output):
        for dimension in value.type.tensor_type.shape.dim:
            if dimension.dim_param:
                dimension.dim_value = -1
    return model


def difference() -> onnx.ModelProto:
    return _model(
        helper.make_graph(
            [helper.make_node("Sub", ["first", "second"], ["difference"])],
            DIFFERENCE.name,
            [_value("first", "batch", "width"), _value("second", "batch", "width")],
            [_value("difference", "batch", "width")],
        )
    )


def _model(graph: onnx.GraphProto) -> onnx.ModelProto:
    opset = helper.make_opsetid("", 13)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=7, producer_name="ocrx")
    onnx.checker.check_model(model)
    return model


BUILDERS = {
    MINUS_ONE.files["onnx"]: minus_one,
    LINE.files["onnx"]: line,
    DIFFERENCE.files["onnx"]: difference,
}

if __name__ == "__main__":
    for path, build in BUILDERS.items():
        Path(path).write_bytes(build().SerializeToString(deterministic=True))
