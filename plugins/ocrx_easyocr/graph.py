"""Writes ONNX networks layer by layer, from weights that are named as in PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ocrx.errors import WeightsError
from ocrx_easyocr.checkpoint import Weights

if TYPE_CHECKING:
    import onnx

OPSET = 17
"""The newest that TensorRT 8.5 reads."""

EPSILON = 1e-5
"""That of torch.nn.BatchNorm2d, added to the variance."""

Affine = tuple[NDArray[np.float64], NDArray[np.float64]]
"""The weight and the bias of a linear layer or a convolution."""


class Checked:
    """The weights of a checkpoint, given out one by one and compared with what the network needs.

    `name` is how errors refer to the checkpoint.
    """

    def __init__(self, weights: Weights, name: str) -> None:
        self._left = dict(weights)
        self._name = name

    def shape(self, key: str) -> tuple[int, ...]:
        """The shape of a tensor. Raises WeightsError if there is none of that name."""
        if key not in self._left:
            raise self._differs(f"it has no {key}")
        return self._left[key].shape

    def take(self, key: str, *shape: int) -> NDArray[np.float64]:
        """The tensor of that name. Raises WeightsError if it is missing or has another shape."""
        if self.shape(key) != shape:
            raise self._differs(f"{key} has the shape {self.shape(key)}, not {shape}")
        return self._left.pop(key).astype(np.float64)

    def affine(self, key: str, *shape: int) -> Affine:
        """The weight of that shape, and the bias, of the layer `key`."""
        return self.take(f"{key}.weight", *shape), self.take(f"{key}.bias", shape[0])

    def normalised(self, key: str, norm: str, *shape: int, bias: bool) -> Affine:
        """The convolution `key` and the batch normalisation `norm` after it, as one convolution."""
        weight = self.take(f"{key}.weight", *shape)
        offset = self.take(f"{key}.bias", shape[0]) if bias else np.zeros(shape[0])
        scale, shift, mean, variance = (
            self.take(f"{norm}.{part}", shape[0])
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        self._left.pop(f"{norm}.num_batches_tracked", None)
        scale = scale / np.sqrt(variance + EPSILON)
        return weight * scale[:, None, None, None], (offset - mean) * scale + shift

    def finish(self) -> None:
        """Raise WeightsError if a tensor was not taken."""
        for key in self._left:
            raise self._differs(f"it has {key}, which the network does not")

    def _differs(self, how: str) -> WeightsError:
        return WeightsError(
            f"{self._name} is a checkpoint of another network: {how}",
            "Give the checkpoint of the model that was chosen, or choose the model of this one.",
        )


class Graph:
    """An ONNX network being written. Each method adds a layer, and returns the name of its output.

    `shape` is that of the input `x`; text names a dynamic dimension.
    """

    def __init__(self, shape: Sequence[int | str]) -> None:
        self.input = "x"
        self._shape = shape
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def add(self, kind: str, *inputs: str, outputs: int = 1, **attributes: Any) -> str:
        """An ONNX operation, by its first output."""
        from onnx import helper

        names = [f"t{len(self._nodes)}_{number}" for number in range(outputs)]
        self._nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names[0]

    def constant(self, values: NDArray[Any]) -> str:
        """A constant: real numbers as float32, whole numbers as int64."""
        from onnx import numpy_helper

        dtype = np.float32 if np.issubdtype(values.dtype, np.floating) else np.int64
        name = f"w{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(values.astype(dtype), name))
        return name

    def conv(
        self,
        x: str,
        layer: Affine,
        *,
        stride: tuple[int, int] = (1, 1),
        pad: tuple[int, int] = (0, 0),
        dilation: int = 1,
    ) -> str:
        """A convolution. Strides and paddings are (down, across)."""
        weight, bias = layer
        return self.add(
            "Conv",
            x,
            self.constant(weight),
            self.constant(bias),
            kernel_shape=weight.shape[2:],
            strides=stride,
            pads=(*pad, *pad),
            dilations=(dilation, dilation),
        )

    def relu(self, x: str) -> str:
        return self.add("Relu", x)

    def max_pool(
        self,
        x: str,
        kernel: tuple[int, int],
        stride: tuple[int, int],
        pad: tuple[int, int] = (0, 0),
    ) -> str:
        """Max pooling. Kernel, stride and padding are (down, across)."""
        return self.add("MaxPool", x, kernel_shape=kernel, strides=stride, pads=(*pad, *pad))

    def linear(self, x: str, layer: Affine) -> str:
        """A linear layer over the last axis."""
        weight, bias = layer
        return self.add("Add", self.add("MatMul", x, self.constant(weight.T)), self.constant(bias))

    def save(self, output: str, name: str, shape: Sequence[int | str]) -> onnx.ModelProto:
        """The network, whose only output is called `name` and has that shape."""
        from onnx import TensorProto, helper

        self._nodes.append(helper.make_node("Identity", [output], [name]))
        graph = helper.make_graph(
            self._nodes,
            "network",
            [helper.make_tensor_value_info(self.input, TensorProto.FLOAT, self._shape)],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)],
            self._constants,
        )
        opset = helper.make_opsetid("", OPSET)
        return helper.make_model(graph, opset_imports=[opset], ir_version=8)


def merged(first: Affine, second: Affine) -> Affine:
    """A convolution and a 1x1 convolution after it, as one."""
    (inner, below), (outer, above) = first, second
    mix = outer[:, :, 0, 0]
    return np.tensordot(mix, inner, axes=1), mix @ below + above


def parts(layer: Affine, channels: int) -> tuple[Affine, Affine]:
    """A convolution of two joined inputs as two, whose sum it is. The first input has `channels`
    channels."""
    weight, bias = layer
    return (weight[:, :channels], bias), (weight[:, channels:], np.zeros_like(bias))
