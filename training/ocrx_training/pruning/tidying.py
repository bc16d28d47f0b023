"""An ONNX network in a form in which channels are easy to follow."""

from __future__ import annotations

from collections import Counter

import onnx
from onnx import numpy_helper

from ocrx_training.finetuning.files import drop_unused

STATES = {"LSTM": (5, 6), "GRU": (5,), "RNN": (5,)}
"""The inputs of recurrent layers that hold their state before the first step."""


def tidy(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same network without identities and written-out zero states, with a constant of its own
    for every operation that takes a small one."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    graph = copy.graph
    _drop_identities(graph)
    _drop_zero_states(graph)
    _drop_dead(graph)
    _split_constants(graph)
    drop_unused(graph)
    del graph.value_info[:]
    return copy


def _drop_identities(graph: onnx.GraphProto) -> None:
    outputs = {entry.name for entry in graph.output}
    same: dict[str, str] = {}
    for node in list(graph.node):
        for place, name in enumerate(node.input):
            node.input[place] = same.get(name, name)
        if node.op_type == "Identity" and node.output[0] not in outputs:
            same[node.output[0]] = node.input[0]
            graph.node.remove(node)


def _drop_zero_states(graph: onnx.GraphProto) -> None:
    """Zeros are what a state is if it is not given."""
    zeros = {
        one.output[0]
        for one in graph.node
        if one.op_type == "ConstantOfShape"
        and not any(numpy_helper.to_array(entry.t).any() for entry in one.attribute)
    }
    for node in graph.node:
        for place in STATES.get(node.op_type, ()):
            if place < len(node.input) and node.input[place] in zeros:
                node.input[place] = ""


def _drop_dead(graph: onnx.GraphProto) -> None:
    used = {entry.name for entry in graph.output}
    for node in reversed(list(graph.node)):
        if used.isdisjoint(node.output):
            graph.node.remove(node)
        else:
            used.update(node.input)


def _split_constants(graph: onnx.GraphProto) -> None:
    """Exporters write equal biases once. Those of two layers must not lose the same channels."""
    small = {one.name: one for one in graph.initializer if len(one.dims) < 2}
    times = Counter[str]()
    for node in graph.node:
        for place, name in enumerate(node.input):
            if name not in small:
                continue
            times[name] += 1
            if times[name] > 1:
                own = f"{name}.{times[name]}"
                graph.initializer.append(small[name])
                graph.initializer[-1].name = own
                node.input[place] = own
