"""What the ONNX parser of a target takes, and what of it a network lacks."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import onnx

ONNX_DOMAINS = ("", "ai.onnx")


@dataclass(frozen=True)
class Limit:
    """What a parser asks of an operator.

    `constant` are the inputs, by number, that must be initializers; `ranks` those of its first
    input, and `outputs` how many outputs may be used; `attributes` the values that are taken.
    """

    constant: Sequence[int] = ()
    ranks: Sequence[int] = ()
    outputs: int | None = None
    attributes: Mapping[str, Sequence[str]] | None = None


@dataclass(frozen=True)
class Parser:
    """The operators that a parser takes, up to an `opset`, and their `limits`. `source` says where
    that is written."""

    name: str
    opset: int
    ir_version: int
    operators: Collection[str]
    limits: Mapping[str, Limit]
    source: str

    def takes(self, node: onnx.NodeProto) -> bool:
        """Whether it knows the node's operator."""
        return node.domain in ONNX_DOMAINS and node.op_type in self.operators

    def lacking(self, model: onnx.ModelProto) -> list[str]:
        """The operators of a network that it does not know."""
        return list(dict.fromkeys(kind(n) for n in model.graph.node if not self.takes(n)))

    def objections(self, model: onnx.ModelProto) -> list[str]:
        """What it does not take in a network, each thing once: operators, and uses of them."""
        constants = {tensor.name for tensor in model.graph.initializer}
        axes = ranks(model)
        misuses = (
            misuse
            for node in model.graph.node
            for misuse in _misuses(node, self.limits.get(node.op_type, Limit()), constants, axes)
        )
        return list(dict.fromkeys([*self.lacking(model), *misuses]))


def load_parser(file: str) -> Parser:
    """The parser that a JSON file of this package describes."""
    table = json.loads(files(__package__).joinpath(file).read_text("utf-8"))
    limits = {name: Limit(**limit) for name, limit in table["limits"].items()}
    return Parser(
        table["name"],
        table["opset"],
        table["ir_version"],
        frozenset(table["operators"]),
        limits,
        table["source"],
    )


def kind(node: onnx.NodeProto) -> str:
    """The name of a node's operator, with its domain if that is not ONNX's own."""
    return node.op_type if node.domain in ONNX_DOMAINS else f"{node.domain}.{node.op_type}"


def _misuses(
    node: onnx.NodeProto, known: Limit, constants: Collection[str], axes: Mapping[str, int]
) -> Iterator[str]:
    for number in known.constant:
        name = node.input[number] if number < len(node.input) else ""
        if name and name not in constants:
            yield f"{node.op_type} whose input {number} is computed"
    rank = axes.get(node.input[0]) if node.input else None
    if known.ranks and rank is not None and rank not in known.ranks:
        yield f"{node.op_type} of {rank} axes"
    if known.outputs is not None and sum(map(bool, node.output)) > known.outputs:
        yield f"{node.op_type} with {sum(map(bool, node.output))} outputs"
    given: dict[str, Any] = {one.name: one.s.decode() for one in node.attribute if one.s}
    for name, values in (known.attributes or {}).items():
        if name in given and given[name] not in values:
            yield f"{node.op_type} with {name}={given[name]}"


def ranks(model: onnx.ModelProto) -> dict[str, int]:
    """The numbers of axes of the tensors whose shape is known."""
    return {
        value.name: len(value.type.tensor_type.shape.dim)
        for value in _inferred(model)
        if value.type.tensor_type.HasField("shape")
    }


def whole_numbers(model: onnx.ModelProto) -> frozenset[str]:
    """The tensors that are known to hold whole numbers."""
    from onnx import TensorProto

    kinds = (TensorProto.INT32, TensorProto.INT64)
    weights = {one.name for one in model.graph.initializer if one.data_type in kinds}
    inferred = (v.name for v in _inferred(model) if v.type.tensor_type.elem_type in kinds)
    return frozenset({*weights, *inferred})


def _inferred(model: onnx.ModelProto) -> list[onnx.ValueInfoProto]:
    from onnx import shape_inference

    graph = shape_inference.infer_shapes(model).graph
    return [*graph.input, *graph.value_info, *graph.output]
