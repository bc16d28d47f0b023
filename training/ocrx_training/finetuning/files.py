"""A CTC network as an ONNX file: its head, its weights, and the same file with others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from ocrx.errors import ConversionFailed
from ocrx.system.text import printable

Weights: TypeAlias = dict[str, NDArray[np.float32]]

LEARNT: Mapping[str, tuple[int, ...]] = {
    "Conv": (1, 2),
    "ConvTranspose": (1, 2),
    "MatMul": (0, 1),
    "Gemm": (0, 1, 2),
    "BatchNormalization": (1, 2),  # its statistics stay
    "InstanceNormalization": (1, 2),
    "LayerNormalization": (1, 2),
    "LSTM": (1, 2, 3),
    "GRU": (1, 2, 3),
    "PRelu": (1,),
    "Add": (0, 1),
    "Mul": (0, 1),
}
"""The inputs of operations that hold what a network has learnt."""

PASSED = ("Identity", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Cast")
"""Operations that a weight may go through on its way."""


@dataclass(frozen=True)
class Head:
    """The last product of a network.

    `weight` and `bias` name its constants, "" for none. `axis` is that of the weight which has the
    classes. `softmax` names the result of the softmax that follows, "" if there is none.
    """

    weight: str
    axis: int
    bias: str
    softmax: str


def read_network(path: Path) -> onnx.ModelProto:
    """The network of a file, with its constants as initializers in fp32.

    Raises ConversionFailed if the file cannot be read.
    """
    try:
        model = onnx.load(str(path))
    except Exception as error:  # protobuf's own errors, OSError
        raise ConversionFailed(
            f"{printable(str(path))} is not an ONNX file: {error}", "Give another recogniser."
        ) from error
    graph = model.graph
    for node in list(graph.node):
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            graph.initializer.append(node.attribute[0].t)
            graph.initializer[-1].name = node.output[0]
            graph.node.remove(node)
    _widen(graph)
    return model


def _widen(graph: onnx.GraphProto) -> None:
    """Turn constants that are stored in fp16 and cast to fp32 into constants in fp32."""
    held = {one.name: one for one in graph.initializer}
    for node in list(graph.node):
        if node.op_type != "Cast" or node.input[0] not in held:
            continue
        if helper.get_node_attr_value(node, "to") != onnx.TensorProto.FLOAT:
            continue
        array = numpy_helper.to_array(held[node.input[0]]).astype(np.float32)
        graph.initializer.append(numpy_helper.from_array(array, node.output[0]))
        graph.node.remove(node)
    drop_unused(graph)


def drop_unused(graph: onnx.GraphProto) -> None:
    """Remove the constants that no operation takes."""
    used = {name for node in graph.node for name in node.input}
    used |= {entry.name for entry in graph.output}
    for one in [one for one in graph.initializer if one.name not in used]:
        graph.initializer.remove(one)


def find_head(model: onnx.ModelProto, classes: int, name: str) -> Head:
    """The head of a network that tells so many classes apart. Raises ConversionFailed if the
    network does not end in one."""
    graph = model.graph
    made = {output: node for node in graph.node for output in node.output}
    held = {one.name: list(one.dims) for one in graph.initializer}
    at, bias, softmax = graph.output[0].name, "", ""
    while (node := made.get(at)) is not None:
        constant = next((i for i in node.input if i in held), "")
        if node.op_type in ("Softmax", "LogSoftmax") and not softmax:
            softmax, at = at, node.input[0]
        elif node.op_type == "Add" and constant and held[constant][-1:] == [classes]:
            bias, at = constant, next(i for i in node.input if i != constant)
        elif node.op_type in ("MatMul", "Gemm") and constant and classes in held[constant]:
            transposed = any(a.name == "transB" and a.i for a in node.attribute)
            ours = node.input[2] if len(node.input) > 2 else bias
            return Head(node.input[1], 0 if transposed else 1, ours, softmax)
        elif node.op_type in PASSED:
            at = node.input[0]
        else:
            break
    raise ConversionFailed(
        f"{name} does not end in a product with a matrix for {classes} classes",
        "Only recognisers whose network is trained with CTC can be trained on.",
    )


def cut_head(model: onnx.ModelProto, head: Head, classes: Sequence[int]) -> None:
    """Keep only those classes of the head, in that order, in place."""
    for one in list(model.graph.initializer):
        if one.name in (head.weight, head.bias):
            axis = head.axis if one.name == head.weight else len(one.dims) - 1
            kept = np.take(numpy_helper.to_array(one), classes, axis=axis)
            one.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(kept), one.name))
    shape = model.graph.output[0].type.tensor_type.shape
    if shape.dim:
        shape.dim[-1].dim_value = len(classes)
    del model.graph.value_info[:]


def weights_of(model: onnx.ModelProto) -> Weights:
    """What the network has learnt, by the names of its constants: copies."""
    names = _learnt(model.graph)
    return {
        one.name: np.array(numpy_helper.to_array(one))
        for one in model.graph.initializer
        if one.name in names and one.dims and one.data_type == onnx.TensorProto.FLOAT
    }


def _learnt(graph: onnx.GraphProto) -> set[str]:
    """The names of tensors that come to where operations hold what they have learnt."""
    names: set[str] = set()
    for node in reversed(graph.node):
        if node.op_type in PASSED and node.output[0] in names:
            names.add(node.input[0])
        for place in LEARNT.get(node.op_type, ()):
            if place < len(node.input):
                names.add(node.input[place])
    return names


def trainable(model: onnx.ModelProto, head: Head) -> onnx.ModelProto:
    """The network with its weights as inputs, and logits as output."""
    copy = as_inputs(model)
    for node in copy.graph.node:
        if head.softmax and head.softmax in node.output:
            node.CopyFrom(helper.make_node("Identity", node.input[:1], node.output[:1]))
    return copy


def as_inputs(model: onnx.ModelProto) -> onnx.ModelProto:
    """The network with its weights as inputs, after the one for pictures."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    graph, names = copy.graph, list(weights_of(model))
    held = {one.name: one for one in graph.initializer}
    given = [entry for entry in graph.input if entry.name not in held]
    del graph.input[:]
    graph.input.extend(given)
    for name in names:
        graph.input.append(
            helper.make_tensor_value_info(name, held[name].data_type, list(held[name].dims))
        )
        graph.initializer.remove(held[name])
    return copy


def with_outputs(model: onnx.ModelProto, names: Sequence[str]) -> onnx.ModelProto:
    """The same network, which gives those tensors of its graph."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    del copy.graph.output[:]
    copy.graph.output.extend(
        helper.make_tensor_value_info(one, onnx.TensorProto.FLOAT, None) for one in names
    )
    return copy


def with_weights(model: onnx.ModelProto, weights: Mapping[str, Any]) -> onnx.ModelProto:
    """The same network with other weights."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for one in list(copy.graph.initializer):
        if one.name in weights:
            one.CopyFrom(numpy_helper.from_array(np.asarray(weights[one.name]), one.name))
    return copy
