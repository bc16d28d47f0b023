"""Convolutions and products in oneDNN, with packed weights and fused activations.

These are the operations that torch's own compiler emits for processors. torch's plain operations
repack the weights at each call, and an activation takes another pass over the result. All tensors
have channels last.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, fx
from torch.nn import functional

from ocrx_torch.ops import elementwise, linear
from ocrx_torch.ops.padding import crop
from ocrx_torch.rewrite import Rewriter, given, is_call, only_user

ACTIVATIONS: dict[Callable[..., Any], str] = {
    torch.relu: "relu",
    torch.sigmoid: "sigmoid",
    torch.tanh: "tanh",
    functional.gelu: "gelu",
    functional.hardswish: "hardswish",
    functional.silu: "swish",
    elementwise.hard_sigmoid: "hardsigmoid",
}
ALGORITHMS = {"gelu": "none"}
"""The algorithm for an activation that oneDNN can compute in several ways: GELU exactly."""


def available() -> bool:
    """Whether this torch has these internal operations, on a processor they are made for."""
    names = ("_convolution_pointwise", "_linear_pointwise", "_reorder_linear_weight")
    return (
        platform.machine().lower() in ("x86_64", "amd64")
        and torch.backends.mkldnn.is_available()
        and all(hasattr(torch.ops.mkldnn, name) for name in names)
    )


def use_onednn(module: fx.GraphModule) -> None:
    """Rewrite the graph in place for a processor. Its constants must have their final types. The
    caller recompiles the module."""
    rewriter = Rewriter(module)
    for node in rewriter.calls(linear.conv):
        _convolution(rewriter, node)
    for node in rewriter.calls(linear.conv_transpose):
        _transposed(rewriter, node)
    for node in rewriter.calls(functional.linear):
        _product(rewriter, node)
    rewriter.finish()


def convolve(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    *,
    pads: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    group: int,
    activation: str,
    cut: Sequence[int] | None,
) -> Tensor:
    """A convolution. `pads` apply to both sides alike, and `cut` crops the excess afterwards."""
    algorithm = ALGORITHMS.get(activation, "")
    y: Tensor = torch.ops.mkldnn._convolution_pointwise(
        x, weight, bias, pads, strides, dilations, group, activation, [], algorithm
    )
    return y if cut is None else crop(y, cut)


def project(x: Tensor, weight: Tensor, bias: Tensor | None, *, activation: str) -> Tensor:
    """A matrix product along the last axis."""
    algorithm = ALGORITHMS.get(activation, "")
    y: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, activation, [], algorithm)
    return y


def convolve_points(x: Tensor, weight: Tensor, bias: Tensor | None, *, activation: str) -> Tensor:
    """A 1x1 convolution, as a matrix product along the channels."""
    rows = project(x.permute(0, 2, 3, 1), weight, bias, activation=activation)
    return rows.permute(0, 3, 1, 2)


def spread_points(
    x: Tensor, weight: Tensor, bias: Tensor | None, *, activation: str, kernel: Sequence[int]
) -> Tensor:
    """A transposed convolution whose stride equals its kernel, so that windows do not overlap: one
    matrix product per point gives its window."""
    rows = project(x.permute(0, 2, 3, 1), weight, bias, activation=activation)
    batch, height, width, _ = rows.shape
    windows = rows.reshape(batch, height, width, kernel[0], kernel[1], -1)
    whole = windows.permute(0, 1, 3, 2, 4, 5)
    return whole.reshape(batch, height * kernel[0], width * kernel[1], -1).permute(0, 3, 1, 2)


def _convolution(rewriter: Rewriter, node: fx.Node) -> None:
    settings = given(node)
    weight = rewriter.constant(settings["weight"])
    if weight is None or weight.ndim != 4 or _pads_by_size(settings):
        return
    strides, dilations = _pair(settings, "strides"), _pair(settings, "dilations")
    group = _group(settings)
    pads = _pads(settings)
    even, cut = pads[:2], None
    if pads[:2] != pads[2:]:
        if strides != [1, 1]:
            return
        even = [max(pads[axis], pads[axis + 2]) for axis in (0, 1)]
        cut = [even[axis % 2] - pads[axis] for axis in range(4)]
    if weight.shape[2:] == (1, 1) and strides == [1, 1] and group == 1 and not any(pads):
        _put(rewriter, node, convolve_points, _packed(weight.flatten(1)))
        return
    # oneDNN would pack weights for a guessed input size, and can be ten times slower at another.
    # From channels last it repacks them at each call, which costs little.
    held = weight.contiguous(memory_format=torch.channels_last)
    how = {"pads": even, "strides": strides, "dilations": dilations, "group": group}
    _put(rewriter, node, convolve, held, cut=cut, **how)


def _transposed(rewriter: Rewriter, node: fx.Node) -> None:
    settings = given(node)
    weight = rewriter.constant(settings["weight"])
    bias = rewriter.constant(settings.get("bias"))
    if weight is None or weight.ndim != 4 or _group(settings) != 1 or _pads_by_size(settings):
        return
    if (bias is None) != (settings.get("bias") is None) or settings.get("output_shape"):
        return
    kernel = list(weight.shape[2:])
    whole = not any(_pads(settings)) and not any(_pair(settings, "output_padding", 0))
    if not whole or _pair(settings, "strides") != kernel or _pair(settings, "dilations") != [1, 1]:
        return
    matrix = weight.permute(2, 3, 1, 0).flatten(0, 2)
    if bias is not None:
        repeated = rewriter.hold(bias.repeat(kernel[0] * kernel[1]), node)
        node.update_kwarg("bias", repeated)
    _put(rewriter, node, spread_points, _packed(matrix), kernel=kernel)


def _product(rewriter: Rewriter, node: fx.Node) -> None:
    x, side, bias = node.args
    weight = rewriter.constant(side)
    if weight is not None:
        node.args, node.kwargs = (), {"x": x, "bias": bias}
        _put(rewriter, node, project, _packed(weight))


def _packed(matrix: Tensor) -> Tensor:
    found: Tensor = torch.ops.mkldnn._reorder_linear_weight(matrix.contiguous())
    return found


def _put(
    rewriter: Rewriter,
    node: fx.Node,
    function: Callable[..., Any],
    weight: Tensor,
    **how: Any,
) -> None:
    """Replace the node, and the activation that may follow it, by `function`."""
    settings = given(node)
    last, activation, user = node, "none", only_user(node)
    if user is not None and is_call(user, *ACTIVATIONS) and _is_exact(user):
        last, activation = user, next(n for f, n in ACTIVATIONS.items() if f is user.target)
    held = rewriter.hold(weight, node)
    rewriter.replace(
        last, function, settings["x"], held, settings.get("bias"), activation=activation, **how
    )


def _is_exact(node: fx.Node) -> bool:
    """Whether oneDNN computes the activation exactly as this node does."""
    if is_call(node, elementwise.hard_sigmoid):
        return elementwise.is_torchs_hard_sigmoid(given(node))
    return str(given(node).get("approximate", "none")) == "none"


def _pads_by_size(settings: Mapping[str, Any]) -> bool:
    return str(settings.get("auto_pad", "NOTSET")).startswith("SAME")


def _pads(settings: Mapping[str, Any]) -> list[int]:
    return list(settings.get("pads") or (0, 0, 0, 0))


def _pair(settings: Mapping[str, Any], name: str, usual: int = 1) -> list[int]:
    return list(settings.get(name) or (usual, usual))


def _group(settings: Mapping[str, Any]) -> int:
    return int(settings.get("group", 1))
