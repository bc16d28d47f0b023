"""A network in two parts: one that stays as it is, and one that learns."""

from __future__ import annotations

import onnx
from onnx import helper

from ocrx_training.finetuning.files import drop_unused, weights_of

FLOAT = onnx.TensorProto.FLOAT


def split(model: onnx.ModelProto, share: float) -> tuple[onnx.ModelProto | None, onnx.ModelProto]:
    """The lower part of a network, None if all of it learns, and the upper, with at least that
    share of the weights.

    They meet where a single tensor passes. The upper part takes it as its only input.
    """
    place, tensor = _meeting(model, share)
    if place < 0:
        return None, model
    lower, upper = _copy(model), _copy(model)
    del lower.graph.node[place + 1 :]
    del upper.graph.node[: place + 1]
    del lower.graph.output[:]
    lower.graph.output.append(helper.make_tensor_value_info(tensor, FLOAT, None))
    held = {one.name for one in upper.graph.initializer}
    given = [one for one in upper.graph.input if one.name in held]
    del upper.graph.input[:]
    upper.graph.input.append(helper.make_tensor_value_info(tensor, FLOAT, None))
    upper.graph.input.extend(given)
    for part in (lower, upper):
        del part.graph.value_info[:]
        drop_unused(part.graph)
    return lower, upper


def _meeting(model: onnx.ModelProto, share: float) -> tuple[int, str]:
    """The last node after which a single tensor passes and that share of the weights is to come,
    and the tensor. (-1, "") if there is none."""
    graph = model.graph
    held = {one.name for one in graph.initializer}
    sizes = {name: weight.size for name, weight in weights_of(model).items()}
    last = {name: place for place, node in enumerate(graph.node) for name in node.input}
    to_come = sum(sizes.values())
    least, found = share * to_come, (-1, "")
    live = {entry.name for entry in graph.input if entry.name not in held}
    for place, node in enumerate(graph.node):
        to_come -= sum(sizes.pop(name, 0) for name in node.input)
        if to_come < least:
            break
        live = {name for name in live | set(node.output) if last.get(name, -1) > place}
        if len(live) == 1:
            found = place, next(iter(live))
    return found


def _copy(model: onnx.ModelProto) -> onnx.ModelProto:
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    return copy
