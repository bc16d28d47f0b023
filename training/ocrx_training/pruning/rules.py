"""How operations pass channels on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from ocrx_training.pruning.channels import Axes, Channels
from ocrx_training.pruning.reshaping import reshape

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}

UNARY = (
    "Abs", "Cast", "Ceil", "Clip", "Dropout", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid",
    "HardSwish", "Identity", "LeakyRelu", "Log", "Mish", "Neg", "Reciprocal", "Relu", "Round",
    "Selu", "Sigmoid", "Sign", "Softplus", "Softsign", "Sqrt", "Swish", "Tanh", "ThresholdedRelu",
)  # fmt: skip
"""Operations on each number alone."""

BROADCAST = ("Add", "Div", "Max", "Mean", "Min", "Mul", "PRelu", "Pow", "Sub", "Sum")
POOLING = ("AveragePool", "GlobalAveragePool", "GlobalMaxPool", "LpPool", "MaxPool")
REDUCING = ("ReduceL1", "ReduceL2", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum")
KEEPING = ("Pad", "Resize", "Slice", "Upsample")
"""Operations that leave an axis alone if its size stays."""


def follow(channels: Channels) -> None:
    """Follow channels through the whole network. Those of its outputs are frozen."""
    for node in channels.model.graph.node:
        RULES.get(node.op_type, _freeze)(channels, node)
    for entry in channels.model.graph.output:
        channels.freeze(channels.axes(entry.name))


def attribute(node: onnx.NodeProto, name: str, default: Any = None) -> Any:
    """The value of an attribute."""
    found = (helper.get_attribute_value(one) for one in node.attribute if one.name == name)
    return next(found, default)


def _freeze(channels: Channels, node: onnx.NodeProto) -> None:
    """What an operation without a rule takes stays whole."""
    for name in node.input:
        if name and name not in channels.constants:
            channels.freeze(channels.axes(name))


def _conv(channels: Channels, node: onnx.NodeProto) -> None:
    given, weight, *bias = node.input
    groups, inside = attribute(node, "group", 1), channels.axes(given)[1]
    each_alone = groups == channels.shapes[given][1] == channels.shapes[weight][0]
    if weight not in channels.constants or (groups > 1 and not each_alone):
        _freeze(channels, node)
        return
    made: Any = channels.of_constant(weight, 0)
    if groups > 1:
        made = channels.join(made, inside)
        if made is not None:
            channels.write_attribute(node, "group", made)
    else:
        channels.make(made)
        channels.join(channels.of_constant(weight, 1), inside)
    for name in bias:
        channels.join(channels.of_constant(name, 0), made)
    _give(channels, node, {1: made})


def _conv_transpose(channels: Channels, node: onnx.NodeProto) -> None:
    given, weight, *bias = node.input
    if weight not in channels.constants or attribute(node, "group", 1) > 1:
        _freeze(channels, node)
        return
    channels.join(channels.of_constant(weight, 0), channels.axes(given)[1])
    made = channels.make(channels.of_constant(weight, 1))
    for name in bias:
        channels.join(channels.of_constant(name, 0), made)
    _give(channels, node, {1: made})


def _normalisation(channels: Channels, node: onnx.NodeProto) -> None:
    axis = attribute(node, "axis", -1) if node.op_type == "LayerNormalization" else 1
    axis %= channels.rank(node.input[0])
    axes = channels.axes(node.input[0])
    if any(name and channels.rank(name) > 1 for name in node.input[1:]):
        _freeze(channels, node)
        return
    for name in filter(None, node.input[1:]):
        channels.join(channels.of_constant(name, 0), axes[axis])
    channels.give(node.output[0], axes)


def _unary(channels: Channels, node: onnx.NodeProto) -> None:
    channels.give(node.output[0], channels.axes(node.input[0]))


def _broadcast(channels: Channels, node: onnx.NodeProto) -> None:
    """Axes are the same from the last one on. One of size 1 is repeated, and ties nothing."""
    shape = channels.shapes[node.output[0]]
    axes: Axes = [None] * len(shape)
    for back in range(1, len(shape) + 1):
        wide = [
            name
            for name in node.input
            if back <= channels.rank(name) and channels.shapes[name][-back] == shape[-back]
        ]
        followed = [name for name in wide if name not in channels.constants]
        found = [channels.axes(name)[-back] for name in followed]
        if shape[-back] == 1 or all(ids is None for ids in found):
            continue
        held = [channels.of_constant(name, -back) for name in wide if name in channels.constants]
        axes[-back] = found[0]
        for ids in [*found[1:], *held]:
            axes[-back] = channels.join(axes[-back], ids)
        if any(ids is None for ids in found):
            channels.freeze(found)
    channels.give(node.output[0], axes)


def _product(channels: Channels, node: onnx.NodeProto) -> None:
    """MatMul, or Gemm, with a constant matrix."""
    given, weight, *bias = node.input
    turned = attribute(node, "transB", 0)
    if (
        weight not in channels.constants
        or given in channels.constants
        or channels.rank(weight) != 2
        or attribute(node, "transA", 0)
    ):
        _freeze(channels, node)
        return
    axes = channels.axes(given)
    channels.join(channels.of_constant(weight, 1 if turned else 0), axes[-1])
    made = channels.make(channels.of_constant(weight, 0 if turned else 1))
    for name in bias:
        if channels.shapes[name][-1:] == (len(made),):
            channels.join(channels.along(name, -1), made)
    channels.give(node.output[0], [*axes[:-1], made])


def _transpose(channels: Channels, node: onnx.NodeProto) -> None:
    axes = channels.axes(node.input[0])
    order = attribute(node, "perm", range(len(axes))[::-1])
    channels.give(node.output[0], [axes[place] for place in order])


def _pooling(channels: Channels, node: onnx.NodeProto) -> None:
    _give(channels, node, {1: channels.axes(node.input[0])[1]})


def _reduce(channels: Channels, node: onnx.NodeProto) -> None:
    axes = channels.axes(node.input[0])
    given: Any = attribute(node, "axes")
    written = "".join(node.input[1:2])
    if written in channels.constants:
        given = numpy_helper.to_array(channels.constants[written]).tolist()
    elif written:  # the axes are computed
        _freeze(channels, node)
        return
    gone = {one % len(axes) for one in given or range(len(axes))}
    left = [None if place in gone else ids for place, ids in enumerate(axes)]
    if not attribute(node, "keepdims", 1):
        left = [ids for place, ids in enumerate(axes) if place not in gone]
    channels.give(node.output[0], left)


def _concat(channels: Channels, node: onnx.NodeProto) -> None:
    shape = channels.shapes[node.output[0]]
    joined = attribute(node, "axis") % len(shape)
    taken = [name for name in node.input if name not in channels.constants]
    if all(ids is None for name in taken for ids in channels.axes(name)):
        return
    axes: Axes = [channels.along(node.input[0], place) for place in range(len(shape))]
    for name in node.input[1:]:
        for place in set(range(len(shape))) - {joined}:
            axes[place] = channels.join(axes[place], channels.along(name, place))
    parts = [channels.along(name, joined) for name in node.input]
    if any(ids is not None for ids in parts):
        axes[joined] = np.concatenate(
            [
                channels.frozen(channels.shapes[name][joined]) if ids is None else ids
                for name, ids in zip(node.input, parts, strict=True)
            ]
        )
    channels.give(node.output[0], axes)


def _keeping(channels: Channels, node: onnx.NodeProto) -> None:
    """Channels pass along axes that an operation leaves alone, and are frozen along others."""
    before, after = channels.shapes[node.input[0]], channels.shapes[node.output[0]]
    axes = channels.axes(node.input[0])
    steps = node.op_type == "Slice" and len(node.input) > 4
    kept = [a == b and not steps for a, b in zip(before, after, strict=True)]
    channels.freeze([ids for ids, keeps in zip(axes, kept, strict=True) if not keeps])
    channels.give(node.output[0], [i if k else None for i, k in zip(axes, kept, strict=True)])


def _softmax(channels: Channels, node: onnx.NodeProto) -> None:
    axes = channels.axes(node.input[0])
    channels.freeze([axes[attribute(node, "axis", -1)]])
    channels.give(node.output[0], axes)


def _recurrent(channels: Channels, node: onnx.NodeProto) -> None:
    """A hidden unit is a channel. It lies in the rows of every gate, in both directions."""
    given, weight, again, *rest = node.input
    bias, others = (rest[0] if rest else ""), rest[1:]
    gates = GATES[node.op_type]
    if attribute(node, "layout", 0) or any(others):
        _freeze(channels, node)
        return
    units = channels.make(channels.of_constant(again, 2))
    channels.join(channels.of_constant(weight, 2), channels.axes(given)[2])
    channels.join(channels.of_constant(weight, 1), np.tile(units, gates))
    channels.join(channels.of_constant(again, 1), np.tile(units, gates))
    if bias:
        channels.join(channels.of_constant(bias, 1), np.tile(units, 2 * gates))
    channels.write_attribute(node, "hidden_size", units)
    for name in filter(None, node.output):
        channels.give(name, [*[None] * (channels.rank(name) - 1), units])


def _give(channels: Channels, node: onnx.NodeProto, axes: Mapping[int, Any]) -> None:
    name = node.output[0]
    channels.give(name, [axes.get(place) for place in range(channels.rank(name))])


def _shape(channels: Channels, node: onnx.NodeProto) -> None:
    """The number of channels is read from the tensor itself when the network runs."""


Rule = Callable[[Channels, onnx.NodeProto], None]

RULES: Mapping[str, Rule] = {
    **dict.fromkeys(UNARY, _unary),
    **dict.fromkeys(BROADCAST, _broadcast),
    **dict.fromkeys(POOLING, _pooling),
    **dict.fromkeys(REDUCING, _reduce),
    **dict.fromkeys(KEEPING, _keeping),
    **dict.fromkeys(GATES, _recurrent),
    **dict.fromkeys(("Reshape", "Flatten", "Squeeze", "Unsqueeze"), reshape),
    **dict.fromkeys(("Softmax", "LogSoftmax"), _softmax),
    **dict.fromkeys(("MatMul", "Gemm"), _product),
    "BatchNormalization": _normalisation,
    "InstanceNormalization": _normalisation,
    "LayerNormalization": _normalisation,
    "Concat": _concat,
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "Shape": _shape,
    "Transpose": _transpose,
}
