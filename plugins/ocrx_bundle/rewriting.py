"""Rewrites a network such that the parser of a target takes it, and it computes the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocrx.errors import ConversionFailed
from ocrx_bundle.equivalents import EQUIVALENTS
from ocrx_bundle.operators import ONNX_DOMAINS, Parser, kind
from ocrx_bundle.opsets import REMEDY, lowered, opset, replace_operators

if TYPE_CHECKING:
    import onnx


@dataclass(frozen=True)
class Rewritten:
    """A network that a parser takes. `operators` were replaced by others; `opset` is that of the
    file before and after."""

    model: onnx.ModelProto
    operators: tuple[str, ...]
    opset: tuple[int, int]


def rewritten(path: Path, name: str, parser: Parser) -> Rewritten:
    """The network in a file, as the parser takes it.

    Operators that it lacks are replaced by an equivalent where there is one: one of ours, or the
    definition that ONNX itself gives. Constants become initializers, copies vanish, and the opset
    is lowered to the parser's. Raises ConversionFailed, which names every operator that remains.
    """
    import onnx.inliner

    try:
        model = onnx.load(path)
    except Exception as error:  # protobuf's errors depend on its version
        raise ConversionFailed(f"{name} ({path}) is not an ONNX file", REMEDY) from error
    if model.functions:
        model = onnx.inliner.inline_local_functions(model)
    before = opset(model)
    _check([kind(n) for n in model.graph.node if n.domain not in ONNX_DOMAINS], name, parser)
    _tidy(model)
    lacking = {one: how for one, how in EQUIVALENTS.items() if one not in parser.operators}
    replaced = replace_operators(model, lacking)
    model = _inlined(model, parser, replaced)
    _tidy(model)
    _check(parser.lacking(model), name, parser)
    model = lowered(model, name, parser.name, parser.opset)
    _tidy(model)
    _check(parser.objections(model), name, parser)
    model.ir_version = min(model.ir_version, parser.ir_version)
    return Rewritten(model, tuple(replaced), (before, opset(model)))


def _check(objections: list[str], name: str, parser: Parser) -> None:
    if objections:
        raise ConversionFailed(
            f"{parser.name} does not take {name}: it lacks {', '.join(objections)}", REMEDY
        )


def _inlined(model: onnx.ModelProto, parser: Parser, replaced: list[str]) -> onnx.ModelProto:
    """The network without operators that the parser lacks and that ONNX defines by others. They are
    added to `replaced`."""
    from onnx import defs, inliner

    lacking = {node.op_type for node in model.graph.node if not parser.takes(node)}
    known = [name for name in sorted(lacking) if defs.has(name) and _is_function(name)]
    if not known:
        return model
    names = [("", name) for name in known]
    try:
        inlined = inliner.inline_selected_functions(model, names, inline_schema_functions=True)
    except Exception:  # it cannot take every network; what remains is named below
        return model
    replaced += known
    return inlined


def _is_function(name: str) -> bool:
    from onnx import defs

    schema: Any = defs.get_schema(name)
    return bool(schema.has_function or schema.has_context_dependent_function)


def _tidy(model: onnx.ModelProto) -> None:
    """Turn constants into initializers, weights that are stored in 16 bits into fp32, and take out
    copies, such as those that some exporters put between a weight and the operation that takes
    it."""
    from onnx import TensorProto, numpy_helper

    graph = model.graph
    outputs = {value.name for value in graph.output}
    half = {one.name: one for one in graph.initializer if one.data_type == TensorProto.FLOAT16}
    same: dict[str, str] = {}
    kept = []
    for node in graph.node:
        _rename(node, same)
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            tensor = graph.initializer.add()
            tensor.CopyFrom(node.attribute[0].t)
            tensor.name = node.output[0]
        elif node.op_type == "Cast" and node.input[0] in half and _to_fp32(node):
            values = numpy_helper.to_array(half[node.input[0]]).astype("float32")
            graph.initializer.append(numpy_helper.from_array(values, node.output[0]))
        elif node.op_type in ("Identity", "Dropout") and node.output[0] not in outputs:
            same[node.output[0]] = node.input[0]
        else:
            kept.append(node)
    del graph.node[:]
    graph.node.extend(kept)
    used = {name for node in kept for name in _needed(node)} | outputs
    weights = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(weights)


def _to_fp32(cast: onnx.NodeProto) -> bool:
    from onnx import TensorProto

    return any(one.name == "to" and one.i == TensorProto.FLOAT for one in cast.attribute)


def _rename(node: onnx.NodeProto, names: Mapping[str, str]) -> None:
    """Have a node, and the graphs within it, take other tensors."""
    for number, name in enumerate(node.input):
        node.input[number] = names.get(name, name)
    for attribute in node.attribute:
        if attribute.HasField("g"):
            for inner in attribute.g.node:
                _rename(inner, names)


def _needed(node: onnx.NodeProto) -> Iterator[str]:
    """The tensors that a node and the graphs within it take."""
    yield from node.input
    for attribute in node.attribute:
        if attribute.HasField("g"):
            for inner in attribute.g.node:
                yield from _needed(inner)
            yield from (value.name for value in attribute.g.output)
