"""int8 in QDQ form: QuantizeLinear and DequantizeLinear around what is to be computed in int8.

Weights are quantised to int8, symmetrically about 0, with one scale per channel. Activations are
quantised in one of two ways: for TensorRT to int8, symmetrically, and only inputs; for processors
to uint8, and outputs of convolutions too. With only inputs quantised, ONNX Runtime would round
them and then compute in fp32.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ocrx_onnx.calibrators import LEAST, LEVELS
from ocrx_onnx.graph import constants
from ocrx_onnx.scales import Scales
from ocrx_onnx.schemes import SYMMETRIC, Scheme

if TYPE_CHECKING:
    import onnx
    from numpy.typing import NDArray

OPERATIONS = ("Conv", "MatMul", "Gemm")

POSITIVE = ("Relu", "Sigmoid", "Softmax")
"""Operations without negative results, which can use all 256 steps of uint8 for positive values."""

UNSIGNED_LEVELS = 255

PASSING = ("MaxPool", "Relu", "Reshape", "Squeeze", "Transpose", "Unsqueeze")
"""Operations that OpenVINO swaps with a quantisation that follows them."""


def candidates(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    """The convolutions and matrix products with constant fp32 weights, except those of a Concat.

    On a Concat's output OpenVINO 2026.4 truncates instead of rounding. That biases every value by
    half a step, and the texts become useless.
    """
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


def rounded(
    model: onnx.ModelProto,
    scales: Scales,
    nodes: Collection[onnx.NodeProto],
    scheme: Scheme = SYMMETRIC,
) -> onnx.ModelProto:
    """A copy of the model in which `nodes`, all of them candidates, take int8.

    `scales` has one for each tensor that the scheme quantises; see `tensors`.
    """
    import onnx

    result = onnx.ModelProto()
    result.CopyFrom(model)
    names = {node.name for node in nodes}
    writer = _Writer(result, scales, scheme)
    for node in result.graph.node:
        if node.name in names:
            node.input[1] = writer.weights(node)
            node.input[0] = writer.activation(node.input[0])
    if scheme.outputs:
        given = {tensor: writer.activation(tensor) for tensor in _given(model, nodes)}
        for node in result.graph.node:
            for at, tensor in enumerate(node.input):
                node.input[at] = given.get(tensor, tensor)
    writer.finish()
    return result


def tensors(model: onnx.ModelProto, nodes: Collection[onnx.NodeProto], scheme: Scheme) -> set[str]:
    """The names of the activations that the scheme quantises for these nodes."""
    found = {node.input[0] for node in nodes}
    return found | set(_given(model, nodes)) if scheme.outputs else found


def _given(model: onnx.ModelProto, nodes: Collection[onnx.NodeProto]) -> Iterator[str]:
    """The outputs of convolutions, or of the Relu that is their only user, because runtimes fuse
    the two. Outputs of the model are left out."""
    users: dict[str, list[onnx.NodeProto]] = {}
    for node in model.graph.node:
        for tensor in node.input:
            users.setdefault(tensor, []).append(node)
    results = {output.name for output in model.graph.output}
    for node in nodes:
        tensor = node.output[0]
        if node.op_type != "Conv" or tensor in results:
            continue
        if [user.op_type for user in users[tensor]] == ["Relu"]:
            tensor = users[tensor][0].output[0]
        if tensor not in results:
            yield tensor


class _Writer:
    def __init__(self, model: onnx.ModelProto, scales: Scales, scheme: Scheme) -> None:
        self._graph = model.graph
        self._scheme = scheme
        self._positive = {
            name for node in model.graph.node if node.op_type in POSITIVE for name in node.output
        }
        self._held = constants(model)
        self._scales = scales
        self._pairs: dict[str, list[onnx.NodeProto]] = {}  # by the tensor that they quantise
        self._weights: dict[str, onnx.NodeProto] = {}

    def activation(self, tensor: str) -> str:
        """Quantise a tensor. Returns the name of the tensor that replaces it."""
        from onnx import helper

        scale, zero = f"{tensor}.scale", f"{tensor}.zero"
        if tensor not in self._pairs:
            step, middle = self._step(tensor)
            self._add(scale, step)
            self._add(zero, middle)
            self._pairs[tensor] = [
                helper.make_node(kind, [source, scale, zero], [target], target)
                for kind, source, target in (
                    ("QuantizeLinear", tensor, f"{tensor}.int8"),
                    ("DequantizeLinear", f"{tensor}.int8", f"{tensor}.rounded"),
                )
            ]
        return f"{tensor}.rounded"

    def _step(self, tensor: str) -> tuple[np.float32, np.int8 | np.uint8]:
        """The scale and the zero point."""
        step = self._scales[tensor]
        if not self._scheme.unsigned:
            return np.float32(step), np.int8(0)
        if tensor in self._positive:
            return np.float32(step * LEVELS / UNSIGNED_LEVELS), np.uint8(0)
        return np.float32(step), np.uint8(LEVELS + 1)

    def weights(self, node: onnx.NodeProto) -> str:
        """Quantise the node's weights to int8, with one scale per output channel. Returns the name
        of the tensor that replaces them."""
        from onnx import helper

        name = node.input[1]
        axis = _channel_axis(node, self._held[name].ndim)
        stem = f"{name}.{axis}"
        if stem not in self._weights:
            values, scales = _round(self._held[name], axis, self._scheme.weight_levels)
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
        """Insert each new node after what it depends on, and drop weights no longer used."""
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


def _round(
    weights: NDArray[np.float32], axis: int, levels: int
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    others = tuple(other for other in range(weights.ndim) if other != axis)
    scales = np.maximum(np.abs(weights).max(others), LEAST) / levels
    steps = np.expand_dims(scales, others)
    return np.rint(weights / steps).astype(np.int8), scales.astype(np.float32)
