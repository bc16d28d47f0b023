"""Convolutions and matrix products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from ocrx_torch.ops.padding import same_pads, split_pads
from ocrx_torch.registry import op

Ints: TypeAlias = Sequence[int]


@op("Conv")
def conv(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Ints | None = None,
    group: int = 1,
    kernel_shape: Ints | None = None,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> Tensor:
    rank = x.ndim - 2
    steps = tuple(strides or [1] * rank)
    spread = tuple(dilations or [1] * rank)
    if auto_pad.startswith("SAME"):
        pads = same_pads(x.shape[2:], weight.shape[2:], steps, spread, auto_pad)
    even, extra = split_pads(pads, rank)
    if extra is not None:
        x = functional.pad(x, extra)
    return torch.convolution(x, weight, bias, steps, even, spread, False, [0] * rank, group)


@op("ConvTranspose")
def conv_transpose(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Ints | None = None,
    group: int = 1,
    kernel_shape: Ints | None = None,
    output_padding: Ints | None = None,
    output_shape: Ints | None = None,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> Tensor:
    """Where padding is uneven, computed without padding, then cropped or extended to fit."""
    rank = x.ndim - 2
    steps, spread = tuple(strides or [1] * rank), tuple(dilations or [1] * rank)
    beyond = tuple(output_padding or [0] * rank)
    whole = [
        s * (size - 1) + d * (k - 1) + 1
        for size, k, s, d in zip(x.shape[2:], weight.shape[2:], steps, spread, strict=True)
    ]
    begins = list(pads[:rank]) if pads else [0] * rank
    ends = list(pads[rank:]) if pads else [0] * rank
    if output_shape is not None or auto_pad.startswith("SAME"):
        wanted = output_shape or [size * s for size, s in zip(x.shape[2:], steps, strict=True)]
        for axis, size in enumerate(list(wanted)[-rank:]):
            both = whole[axis] + beyond[axis] - size
            small, large = both // 2, both - both // 2
            upper = auto_pad == "SAME_UPPER"
            begins[axis], ends[axis] = (small, large) if upper else (large, small)
    if begins == ends and all(begin >= 0 for begin in begins):
        return torch.convolution(x, weight, bias, steps, begins, spread, True, beyond, group)
    full = torch.convolution(x, weight, None, steps, [0] * rank, spread, True, [0] * rank, group)
    edges = [
        edge
        for axis in reversed(range(rank))
        for edge in (-begins[axis], beyond[axis] - ends[axis])
    ]
    full = functional.pad(full, edges)
    return full if bias is None else full + bias.reshape(-1, *[1] * rank)


@op("MatMul")
def matmul(a: Tensor, b: Tensor) -> Tensor:
    return torch.matmul(a, b)


@op("Gemm")
def gemm(
    a: Tensor,
    b: Tensor,
    c: Tensor | None = None,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    trans_a: int = 0,
    trans_b: int = 0,
) -> Tensor:
    left, right = a.t() if trans_a else a, b.t() if trans_b else b
    if c is None:
        return left @ right if alpha == 1 else alpha * (left @ right)
    return torch.addmm(c, left, right, beta=beta, alpha=alpha)


@op("Einsum")
def einsum(*xs: Tensor, equation: str) -> Tensor:
    return torch.einsum(equation, *xs)
