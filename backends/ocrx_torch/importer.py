"""Imports an ONNX file as a torch.fx.GraphModule.

Constants become buffers, operations on constants alone are computed once, arithmetic on shapes
stays in Python's ints, and batch, height and width stay dynamic.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, inliner, numpy_helper
from torch import Tensor, fx

from ocrx.errors import NoRoute
from ocrx.types import TensorSpec
from ocrx_torch import ops
from ocrx_torch.dtypes import TORCH_DTYPES
from ocrx_torch.network import TorchNetwork
from ocrx_torch.ops.host import to_host, to_tensor
from ocrx_torch.registry import HOST, OPS, Op

DOMAINS = ("", "ai.onnx")
TYPE_ATTRIBUTES = ("to", "dtype", "output_dtype", "stash_type")
INTEGERS = (torch.int32, torch.int64)
CPU = torch.device("cpu")


class Unsupported(Exception):
    """An operation, or a way of using it, is not in the registry."""


def import_onnx(path: Path) -> TorchNetwork:
    """The network of an ONNX file; its module is an fx.GraphModule.

    Raises NoRoute, which lists all operations that are missing, ValueError if the file holds no
    network, and whatever `onnx` does if it cannot read it.
    """
    return import_model(onnx.load(str(path)), path.name)


def import_model(model: onnx.ModelProto, name: str) -> TorchNetwork:
    """As `import_onnx`, for a parsed file; `name` is its name for error messages."""
    if not model.graph.output:
        raise ValueError("it holds no network")
    if model.functions:
        model = inliner.inline_local_functions(model)
    return _Importer(model).build(name)


class _Importer:
    """One import.

    `_values` maps each ONNX name to a node of the graph, a constant tensor, or None. `_numbers` are
    the nodes whose values are Python's numbers rather than tensors.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        self._graph = model.graph
        self._opset = max(
            (entry.version for entry in model.opset_import if entry.domain in DOMAINS), default=1
        )
        self._root = torch.nn.Module()
        self._fx = fx.Graph()
        self._values: dict[str, Any] = {"": None}
        self._numbers: set[fx.Node] = set()
        self._buffers: dict[int, tuple[Tensor, fx.Node]] = {}

    def build(self, name: str) -> TorchNetwork:
        missing = dict.fromkeys(filter(None, map(self._hold, self._graph.initializer)))
        inputs = [entry for entry in self._graph.input if entry.name not in self._values]
        for place, entry in enumerate(inputs):
            self._values[entry.name] = self._fx.placeholder(f"input_{place}")
        missing |= dict.fromkeys(filter(None, map(self._add, self._graph.node)))
        if missing:
            raise NoRoute(
                f"the torch backend cannot run {name}: it lacks {', '.join(missing)}",
                "Use `--backend onnxruntime` or `--backend openvino` for this model.",
            )
        found = [self._as_node(self._values[entry.name]) for entry in self._graph.output]
        self._fx.output(tuple(found))
        self._fx.eliminate_dead_code()
        module = fx.GraphModule(self._root, self._fx, "Network")
        module.eval()
        specs = [tuple(map(_spec, entries)) for entries in (inputs, self._graph.output)]
        return TorchNetwork(module, specs[0], specs[1])

    def _hold(self, constant: onnx.TensorProto) -> str:
        """Add a constant. Returns what is unsupported about it, else ""."""
        try:
            self._values[constant.name] = tensor_of(constant)
        except Unsupported as problem:
            return str(problem)
        return ""

    def _add(self, node: onnx.NodeProto) -> str:
        """Add a node. Returns what is unsupported about it, else "".

        If one of its inputs failed, the node is only checked for its own operation.
        """
        try:
            if all(name in self._values for name in node.input):
                self._values.update(zip(node.output, self._outputs(node), strict=False))
            else:
                _check_known(node)
        except Unsupported as problem:
            return str(problem)
        return ""

    def _outputs(self, node: onnx.NodeProto) -> Sequence[Any]:
        if node.op_type == "Constant" and node.domain in DOMAINS:
            return [_constant(node)]
        values = [self._values[name] for name in node.input]
        if node.op_type == "Identity":
            return values
        numbers = self._on_host(node, values)
        if numbers is not None:
            return [numbers]
        _check_known(node)
        result = self._on_tensors(node, OPS[node.op_type], values)
        if len(node.output) == 1 and not _returns_many(OPS[node.op_type]):
            return [result]
        if isinstance(result, fx.Node):
            return [self._call(_item, result, place) for place in range(len(node.output))]
        return list(result)

    def _on_host(self, node: onnx.NodeProto, values: list[Any]) -> fx.Node | None:
        """The node computed in Python's numbers; None if it needs more than shapes and integer
        constants."""
        function = HOST.get(node.op_type)
        if function is None or not any(isinstance(value, fx.Node) for value in values):
            return None
        given = _attributes(node)
        if node.op_type not in ("Shape", "Size"):
            if not any(value in self._numbers for value in values if isinstance(value, fx.Node)):
                return None
            if given.get("to", torch.int64) not in INTEGERS:
                return None
            if not all(self._is_number(value) for value in values):
                return None
            values = [_literal(v) if isinstance(v, Tensor) else v for v in values]
        result = self._fx.call_function(function, tuple(values), given)
        self._numbers.add(result)
        return result

    def _is_number(self, value: Any) -> bool:
        if isinstance(value, Tensor):
            return value.ndim <= 1 and value.dtype in INTEGERS
        return value is None or value in self._numbers

    def _on_tensors(self, node: onnx.NodeProto, op: Op, values: list[Any]) -> Any:
        given = _attributes(node)
        keywords = {}
        for name, value in given.items():
            own = op.argument(name)
            if own is None:
                raise Unsupported(f"{node.op_type} with {name}")
            keywords[own] = value
        extra = {
            "opset": self._opset,
            "outputs": sum(bool(name) for name in node.output),
            "num_outputs": len(node.output),
            "device": CPU,
            "default": torch.float32,
        }
        keywords = {k: v for k, v in extra.items() if k in op.arguments} | keywords
        if op.variadic:
            return self._call(op.function, *map(self._as_tensor, values), **keywords)
        if len(values) > len(op.arguments):
            raise Unsupported(f"{node.op_type} with {len(values)} inputs")
        for name, value in zip(op.arguments, values, strict=False):
            if value is not None:
                to = self._as_number if name in op.host else self._as_tensor
                keywords[name] = to(value)
        refused = op.refuse(keywords) if op.refuse else ""
        if refused:
            raise Unsupported(f"{node.op_type} with {refused}")
        if op.lower is not None:
            return op.lower(self._call, keywords)
        return self._call(op.function, **keywords)

    def _call(self, function: Any, *args: Any, **keywords: Any) -> Any:
        """A node for the call, or its result if all arguments are constants."""
        nodes = [v for v in _leaves((args, keywords)) if isinstance(v, fx.Node)]
        if not nodes:
            with torch.no_grad():
                return function(*args, **keywords)
        held = fx.node.map_aggregate((args, keywords), self._as_node_if_tensor)
        return self._fx.call_function(function, *held)

    def _as_node_if_tensor(self, value: Any) -> Any:
        return self._as_node(value) if isinstance(value, Tensor) else value

    def _as_node(self, value: Any) -> Any:
        """The node of a value: a constant becomes a buffer of the module, numbers a tensor."""
        value = self._as_tensor(value)
        if not isinstance(value, Tensor):
            return value
        if id(value) not in self._buffers:
            name = f"constant_{len(self._buffers)}"
            self._root.register_buffer(name, value)
            self._buffers[id(value)] = value, self._fx.get_attr(name)
        return self._buffers[id(value)][1]

    def _as_tensor(self, value: Any) -> Any:
        if isinstance(value, fx.Node) and value in self._numbers:
            return self._fx.call_function(to_tensor, (value,), {"device": CPU})
        return value

    def _as_number(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            return _literal(value)
        if value in self._numbers:
            return value
        return self._fx.call_function(to_host, (value,))


def _item(values: Sequence[Any], place: int) -> Any:
    return values[place]


def _leaves(value: Any) -> list[Any]:
    found: list[Any] = []
    fx.node.map_aggregate(value, found.append)
    return found


def _returns_many(op: Op) -> bool:
    return op.lower is not None or str(
        getattr(op.function, "__annotations__", {}).get("return", "")
    ).startswith("tuple")


def _check_known(node: onnx.NodeProto) -> None:
    if node.domain not in DOMAINS:
        raise Unsupported(f"{node.domain}.{node.op_type}")
    if node.op_type not in OPS and node.op_type not in (*HOST, "Constant"):
        raise Unsupported(node.op_type)


def _attributes(node: onnx.NodeProto) -> dict[str, Any]:
    return {entry.name: _attribute(node, entry) for entry in node.attribute}


def _attribute(node: onnx.NodeProto, entry: onnx.AttributeProto) -> Any:
    value = helper.get_attribute_value(entry)
    if entry.name in TYPE_ATTRIBUTES:
        if value not in TORCH_DTYPES:
            raise Unsupported(f"{node.op_type} to {onnx.TensorProto.DataType.Name(value)}")
        return TORCH_DTYPES[value]
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, onnx.TensorProto):
        return tensor_of(value)
    if isinstance(value, onnx.GraphProto | onnx.SparseTensorProto):
        raise Unsupported(f"{node.op_type} with {entry.name}")
    if entry.type == onnx.AttributeProto.STRINGS:
        return tuple(text.decode() for text in value)
    return value if isinstance(value, int | float) else tuple(value)


