"""Operators written in terms of older ones, where ONNX's own definition is not for a parser: it
computes with shapes, or there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ocrx_bundle.operators import ranks, whole_numbers

if TYPE_CHECKING:
    import onnx


class Rewriter:
    """Collects the nodes that take the place of one, with fresh names for what lies between."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._model = model
        self._graph = model.graph
        self._nodes: list[onnx.NodeProto] = []
        self._count = 0

    def rank(self, name: str) -> int | None:
        """The number of axes of a tensor; None if it is unknown."""
        return self._ranks.get(name)

    def is_whole(self, name: str) -> bool:
        """Whether a tensor is known to hold whole numbers."""
        return name in self._whole

    @cached_property
    def _whole(self) -> frozenset[str]:
        return whole_numbers(self._model)

    @cached_property
    def _ranks(self) -> Mapping[str, int]:
        return ranks(self._model)

    def array(self, name: str) -> NDArray[Any] | None:
        """The values of an initializer; None for a tensor that is computed."""
        from onnx import numpy_helper

        found = (tensor for tensor in self._graph.initializer if tensor.name == name)
        return next((numpy_helper.to_array(tensor) for tensor in found), None)

    def add(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Add a node; the name of its output."""
        from onnx import helper

        name = output or self._fresh()
        self._nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def copy(self, node: onnx.NodeProto, **attributes: Any) -> None:
        """Add a node with the same inputs and outputs, and these attributes."""
        from onnx import helper

        self._nodes.append(
            helper.make_node(node.op_type, list(node.input), list(node.output), **attributes)
        )

    def mean(self, tensor: str, axes: list[int]) -> str:
        """Add the mean over axes, which stay with length 1, as opset 13 has it."""
        return self.add("ReduceMean", tensor, axes=axes, keepdims=1)

    def constant(self, values: Any, dtype: Any = np.float32) -> str:
        """Add an initializer; its name."""
        from onnx import numpy_helper

        array: NDArray[Any] = np.asarray(values, dtype=dtype)
        name = self._fresh()
        self._graph.initializer.append(numpy_helper.from_array(array, name))
        return name

    def taken(self) -> list[onnx.NodeProto]:
        """The nodes that were added since the last call."""
        nodes, self._nodes = self._nodes, []
        return nodes

    def _fresh(self) -> str:
        self._count += 1
        return f"ocrx_bundle_{self._count}"


def _attributes(node: onnx.NodeProto) -> Mapping[str, Any]:
    from onnx import helper

    return {one.name: helper.get_attribute_value(one) for one in node.attribute}


def _reciprocal(to: Rewriter, node: onnx.NodeProto) -> bool:
    to.add("Div", to.constant(1.0), node.input[0], output=node.output[0])
    return True


def _mod(to: Rewriter, node: onnx.NodeProto) -> bool:
    """Of whole numbers, whose quotients are cut off towards zero; False for others, whose are
    not."""
    x, y = node.input
    if not to.is_whole(x) or _attributes(node).get("fmod", 0):
        return False
    rest = to.add("Sub", x, to.add("Mul", to.add("Div", x, y), y))  # has the sign of x
    above = to.add("Add", rest, y)
    to.add("Sub", above, to.add("Mul", to.add("Div", above, y), y), output=node.output[0])
    return True


def _gelu(to: Rewriter, node: onnx.NodeProto) -> bool:
    """By the error function, or approximately by the hyperbolic tangent (Hendrycks and Gimpel,
    "Gaussian Error Linear Units", 2016)."""
    x = node.input[0]
    if _attributes(node).get("approximate", b"none") == b"tanh":
        cube = to.add("Mul", to.add("Mul", x, x), x)
        inner = to.add("Add", x, to.add("Mul", cube, to.constant(0.044715)))
        share = to.add("Tanh", to.add("Mul", inner, to.constant((2 / np.pi) ** 0.5)))
    else:
        share = to.add("Erf", to.add("Mul", x, to.constant(0.5**0.5)))
    half = to.add("Mul", x, to.constant(0.5))
    to.add("Mul", half, to.add("Add", share, to.constant(1.0)), output=node.output[0])
    return True


def _swish(to: Rewriter, node: onnx.NodeProto) -> bool:
    x, alpha = node.input[0], _attributes(node).get("alpha", 1.0)
    scaled = x if alpha == 1 else to.add("Mul", x, to.constant(alpha))
    to.add("Mul", x, to.add("Sigmoid", scaled), output=node.output[0])
    return True


def _layer_normalization(to: Rewriter, node: onnx.NodeProto) -> bool:
    """Over the axes from `axis` on, in fp32; False if their number or the mean is needed."""
    given = _attributes(node)
    axis, rank = given.get("axis", -1), to.rank(node.input[0])
    if (axis >= 0 and rank is None) or any(node.output[1:]):
        return False
    axes = list(range(axis - rank if axis >= 0 and rank else axis, 0))
    off = to.add("Sub", node.input[0], to.mean(node.input[0], axes))
    variance = to.mean(to.add("Mul", off, off), axes)
    spread = to.add("Sqrt", to.add("Add", variance, to.constant(given.get("epsilon", 1e-5))))
    bias = node.input[2] if len(node.input) > 2 else ""
    normal = to.add("Div", off, spread)
    scaled = to.add("Mul", normal, node.input[1], output="" if bias else node.output[0])
    if bias:
        to.add("Add", scaled, bias, output=node.output[0])
    return True


def _group_normalization(to: Rewriter, node: onnx.NodeProto) -> bool:
    """By instances, of which each is a group; False if the weights or the axes are unknown. Until
    opset 20 there is a weight for each group, later for each channel."""
    given = _attributes(node)
    groups, rank = given["num_groups"], to.rank(node.input[0])
    scale, bias = to.array(node.input[1]), to.array(node.input[2])
    if rank is None or scale is None or bias is None:
        return False
    by_group = len(scale) == groups
    own = node.input[1:3] if by_group else (to.constant(np.ones(groups)), to.constant([0] * groups))
    parts = to.add("Reshape", node.input[0], to.constant([0, groups, -1], np.int64))
    normal = to.add("InstanceNormalization", parts, *own, epsilon=given.get("epsilon", 1e-5))
    whole = "" if not by_group else node.output[0]
    back = to.add("Reshape", normal, to.add("Shape", node.input[0]), output=whole)
    if not by_group:
        over = (-1, *[1] * (rank - 2))
        scaled = to.add("Mul", back, to.constant(scale.reshape(over)))
        to.add("Add", scaled, to.constant(bias.reshape(over)), output=node.output[0])
    return True


Equivalent: TypeAlias = Callable[[Rewriter, "onnx.NodeProto"], bool]
"""Adds the nodes that take a node's place; False if it cannot."""

EQUIVALENTS: Mapping[str, Equivalent] = {
    "Gelu": _gelu,
    "GroupNormalization": _group_normalization,
    "LayerNormalization": _layer_normalization,
    "Mod": _mod,
    "Reciprocal": _reciprocal,
    "Swish": _swish,
}
"""Of operators that a parser may lack."""


def _axes_as_attribute(to: Rewriter, node: onnx.NodeProto) -> bool:
    """Since opset 18 the axes of reductions are an input."""
    if len(node.input) < 2:
        return False
    axes, given = to.array(node.input[1]), dict(_attributes(node))
    if axes is None or given.pop("noop_with_empty_axes", 0):
        return False
    to.add(node.op_type, node.input[0], output=node.output[0], axes=axes.tolist(), **given)
    return True


def _plain_reshape(to: Rewriter, node: onnx.NodeProto) -> bool:
    """Since opset 14 Reshape may take a 0 for no elements instead of a length that stays."""
    given = dict(_attributes(node))
    shape = to.array(node.input[1])
    if given.pop("allowzero", 0) and (shape is None or (shape == 0).any()):
        return False
    to.copy(node, **given)
    return True


def _parts_without_count(to: Rewriter, node: onnx.NodeProto) -> bool:
    """Since opset 18 Split may have the attribute `num_outputs`; before, equal parts need none."""
    given = dict(_attributes(node))
    if len(node.input) > 1 or "num_outputs" not in given:
        return False
    del given["num_outputs"]
    to.copy(node, **given)
    return True


_REDUCED = ("L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "SumSquare")

OLDER: Mapping[str, Equivalent] = {
    **{f"Reduce{name}": _axes_as_attribute for name in _REDUCED},
    "Reshape": _plain_reshape,
    "Split": _parts_without_count,
}
"""Of operators as later opsets write them, in the form of opset 13."""
