"""What is left of a network makes up for the channels that it has lost.

A layer that is fed fewer channels gives something else than before. As far as the lost ones are
like those that are left, other weights on these give the same again: those that least squares find
on pictures (Y. He, X. Zhang, J. Sun, "Channel Pruning for Accelerating Very Deep Neural Networks",
2017, arXiv:1707.06168). Nothing is learnt, and no text is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from torch.nn import functional

from ocrx.types import Tensor
from ocrx_torch.importer import import_model
from ocrx_training.pruning.removing import Kept, Pruned
from ocrx_training.pruning.rules import attribute

ROWS = 4096
"""Places of a batch that are looked at."""

WIDEST = 4096
"""Layers with more inputs are left alone: their moments would be larger than the network."""

RIDGE = 1e-3
"""How strongly weights are held where they are, as a share of an input's mean square."""

Matrix: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class _Layer:
    """An operation that multiplies what it is `given` by a constant, with inputs along the axis
    `inside` and outputs along `outside`, and adds a constant `bias`; "" for none."""

    node: onnx.NodeProto
    inside: int
    outside: int

    @property
    def weight(self) -> str:
        return str(self.node.input[1])

    @property
    def bias(self) -> str:
        return "".join(self.node.input[2:3])

    def matrix(self, array: NDArray[Any]) -> Matrix:
        """The weights, (outputs, inputs), where an input is one of a channel and a place of the
        kernel."""
        turned = np.moveaxis(array, (self.outside, self.inside), (0, 1))
        return turned.reshape(len(turned), -1).astype(np.float64)

    def array(self, matrix: Matrix, shape: Sequence[int]) -> NDArray[np.float32]:
        """The weights in the `shape` of the constant."""
        turned = matrix.reshape(shape[self.outside], shape[self.inside], *shape[2:])
        array = np.moveaxis(turned, (0, 1), (self.outside, self.inside))
        return np.ascontiguousarray(array, np.float32)

    def rows(self, given: torch.Tensor) -> torch.Tensor:
        """What the weights are multiplied by at each place: (places, inputs)."""
        if self.node.op_type != "Conv":
            return given.reshape(-1, given.shape[-1])
        kernel = attribute(self.node, "kernel_shape")
        top, left, bottom, right = attribute(self.node, "pads", [0, 0, 0, 0])
        padded = functional.pad(given, (left, right, top, bottom))
        patches = functional.unfold(
            padded,
            tuple(kernel),
            dilation=tuple(attribute(self.node, "dilations", [1, 1])),
            stride=tuple(attribute(self.node, "strides", [1, 1])),
        )
        return patches.transpose(1, 2).reshape(-1, patches.shape[1])


def refit(source: onnx.ModelProto, pruned: Pruned, batches: Iterable[Tensor], name: str) -> int:
    """Fit the weights of layers that have lost inputs to what the network `source` gave, in place;
    how many layers that were. `batches` are inputs of the network, float32 (N, C, H, W). Layers
    that `prune` does not follow, and recurrent ones, stay as they are. Raises what `import_model`
    raises."""
    weights = {one.name: one for one in pruned.model.graph.initializer}
    before = {one.name: one for one in source.graph.initializer}
    layers = [one for one in _layers(source, before) if not _whole(pruned.kept, one)]
    for layer, moments in zip(layers, _moments(source, layers, batches, name), strict=True):
        found = _fitted(layer, moments, pruned.kept, numpy_helper.to_array(before[layer.weight]))
        one = weights[layer.weight]
        array = layer.array(found[:, : -1 if layer.bias else None], tuple(one.dims))
        one.CopyFrom(numpy_helper.from_array(array, one.name))
        if layer.bias:
            bias = weights[layer.bias]
            moved = numpy_helper.to_array(bias) + found[:, -1].astype(np.float32)
            bias.CopyFrom(numpy_helper.from_array(moved, bias.name))
    return len(layers)


def _layers(model: onnx.ModelProto, constants: Mapping[str, object]) -> list[_Layer]:
    """The convolutions and products by constants that are used once."""
    used = [name for node in model.graph.node for name in node.input]
    found = []
    for node in model.graph.node:
        plain = node.op_type in ("MatMul", "Gemm") and not attribute(node, "transA", 0)
        conv = (
            node.op_type == "Conv"
            and attribute(node, "group", 1) == 1
            and attribute(node, "auto_pad", b"NOTSET") == b"NOTSET"
            and len(attribute(node, "kernel_shape", ())) == 2
        )
        held = [name for name in node.input[1:3] if name]
        if (plain or conv) and all(name in constants and used.count(name) == 1 for name in held):
            turned = conv or attribute(node, "transB", 0)
            found.append(_Layer(node, *((1, 0) if turned else (0, 1))))
    return found


def _whole(kept: Kept, layer: _Layer) -> bool:
    """Whether a layer has all of its inputs."""
    stays = kept.get((layer.weight, layer.inside))
    return stays is None or bool(stays.all())


def _moments(
    model: onnx.ModelProto, layers: Sequence[_Layer], batches: Iterable[Tensor], name: str
) -> list[Matrix]:
    """For each layer the mean products of any two inputs, the last of which is always 1."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    names = list(dict.fromkeys(layer.node.input[0] for layer in layers))
    del copy.graph.output[:]
    copy.graph.output.extend(
        helper.make_tensor_value_info(one, onnx.TensorProto.FLOAT, None) for one in names
    )
    module = import_model(copy, name).module
    sums: list[Any] = [0.0] * len(layers)
    places = [0] * len(layers)
    with torch.inference_mode():
        for batch in batches:
            made = dict(zip(names, module(torch.from_numpy(batch)), strict=True))
            for number, layer in enumerate(layers):
                rows = layer.rows(made[layer.node.input[0]])
                rows = rows[:: max(1, len(rows) // ROWS)].double()
                rows = functional.pad(rows, (0, 1), value=1.0)
                sums[number] = sums[number] + (rows.T @ rows).numpy()
                places[number] += len(rows)
    return [one / count for one, count in zip(sums, places, strict=True)]


def _fitted(layer: _Layer, moments: Matrix, kept: Kept, weights: NDArray[Any]) -> Matrix:
    """The weights of the inputs that are left, and of the constant 1 if there is a bias, which give
    the same outputs as all inputs did, as nearly as can be."""
    whole = layer.matrix(weights)
    outputs = kept.get((layer.weight, layer.outside), np.ones(len(whole), np.bool_))
    each = kept[layer.weight, layer.inside]
    stays = np.append(np.repeat(each, whole.shape[1] // len(each)), bool(layer.bias))
    whole = np.pad(whole[outputs], ((0, 0), (0, 1)))
    held = moments[np.ix_(stays, stays)]
    missing = whole[:, ~stays] @ moments[np.ix_(~stays, stays)]
    ridge = RIDGE * np.trace(held) / len(held) * np.eye(len(held))
    found: Matrix = whole[:, stays] + np.linalg.solve(held + ridge, missing.T).T
    return found