def _constant(node: onnx.NodeProto) -> Tensor:
    (value,) = _attributes(node).values()
    if isinstance(value, Tensor):
        return value
    numbers = np.asarray(value)
    if numbers.dtype.kind not in "if":
        raise Unsupported("Constant of text")
    kind = np.int64 if numbers.dtype.kind == "i" else np.float32
    return torch.from_numpy(numbers.astype(kind))


def tensor_of(proto: onnx.TensorProto) -> Tensor:
    """The tensor that ONNX stores. Raises Unsupported for a type that torch lacks."""
    if proto.data_type not in TORCH_DTYPES:
        raise Unsupported(f"{onnx.TensorProto.DataType.Name(proto.data_type)} tensors")
    array = numpy_helper.to_array(proto)
    if proto.data_type == onnx.TensorProto.BFLOAT16:
        return torch.from_numpy(array.astype(np.float32)).to(torch.bfloat16)
    return torch.from_numpy(np.array(array, order="C"))  # a copy, because `array` is read-only


def _literal(value: Tensor) -> Any:
    found = value.tolist()
    return tuple(found) if isinstance(found, list) else found


def _spec(entry: onnx.ValueInfoProto) -> TensorSpec:
    tensor = entry.type.tensor_type
    dtype = np.dtype(helper.tensor_dtype_to_np_dtype(tensor.elem_type)).name
    sizes = (d.dim_value if d.HasField("dim_value") else 0 for d in tensor.shape.dim)
    return TensorSpec(entry.name, tuple(size if size > 0 else None for size in sizes), dtype)


_ = ops  # importing it fills the registry
