"""int8 written out: QuantizeLinear and DequantizeLinear around what is to be computed in int8.

Only inputs and weights are rounded, symmetrically about 0: the one scheme that OpenVINO, TensorRT
and ONNX Runtime all take. Biases and what comes out stay in fp32.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ocrx_onnx.graph import constants
from ocrx_onnx.scales import LEAST, LEVELS, Scales

if TYPE_CHECKING:
    import onnx
    from numpy.typing import NDArray

OPERATIONS = ("Conv", "MatMul", "Gemm")

PASSING = ("MaxPool", "Relu", "Reshape", "Squeeze", "Transpose", "Unsqueeze")
"""Operations through which OpenVINO moves a rounding to before them."""


def candidates(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    """The convolutions and matrix products with constant weights in fp32, but for those of a
    Concat's output: OpenVINO 2026.4 cuts instead of rounding there, half a step for each value
    alike, and texts fall apart."""
    held = constants(model)
    makers = {name: node for node in model.graph.node for name in node.output}
    return [
        node
        for node in model.graph.node
        if node.op_type in OPERATIONS
        and node.input[0] not in held
        and node.input[1] in held
        and held[node.input[1]].dtype == np.float32
        and held[node.input[1]].ndim >= 2
        and not _concatenated(node.input[0], makers)
    ]


def _concatenated(tensor: str, makers: Mapping[str, onnx.NodeProto]) -> bool:
    maker = makers.get(tensor)
    while maker is not None and maker.op_type in PASSING:
        maker = makers.get(maker.input[0])
    return maker is not None and maker.op_type == "Concat"


def rounded(model: onnx.ModelProto, scales: Scales, names: Collection[str]) -> onnx.ModelProto:
    """A copy of `model` in which the candidates of those names take int8."""
    import onnx

    result = onnx.ModelProto()
    result.CopyFrom(model)
    writer = _Writer(result, scales)
    for node in result.graph.node:
        if node.name in names:
            node.input[1] = writer.weights(node)
            node.input[0] = writer.activation(node.input[0])
    writer.finish()
    return result


class _Writer:
    def __init__(self, model: onnx.ModelProto, scales: Scales) -> None:
        self._graph = model.graph
        self._held = constants(model)
        self._scales = scales
        self._pairs: dict[str, list[onnx.NodeProto]] = {}  # by the tensor that they round
        self._weights: dict[str, onnx.NodeProto] = {}

    def activation(self, tensor: str) -> str:
        """`tensor`, rounded: what takes its place."""
        from onnx import helper

        scale, zero = f"{tensor}.scale", f"{tensor}.zero"
        if tensor not in self._pairs:
            self._add(scale, np.float32(self._scales[tensor]))
            self._add(zero, np.int8(0))
            self._pairs[tensor] = [
                helper.make_node(kind, [source, scale, zero], [target], target)
                for kind, source, target in (
                    ("QuantizeLinear", tensor, f"{tensor}.int8"),
                    ("DequantizeLinear", f"{tensor}.int8", f"{tensor}.rounded"),
                )
            ]
        return f"{tensor}.rounded"

    def weights(self, node: onnx.NodeProto) -> str:
        """The node's weights as int8 with a scale for each channel that comes out."""
        from onnx import helper

        name = node.input[1]
        axis = _channel_axis(node, self._held[name].ndim)
        stem = f"{name}.{axis}"
        if stem not in self._weights:
            values, scales = _round(self._held[name], axis)
            parts = [f"{stem}.{part}" for part in ("int8", "scale", "zero")]
            for part, array in zip(
                parts, (values, scales, np.zeros(len(scales), np.int8)), strict=True
            ):
                self._add(part, array)
            target = f"{stem}.rounded"
            self._weights[stem] = helper.make_node(
                "DequantizeLinear", parts, [target], target, axis=axis
            )
        return f"{stem}.rounded"

    def finish(self) -> None:
        """Put the new nodes where what they take is there, and drop weights nobody uses now."""
        nodes = list(self._weights.values())
        for value in self._graph.input:
            nodes += self._pairs.get(value.name, ())
        for node in self._graph.node:
            nodes.append(node)
            for output in node.output:
                nodes += self._pairs.get(output, ())
        used = {name for node in nodes for name in node.input}
        used |= {output.name for output in self._graph.output}
        kept = [tensor for tensor in self._graph.initializer if tensor.name in used]
        del self._graph.node[:], self._graph.initializer[:]
        self._graph.node.extend(nodes)
        self._graph.initializer.extend(kept)

    def _add(self, name: str, array: Any) -> None:
        from onnx import numpy_helper

        self._graph.initializer.append(numpy_helper.from_array(np.asarray(array), name))


def _channel_axis(node: onnx.NodeProto, dimensions: int) -> int:
    if node.op_type == "Conv":
        return 0
    turned = any(a.name == "transB" and a.i for a in node.attribute)
    return dimensions - 2 if turned else dimensions - 1


def _round(weights: NDArray[np.float32], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    others = tuple(other for other in range(weights.ndim) if other != axis)
    scales = np.maximum(np.abs(weights).max(others), LEAST) / LEVELS
    steps = np.expand_dims(scales, others)
    return np.rint(weights / steps).astype(np.int8), scales.astype(np.float32)
