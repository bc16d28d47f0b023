"""Reductions over axes, and normalisations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from ocrx_torch.registry import op

Ints: TypeAlias = Sequence[int]
Axes: TypeAlias = tuple[int, ...]


def _axes(x: Tensor, axes: Ints | None) -> Axes:
    return tuple(axes) if axes else tuple(range(x.ndim))


@op("ReduceSum", host=("axes",))
def reduce_sum(
    x: Tensor, axes: Ints | None = None, *, keepdims: int = 1, noop_with_empty_axes: int = 0
) -> Tensor:
    if not axes and noop_with_empty_axes:
        return x
    return x.sum(_axes(x, axes), keepdim=bool(keepdims), dtype=x.dtype)


@op("ReduceMean", host=("axes",))
def reduce_mean(
    x: Tensor, axes: Ints | None = None, *, keepdims: int = 1, noop_with_empty_axes: int = 0
) -> Tensor:
    if not axes and noop_with_empty_axes:
        return x.clone()  # `reuse` relies on a result with memory of its own
    return x.mean(_axes(x, axes), keepdim=bool(keepdims))


@op("ReduceMax", host=("axes",))
def reduce_max(
    x: Tensor, axes: Ints | None = None, *, keepdims: int = 1, noop_with_empty_axes: int = 0
) -> Tensor:
    if not axes and noop_with_empty_axes:
        return x
    if x.dtype == torch.bool:
        return torch.any(x, _axes(x, axes), bool(keepdims))
    return x.amax(_axes(x, axes), bool(keepdims))


@op("ReduceMin", host=("axes",))
def reduce_min(
    x: Tensor, axes: Ints | None = None, *, keepdims: int = 1, noop_with_empty_axes: int = 0
) -> Tensor:
    if not axes and noop_with_empty_axes:
        return x
    if x.dtype == torch.bool:
        return torch.all(x, _axes(x, axes), bool(keepdims))
    return x.amin(_axes(x, axes), bool(keepdims))


@op("ReduceProd", host=("axes",))
def reduce_product(
    x: Tensor, axes: Ints | None = None, *, keepdims: int = 1, noop_with_empty_axes: int = 0
) -> Tensor:
    if not axes and noop_with_empty_axes:
        return x
    for axis in sorted((axis % x.ndim for axis in _axes(x, axes)), reverse=True):
        x = x.prod(axis, keepdim=bool(keepdims), dtype=x.dtype)
    return x


@op("ReduceL1", host=("axes",))
def reduce_l1(
    x: Tensor, axes: Ints | None = None, *, keepdims: int = 1, noop_with_empty_axes: int = 0
) -> Tensor:
    return reduce_sum(x.abs(), axes, keepdims=keepdims, noop_with_empty_axes=noop_with_empty_axes)


@op("ReduceSumSquare", host=("axes",))
def reduce_squares(
    x: Tensor, axes: Ints | None = None, *, keepdims: int = 1, noop_with_empty_axes: int = 0
) -> Tensor:
    return reduce_sum(x * x, axes, keepdims=keepdims, noop_with_empty_axes=noop_with_empty_axes)


@op("ReduceL2", host=("axes",))
def reduce_l2(
    x: Tensor, axes: Ints | None = None, *, keepdims: int = 1, noop_with_empty_axes: int = 0
) -> Tensor:
    return reduce_squares(
        x, axes, keepdims=keepdims, noop_with_empty_axes=noop_with_empty_axes
    ).sqrt()


@op("ReduceLogSum", host=("axes",))
def reduce_log_sum(
    x: Tensor, axes: Ints | None = None, *, keepdims: int = 1, noop_with_empty_axes: int = 0
) -> Tensor:
    return reduce_sum(x, axes, keepdims=keepdims, noop_with_empty_axes=noop_with_empty_axes).log()


@op("ReduceLogSumExp", host=("axes",))
def reduce_log_sum_exp(
    x: Tensor, axes: Ints | None = None, *, keepdims: int = 1, noop_with_empty_axes: int = 0
) -> Tensor:
    if not axes and noop_with_empty_axes:
        return x
    return torch.logsumexp(x, _axes(x, axes), bool(keepdims))


def _flattened(x: Tensor, axis: int | None, opset: int) -> tuple[Tensor, int]:
    """The tensor and the axis to normalise over. Before opset 13, softmax ran over `axis` (1 by
    default) and all later axes, flattened into one."""
    if opset >= 13:
        return x, -1 if axis is None else axis
    first = (1 if axis is None else axis) % x.ndim
    return (x, first) if first == x.ndim - 1 else (x.flatten(first), first)


@op("Softmax")
def softmax(x: Tensor, *, axis: int | None = None, opset: int) -> Tensor:
    flat, along = _flattened(x, axis, opset)
    return functional.softmax(flat, along).reshape(x.shape)


@op("LogSoftmax")
def log_softmax(x: Tensor, *, axis: int | None = None, opset: int) -> Tensor:
    flat, along = _flattened(x, axis, opset)
    return functional.log_softmax(flat, along).reshape(x.shape)


@op("Hardmax")
def hard_max(x: Tensor, *, axis: int | None = None, opset: int) -> Tensor:
    flat, along = _flattened(x, axis, opset)
    best = flat.argmax(along, keepdim=True)
    return torch.zeros_like(flat).scatter(along, best, 1).reshape(x.shape)


@op("BatchNormalization", refuse=lambda given: "training" if given.get("training_mode") else "")
def batch_norm(
    x: Tensor,
    scale: Tensor,
    bias: Tensor,
    mean: Tensor,
    variance: Tensor,
    *,
    epsilon: float = 1e-5,
    momentum: float = 0.9,
    training_mode: int = 0,
) -> Tensor:
    return functional.batch_norm(x, mean, variance, scale, bias, eps=epsilon)


@op("InstanceNormalization")
def instance_norm(x: Tensor, scale: Tensor, bias: Tensor, *, epsilon: float = 1e-5) -> Tensor:
    return functional.instance_norm(x, weight=scale, bias=bias, eps=epsilon)


@op("LayerNormalization")
def layer_norm(
    x: Tensor,
    scale: Tensor,
    bias: Tensor | None = None,
    *,
    axis: int = -1,
    epsilon: float = 1e-5,
    stash_type: torch.dtype = torch.float32,
) -> tuple[Tensor, Tensor, Tensor]:
    """The result, the mean, and the inverse standard deviation."""
    axes = tuple(range(axis % x.ndim, x.ndim))
    shape = [x.shape[a] for a in axes]
    weights = scale.expand(shape)
    shift = None if bias is None else bias.expand(shape)
    result, mean, rstd = torch.native_layer_norm(x, shape, weights, shift, epsilon)
    return result, mean, rstd


@op("GroupNormalization")
def group_norm(
    x: Tensor,
    scale: Tensor,
    bias: Tensor,
    *,
    num_groups: int,
    epsilon: float = 1e-5,
    stash_type: torch.dtype = torch.float32,
) -> Tensor:
    """Takes one weight per channel, as since opset 21, or one per group, as before."""
    channels = x.shape[1]
    if scale.numel() != channels:
        scale = scale.repeat_interleave(channels // num_groups)
        bias = bias.repeat_interleave(channels // num_groups)
    return functional.group_norm(x, num_groups, scale, bias, epsilon)


@op("LRN")
def local_response_norm(
    x: Tensor, *, size: int, alpha: float = 1e-4, beta: float = 0.75, bias: float = 1.0
) -> Tensor:
    squares = (x * x).unsqueeze(1)
    edge = (size - 1) // 2
    flat = squares.reshape(x.shape[0], 1, x.shape[1], -1)
    around = functional.pad(flat, [0, 0, edge, size - 1 - edge])
    summed = functional.avg_pool2d(around, (size, 1), stride=1, divisor_override=1).reshape(x.shape)
    return x / (bias + alpha / size * summed) ** beta


@op("GlobalAveragePool")
def global_average(x: Tensor) -> Tensor:
    return x.mean(tuple(range(2, x.ndim)), keepdim=True)


@op("GlobalMaxPool")
def global_max(x: Tensor) -> Tensor:
    return x.amax(tuple(range(2, x.ndim)), keepdim=True)
