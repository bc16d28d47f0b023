"""Counts what each operation of an ONNX network computes, reads and writes at given shapes."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocrx.errors import InputError, UsageError
from ocrx.interfaces.inspection import Graph, Inspector, Operation, Shape, Size
from ocrx.interfaces.runtimes import Availability
from ocrx.types import TensorSpec
from ocrx_onnx.costs import FREE, cost, role
from ocrx_onnx.graph import OPSET
from ocrx_onnx.shapes import Shapes

if TYPE_CHECKING:
    import onnx

REMEDY = "Give a network that is an ONNX file."
INSTALL = "pip install 'ocrx[quantize]'"


class OnnxInspector(Inspector):
    """Inspects ONNX files. Needs the package `onnx`."""

    name = "onnx"
    accepts = ("onnx", "onnx-u8")

    def probe(self) -> Availability:
        try:
            import_module("onnx")
        except ImportError as error:
            return Availability(False, remedy=INSTALL, detail=str(error))
        return Availability(True, version("onnx"))

    def inputs(self, path: Path) -> tuple[TensorSpec, ...]:
        return tuple(_spec(value) for value in _inputs(_load(path).graph))

    def inspect(self, path: Path, shapes: Mapping[str, Shape]) -> Graph:
        model = _load(path)
        known = Shapes(model, shapes)
        operations, uncounted = [], set()
        for node in model.graph.node:
            if not known.compute(node):
                raise UsageError(
                    f"{path.name} has the operation {_kind(node)}, and the shape of its result is "
                    "unknown",
                    "Estimate the network as it was before that operation was added.",
                )
            # A runtime computes what depends on shapes alone once, when it loads the network.
            if node.op_type in FREE or all(known.is_constant(name) for name in node.output if name):
                continue
            macs, others, counted = cost(node, known)
            if not counted:
                uncounted.add(_kind(node))
            operations.append(_operation(node, known, macs, others))
        sizes = {name: Size(*known.size(name)) for one in operations for name in _tensors(one)}
        inputs = tuple(value.name for value in _inputs(model.graph))
        sizes.update((name, Size(*known.size(name))) for name in inputs)
        outputs = tuple(o.name for o in model.graph.output if o.name in sizes)
        return Graph(tuple(operations), sizes, inputs, outputs, tuple(sorted(uncounted)))

    def product(self, path: Path, size: int) -> None:
        import onnx
        from onnx import TensorProto, helper

        # Runtimes fold it into a weight when they load the network.
        one = helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0])
        nodes = [
            helper.make_node("ConstantOfShape", ["shape"], ["b"], value=one),
            helper.make_node("MatMul", ["a", "b"], ["c"]),
        ]
        a, c = (
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [size, size])
            for name in ("a", "c")
        )
        shape = helper.make_tensor("shape", TensorProto.INT64, [2], [size, size])
        graph = helper.make_graph(nodes, "product", [a], [c], [shape])
        opset = helper.make_opsetid("", OPSET)
        onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=8), path)


def _operation(node: onnx.NodeProto, known: Shapes, macs: int, others: int) -> Operation:
    taken = [name for name in dict.fromkeys(node.input) if name]
    return Operation(
        node.name or node.output[0],
        _kind(node),
        role(node),
        macs,
        others,
        tuple(name for name in taken if not known.is_constant(name)),
        # Integer constants such as shapes and axes are parameters, not weights.
        tuple(name for name in taken if known.is_constant(name) and known.is_real(name)),
        tuple(name for name in node.output if name),
    )


def _tensors(one: Operation) -> tuple[str, ...]:
    return (*one.reads, *one.weights, *one.writes)


def _kind(node: onnx.NodeProto) -> str:
    return f"{node.domain}.{node.op_type}" if node.domain not in ("", "ai.onnx") else node.op_type


def _load(path: Path) -> onnx.ModelProto:
    import onnx
    from onnx import inliner

    try:
        model = onnx.load(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}", REMEDY) from error
    except Exception as error:  # protobuf's errors depend on its version
        raise InputError(f"{path} is not an ONNX file", REMEDY) from error
    if not model.graph.node:
        raise InputError(f"{path} holds no network", REMEDY)
    return inliner.inline_local_functions(model) if model.functions else model


def _inputs(graph: onnx.GraphProto) -> list[Any]:
    # Old files list weights among the inputs too.
    weights = {tensor.name for tensor in graph.initializer}
    return [value for value in graph.input if value.name not in weights]


def _spec(value: onnx.ValueInfoProto) -> TensorSpec:
    from onnx import helper

    kind = value.type.tensor_type
    shape = tuple(d.dim_value if d.dim_value > 0 else None for d in kind.shape.dim)
    return TensorSpec(value.name, shape, str(helper.tensor_dtype_to_np_dtype(kind.elem_type)))
