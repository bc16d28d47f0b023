"""Reductions over axes, and what normalises with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

from ocrx_torch.registry import op

Ints: TypeAlias = Sequence[int]
Axes: TypeAlias = tuple[int, ...]


def _reduction(name: str, function: Callable[[Tensor, Axes, bool], Tensor]) -> None:
    @op(name, host=("axes",))
    def reduce(
        x: Tensor, axes: Ints | None = None, *, keepdims: int = 1, noop_with_empty_axes: int = 0
    ) -> Tensor:
        if not axes and noop_with_empty_axes:
            return x
        return function(x, tuple(axes) if axes else tuple(range(x.ndim)), bool(keepdims))

    reduce.__name__ = reduce.__qualname__ = f"reduce_{name.removeprefix('Reduce').lower()}"
    globals()[reduce.__name__] = reduce


def _product(x: Tensor, axes: Axes, keep: bool) -> Tensor:
    for axis in sorted((axis % x.ndim for axis in axes), reverse=True):
        x = x.prod(axis, keepdim=keep, dtype=x.dtype)
    return x


def _sum(x: Tensor, axes: Axes, keep: bool) -> Tensor:
    return x.sum(axes, keepdim=keep, dtype=x.dtype)


_reduction("ReduceSum", _sum)
_reduction("ReduceMean", lambda x, axes, keep: x.mean(axes, keepdim=keep))
_reduction(
    "ReduceMax",
    lambda x, axes, keep: _any(x, axes, keep) if x.dtype == torch.bool else x.amax(axes, keep),
)
_reduction(
    "ReduceMin",
    lambda x, axes, keep: ~_any(~x, axes, keep) if x.dtype == torch.bool else x.amin(axes, keep),
)
_reduction("ReduceProd", _product)
_reduction("ReduceL1", lambda x, axes, keep: _sum(x.abs(), axes, keep))
_reduction("ReduceL2", lambda x, axes, keep: _sum(x * x, axes, keep).sqrt())
_reduction("ReduceSumSquare", lambda x, axes, keep: _sum(x * x, axes, keep))
_reduction("ReduceLogSum", lambda x, axes, keep: _sum(x, axes, keep).log())
_reduction("ReduceLogSumExp", lambda x, axes, keep: torch.logsumexp(x, axes, keep))


def _any(x: Tensor, axes: Axes, keep: bool) -> Tensor:
    return torch.any(x, axes, keep)


def _flattened(x: Tensor, axis: int | None, opset: int) -> tuple[Tensor, int]:
    """Before opset 13, softmax ran over `axis` (1 by default) and all that follow, as one."""
    if opset >= 13:
        return x, -1 if axis is None else axis
    first = (1 if axis is None else axis) % x.ndim
    return (x, first) if first == x.ndim - 1 else (x.flatten(first), first)


@op("Softmax")
def softmax(x: Tensor, *, axis: int | None = None, opset: int) -> Tensor:
    flat, along = _flattened(x, axis, opset)
    return F.softmax(flat, along).reshape(x.shape)


@op("LogSoftmax")
def log_softmax(x: Tensor, *, axis: int | None = None, opset: int) -> Tensor:
    flat, along = _flattened(x, axis, opset)
    return F.log_softmax(flat, along).reshape(x.shape)


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
    return F.batch_norm(x, mean, variance, scale, bias, eps=epsilon)


@op("InstanceNormalization")
def instance_norm(x: Tensor, scale: Tensor, bias: Tensor, *, epsilon: float = 1e-5) -> Tensor:
    return F.instance_norm(x, weight=scale, bias=bias, eps=epsilon)


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
    """The result, the mean, and 1 / standard deviation."""
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
    """Since opset 21 there is a weight for each channel, before for each group."""
    channels = x.shape[1]
    if scale.numel() != channels:
        scale = scale.repeat_interleave(channels // num_groups)
        bias = bias.repeat_interleave(channels // num_groups)
    return F.group_norm(x, num_groups, scale, bias, epsilon)


@op("LRN")
def local_response_norm(
    x: Tensor, *, size: int, alpha: float = 1e-4, beta: float = 0.75, bias: float = 1.0
) -> Tensor:
    squares = (x * x).unsqueeze(1)
    edge = (size - 1) // 2
    flat = squares.reshape(x.shape[0], 1, x.shape[1], -1)
    around = F.pad(flat, [0, 0, edge, size - 1 - edge])
    summed = F.avg_pool2d(around, (size, 1), stride=1, divisor_override=1).reshape(x.shape)
    return x / (bias + alpha / size * summed) ** beta


@op("GlobalAveragePool")
def global_average(x: Tensor) -> Tensor:
    return x.mean(tuple(range(2, x.ndim)), keepdim=True)


@op("GlobalMaxPool")
def global_max(x: Tensor) -> Tensor:
    return x.amax(tuple(range(2, x.ndim)), keepdim=True)
