"""The operations of a network that multiply what they are given by a constant, and what they are
given on pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch.nn import functional

from ocrx.types import Tensor
from ocrx_torch.importer import import_model
from ocrx_training.finetuning.files import with_outputs
from ocrx_training.pruning.rules import attribute

ROWS = 1024
"""Places of a batch that are looked at."""

Matrix: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Product:
    """An operation with a constant `weight`, with inputs along the axis `inside` and outputs along
    `outside`. `bias` is the constant that is added to what it makes, by itself or by the operation
    that follows; "" for none."""

    node: onnx.NodeProto
    inside: int
    outside: int
    bias: str

    @property
    def weight(self) -> str:
        return str(self.node.input[1])

    @property
    def given(self) -> str:
        """What it multiplies."""
        return str(self.node.input[0])

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
        """What the weights are multiplied by at each of at most ROWS places, and a 1: float64
        (places, inputs + 1)."""
        rows = self._patches(given)
        rows = rows[:: max(1, len(rows) // ROWS)].double()
        return functional.pad(rows, (0, 1), value=1.0)

    def _patches(self, given: torch.Tensor) -> torch.Tensor:
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


def products(model: onnx.ModelProto) -> list[Product]:
    """The convolutions and products by constants that are used once, in the order in which they are
    computed. Convolutions in groups, and those that pad by their shape, are none."""
    constants = {one.name: one for one in model.graph.initializer}
    takers: dict[str, list[onnx.NodeProto]] = {}
    for node in model.graph.node:
        for name in node.input:
            takers.setdefault(name, []).append(node)
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
        if (plain or conv) and all(len(takers[n]) == 1 and n in constants for n in held):
            turned = conv or attribute(node, "transB", 0)
            inside, outside = (1, 0) if turned else (0, 1)
            after = takers.get(node.output[0], [])
            outputs = constants[held[0]].dims[outside]
            bias = "".join(held[1:]) or _added(after, takers, constants, outputs)
            found.append(Product(node, inside, outside, bias))
    return found


def _added(
    after: Sequence[onnx.NodeProto],
    takers: Mapping[str, Sequence[onnx.NodeProto]],
    constants: Mapping[str, onnx.TensorProto],
    outputs: int,
) -> str:
    """The constant that the operation after a product adds, one number for each output."""
    if len(after) != 1 or after[0].op_type != "Add":
        return ""
    for name in after[0].input:
        if name in constants and len(takers[name]) == 1:
            dims = constants[name].dims
            if outputs in dims and int(np.prod(dims)) == outputs:
                return str(name)
    return ""


def _given(
    model: onnx.ModelProto, taking: Sequence[Product], batches: Iterable[Tensor], name: str
) -> Iterator[list[torch.Tensor]]:
    """For each batch, what each product is given. Raises what `import_model` raises."""
    names = list(dict.fromkeys(one.given for one in taking))
    module = import_model(with_outputs(model, names), name).module
    for batch in batches:
        with torch.no_grad():
            made = dict(zip(names, module(torch.from_numpy(batch)), strict=True))
        yield [made[one.given] for one in taking]


def moments(model: onnx.ModelProto, batches: Iterable[Tensor], name: str) -> dict[str, Matrix]:
    """For each product, by the name of its weights, the mean of each input times each other one,
    the last of which is always 1: float64 (inputs + 1, inputs + 1). `batches` are inputs of the
    network, float32 (N, C, H, W). Raises what `import_model` raises."""
    taking = products(model)
    sums: list[Any] = [0.0] * len(taking)
    places = [0] * len(taking)
    for given in _given(model, taking, batches, name):
        for number, (one, tensor) in enumerate(zip(taking, given, strict=True)):
            rows = one.rows(tensor)
            sums[number] = sums[number] + (rows.T @ rows).numpy()
            places[number] += len(rows)
    return {
        one.weight: total / count for one, total, count in zip(taking, sums, places, strict=True)
    }
