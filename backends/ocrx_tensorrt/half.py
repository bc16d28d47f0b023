"""Casts an ONNX network to fp16 for a TensorRT without a flag for fp16.

Weights, constants and all arithmetic become fp16. Inputs and outputs of the network stay fp32, and
so do inputs of operations that ONNX defines as fp32.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

# Beyond these, fp16 is infinite or zero. Only single numbers are kept from becoming zero, because
# they are the epsilons that normalisations add before they divide.
LARGEST = 65504.0
SMALLEST = 6e-8

# The inputs that ONNX defines as fp32, by operation and position.
ALWAYS_FP32 = {("Resize", 1), ("Resize", 2), ("Upsample", 1)}
SUFFIX = "__fp16"


def to_fp16(path: Path) -> bytes:
    """The network in the file, cast and serialized. Raises whatever `onnx` does for a file that is
    not ONNX."""
    import onnx

    model = onnx.load(path)
    _Cast(onnx).graph(model.graph)
    return bytes(model.SerializeToString())


class _Cast:
    def __init__(self, onnx: Any) -> None:
        self._onnx = onnx
        self._fp32 = onnx.TensorProto.FLOAT
        self._fp16 = onnx.TensorProto.FLOAT16
        self._count = 0
        self._constants: dict[str, Any] = {}  # the fp32 originals, by name

    def graph(self, graph: Any) -> None:
        """Cast the outermost graph, whose inputs and outputs keep their types and names."""
        constants = {tensor.name for tensor in graph.initializer}
        inputs = self._floats(v for v in graph.input if v.name not in constants)
        outputs = self._floats(graph.output)
        renamed = {name: name + SUFFIX for name in inputs + outputs}
        self._body(graph, renamed)
        nodes = list(graph.node)
        del graph.node[:]
        graph.node.extend(self._cast(name, renamed[name], self._fp16) for name in inputs)
        graph.node.extend(nodes)
        graph.node.extend(self._cast(renamed[name], name, self._fp32) for name in outputs)

    def _body(self, graph: Any, renamed: dict[str, str]) -> None:
        """Cast what a graph holds, and apply the new names in `renamed`."""
        del graph.value_info[:]
        for tensor in graph.initializer:
            self._keep(tensor.name, tensor)
            tensor.CopyFrom(self._tensor(tensor))
            tensor.name = renamed.get(tensor.name, tensor.name)
        nodes = list(graph.node)
        del graph.node[:]
        for node in nodes:
            node.input[:] = [renamed.get(name, name) for name in node.input]
            node.output[:] = [renamed.get(name, name) for name in node.output]
            self._attributes(node, renamed)
            graph.node.extend(self._fp32_inputs(node))
            graph.node.append(node)

    def _attributes(self, node: Any, renamed: dict[str, str]) -> None:
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i == self._fp32:
                attribute.i = self._fp16
            if node.op_type == "Constant" and attribute.name in ("value_float", "value_floats"):
                lone = attribute.name == "value_float"
                values = np.array(attribute.f if lone else attribute.floats, np.float32)
                tensor = self._onnx.numpy_helper.from_array(values)
                attribute.CopyFrom(self._onnx.helper.make_attribute("value", tensor))
            if attribute.HasField("t"):
                if node.op_type == "Constant":
                    self._keep(node.output[0], attribute.t)
                attribute.t.CopyFrom(self._tensor(attribute.t))
            for inner in [attribute.g] if attribute.HasField("g") else list(attribute.graphs):
                self._inner(inner, renamed)

    def _inner(self, graph: Any, renamed: dict[str, str]) -> None:
        """Cast the body of a loop or branch, its inputs and outputs included."""
        own = {v.name for v in (*graph.input, *graph.output, *graph.initializer)}
        own |= {name for node in graph.node for name in node.output}
        for value in (*graph.input, *graph.output):
            if value.type.tensor_type.elem_type == self._fp32:
                value.type.tensor_type.elem_type = self._fp16
        self._body(graph, {old: new for old, new in renamed.items() if old not in own})

    def _fp32_inputs(self, node: Any) -> Iterator[Any]:
        """The nodes that restore inputs that the node requires in fp32.

        A constant is restored as it was, because a scale factor rounded to fp16 would change sizes.
        Anything else is cast back.
        """
        for position, name in enumerate(node.input):
            if not name or (node.op_type, position) not in ALWAYS_FP32:
                continue
            self._count += 1
            node.input[position] = again = f"{name}__fp32_{self._count}"
            kept = self._constants.get(name)
            if kept is None:
                yield self._cast(name, again, self._fp32)
            else:
                yield self._onnx.helper.make_node("Constant", [], [again], again, value=kept)

    def _keep(self, name: str, tensor: Any) -> None:
        if tensor.data_type == self._fp32:
            copy = self._onnx.TensorProto()
            copy.CopyFrom(tensor)
            self._constants[name] = copy

    def _tensor(self, tensor: Any) -> Any:
        if tensor.data_type != self._fp32:
            return tensor
        values = self._onnx.numpy_helper.to_array(tensor)
        finite = np.where(np.isfinite(values), np.clip(values, -LARGEST, LARGEST), values)
        if values.size == 1 and 0 < abs(finite.item()) < SMALLEST:
            finite = np.copysign(np.full_like(finite, SMALLEST), finite)
        return self._onnx.numpy_helper.from_array(finite.astype(np.float16), tensor.name)

    def _floats(self, values: Any) -> list[str]:
        return [v.name for v in values if v.type.tensor_type.elem_type == self._fp32]

    def _cast(self, source: str, target: str, kind: int) -> Any:
        return self._onnx.helper.make_node("Cast", [source], [target], target + "_cast", to=kind)
