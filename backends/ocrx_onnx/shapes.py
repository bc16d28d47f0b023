"""The shape of every tensor of an ONNX network, and the values of those that depend only on shapes.

ONNX's own inference (`onnx.shape_inference`) propagates values through few operations, but
exporters compute shapes with many. So small constants are computed node by node, with ONNX's
reference evaluator, and given to the inference of the nodes that take them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ocrx.errors import UsageError
from ocrx.interfaces.inspection import Shape

if TYPE_CHECKING:
    import onnx

SMALL = 4096
"""The most elements of a constant whose values are computed: enough for shapes, axes, indices."""

ROUNDED = ("DequantizeLinear", "QuantizeLinear")
"""These give weights and no shapes, and ONNX evaluates only their latest versions."""


class Shapes:
    """The type and shape of every tensor, learnt by passing the nodes to `compute` in order.

    Raises UsageError unless `inputs` gives each of the model's inputs a shape that it can take.
    """

    def __init__(self, model: onnx.ModelProto, inputs: Mapping[str, Shape]) -> None:
        self._model = model
        self._types: dict[str, Any] = {}
        self._values: dict[str, NDArray[Any]] = {}
        self._constants: set[str] = set()
        self._declared = {value.name: value.type for value in model.graph.value_info}
        self._opsets = {one.domain: one.version for one in model.opset_import}
        for tensor in model.graph.initializer:
            self._add_constant(tensor.name, tensor)
        for value in model.graph.input:
            if value.name not in self._types:
                self._types[value.name] = _fixed(value, inputs)

    def shape(self, name: str) -> Shape:
        """The tensor's shape."""
        return self.size(name)[0]

    def size(self, name: str) -> tuple[Shape, int | None]:
        """The tensor's shape, and the bytes of an element; None for floating point."""
        kind = self._types[name].tensor_type
        shape = tuple(dimension.dim_value for dimension in kind.shape.dim)
        dtype = _dtype(kind.elem_type)
        return shape, None if np.issubdtype(dtype, np.floating) else dtype.itemsize

    def value(self, name: str) -> NDArray[Any] | None:
        """The values of a small constant, else None."""
        return self._values.get(name)

    def is_constant(self, name: str) -> bool:
        """Whether the tensor does not depend on the values of the inputs."""
        return name in self._constants

    def is_real(self, name: str) -> bool:
        """Whether the tensor holds data, floating-point or quantised, rather than shapes or
        indices."""
        dtype = _dtype(self._types[name].tensor_type.elem_type)
        return np.issubdtype(dtype, np.floating) or dtype.itemsize == 1

    def compute(self, node: onnx.NodeProto) -> bool:
        """Infer the node's results. Returns False if their shapes cannot be known.

        Raises UsageError if the node cannot take its inputs' shapes.
        """
        if node.op_type == "Constant" and node.domain == "":
            self._add_constant(node.output[0], _constant(node))
            return True
        known = all(name in self._constants for name in node.input if name)
        if node.op_type == "Shape" or (known and self._small(node)):
            self._evaluate(node)
            return True
        self._types.update(self._inferred(node))
        if known:
            self._constants.update(node.output)
        return all(self._is_fixed(name) for name in node.output if name)

    def _small(self, node: onnx.NodeProto) -> bool:
        if node.op_type in ROUNDED:
            return False
        return all(name in self._values for name in node.input if name)

    def _is_fixed(self, name: str) -> bool:
        kind = self._types.get(name)
        return (
            kind is not None
            and kind.tensor_type.HasField("shape")
            and all(dimension.HasField("dim_value") for dimension in kind.tensor_type.shape.dim)
        )

    def _evaluate(self, node: onnx.NodeProto) -> None:
        from onnx import helper, numpy_helper
        from onnx.reference import ReferenceEvaluator

        feeds = {n: self._values.get(n, np.empty(0)) for n in node.input if n}
        if node.op_type == "Shape":  # it needs no values
            feeds = {n: np.broadcast_to(np.float32(0), self.shape(n)) for n in node.input}
        graph = helper.make_graph(
            [node],
            "one",
            [onnx_value(name, value) for name, value in feeds.items()],
            [helper.make_empty_tensor_value_info(name) for name in node.output if name],
        )
        model = helper.make_model(graph, opset_imports=self._model.opset_import)
        results = ReferenceEvaluator(model).run(None, feeds)
        for name, value in zip(filter(None, node.output), results, strict=True):
            self._add_constant(name, numpy_helper.from_array(np.asarray(value), name))

    def _inferred(self, node: onnx.NodeProto) -> dict[str, Any]:
        from onnx import defs, numpy_helper, shape_inference

        declared = {n: self._declared[n] for n in node.output if n in self._declared}
        version = self._opsets.get(node.domain, 1)
        if not defs.has(node.op_type, version, node.domain):
            return declared
        taken = [name for name in node.input if name]
        small = [name for name in taken if name in self._values]
        values = {name: numpy_helper.from_array(self._values[name], name) for name in small}
        try:
            found: dict[str, Any] = shape_inference.infer_node_outputs(
                defs.get_schema(node.op_type, version, node.domain),
                node,
                {name: self._types[name] for name in taken},
                values,
                opset_imports=list(self._model.opset_import),
                ir_version=self._model.ir_version,
            )
        except shape_inference.InferenceError as error:
            raise UsageError(
                f"{node.op_type} {node.name or node.output[0]} cannot take such shapes: "
                f"{str(error).splitlines()[0]}",
                "Give another `--shape`.",
            ) from error
        return {**declared, **found}

    def _add_constant(self, name: str, tensor: onnx.TensorProto) -> None:
        from onnx import helper, numpy_helper

        self._types[name] = helper.make_tensor_type_proto(tensor.data_type, tensor.dims)
        self._constants.add(name)
        if int(np.prod(tensor.dims, dtype=np.int64)) <= SMALL:
            self._values[name] = numpy_helper.to_array(tensor)


def onnx_value(name: str, value: NDArray[Any]) -> onnx.ValueInfoProto:
    """The name, type and shape of an array, as ONNX describes a graph's input."""
    from onnx import helper

    kind = helper.np_dtype_to_tensor_dtype(value.dtype)
    return helper.make_tensor_value_info(name, kind, value.shape)


def _constant(node: onnx.NodeProto) -> onnx.TensorProto:
    from onnx import TensorProto, helper, numpy_helper

    (attribute,) = node.attribute
    value: Any = helper.get_attribute_value(attribute)
    if isinstance(value, TensorProto):
        return value
    return numpy_helper.from_array(np.asarray(value, _SCALARS.get(attribute.name)))


_SCALARS = {
    "value_int": np.int64,
    "value_ints": np.int64,
    "value_float": np.float32,
    "value_floats": np.float32,
}


def _dtype(element: int) -> np.dtype[Any]:
    from onnx import helper

    return np.dtype(helper.tensor_dtype_to_np_dtype(element))


def _fixed(value: onnx.ValueInfoProto, inputs: Mapping[str, Shape]) -> Any:
    """The type of an input with its shape from `inputs`. Raises UsageError if it does not fit."""
    from onnx import helper

    kind = value.type.tensor_type
    declared = [d.dim_value if d.dim_value > 0 else None for d in kind.shape.dim]
    shape = inputs.get(value.name)
    if shape is None:
        raise UsageError(f"no shape is given for the input {value.name!r}", "Give its shape.")
    fits = len(shape) == len(declared) and all(
        asked > 0 and wanted in (None, asked) for asked, wanted in zip(shape, declared, strict=True)
    )
    if not fits:
        wanted = "x".join("?" if one is None else str(one) for one in declared)
        raise UsageError(
            f"the input {value.name!r} is {wanted} and cannot be {'x'.join(map(str, shape))}",
            "Give another `--shape`.",
        )
    return helper.make_tensor_type_proto(kind.elem_type, shape)
