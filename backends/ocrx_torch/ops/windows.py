"""Pools, which slide a window over the last axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from ocrx_torch.ops.padding import same_pads, split_pads
from ocrx_torch.registry import op

Ints: TypeAlias = Sequence[int]

MAX_POOLS = {1: functional.max_pool1d, 2: functional.max_pool2d, 3: functional.max_pool3d}
AVERAGE_POOLS = {1: functional.avg_pool1d, 2: functional.avg_pool2d, 3: functional.avg_pool3d}


def _pads(
    sizes: Sequence[int],
    kernel: Ints,
    strides: Ints,
    dilations: Ints,
    *,
    pads: Ints | None,
    auto_pad: str,
    ceil_mode: int,
) -> tuple[list[int], list[int]]:
    """The padding of the input, and how far the windows of `ceil_mode` reach beyond it. Both have
    all beginnings, then all ends."""
    rank = len(kernel)
    if auto_pad.startswith("SAME"):
        pads = same_pads(sizes, kernel, strides, dilations, auto_pad)
    given = list(pads) if pads else [0] * (2 * rank)
    beyond = [0] * (2 * rank)
    if ceil_mode:
        for axis, (size, k, s, d) in enumerate(zip(sizes, kernel, strides, dilations, strict=True)):
            span = size + given[axis] + given[rank + axis] - d * (k - 1) - 1
            last = -(-span // s) * s
            if last < size + given[axis]:  # ONNX drops windows that begin in the padding
                beyond[rank + axis] = last - span
    return given, beyond


@op(
    "MaxPool",
    refuse=lambda given: "storage order" if given.get("storage_order") else "",
)
def max_pool(
    x: Tensor,
    *,
    kernel_shape: Ints,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    dilations: Ints | None = None,
    pads: Ints | None = None,
    storage_order: int = 0,
    strides: Ints | None = None,
    outputs: int,
) -> Tensor | tuple[Tensor, Tensor]:
    rank = len(kernel_shape)
    steps, spread = tuple(strides or [1] * rank), tuple(dilations or [1] * rank)
    given, beyond = _pads(
        x.shape[2:], kernel_shape, steps, spread, pads=pads, auto_pad=auto_pad, ceil_mode=ceil_mode
    )
    together = [a + b for a, b in zip(given, beyond, strict=True)]
    plain = x.is_cpu and outputs == 1 and not x.requires_grad  # autograd refuses `out`
    if plain and _in_pairs(kernel_shape, steps, spread, together):
        return _max_of_pairs(x)
    even, extra = split_pads(together, rank)
    if extra is None and any(2 * p > k for p, k in zip(even, kernel_shape, strict=True)):
        even, extra = [0] * rank, [edge for p in reversed(even) for edge in (p, p)]
    sizes = x.shape
    if extra is not None:
        least = float("-inf") if x.is_floating_point() else torch.iinfo(x.dtype).min
        x = functional.pad(x, extra, value=least)
    pool = MAX_POOLS[rank]
    if outputs == 1:
        return pool(x, tuple(kernel_shape), steps, tuple(even), spread)
    found, places = pool(x, tuple(kernel_shape), steps, tuple(even), spread, return_indices=True)
    return found, _in_whole(places, x.shape, sizes, extra)


def _in_pairs(kernel: Ints, strides: Ints, dilations: Ints, pads: Ints) -> bool:
    """Whether each place becomes the maximum of itself and the next along every axis."""
    rank = len(kernel)
    ones = [1] * rank
    return (list(kernel), list(strides), list(dilations)) == ([2] * rank, ones, ones) and list(
        pads
    ) == [0] * rank + ones


def _max_of_pairs(x: Tensor) -> Tensor:
    """Ten times as fast on a processor as torch's pool, which also computes indices."""
    for axis in range(2, x.ndim):
        length = x.shape[axis] - 1
        y = torch.empty_like(x)
        first, second = x.narrow(axis, 0, length), x.narrow(axis, 1, length)
        torch.maximum(first, second, out=y.narrow(axis, 0, length))
        y.narrow(axis, length, 1).copy_(x.narrow(axis, length, 1))
        x = y
    return x


def _in_whole(places: Tensor, padded: torch.Size, sizes: torch.Size, extra: Ints | None) -> Tensor:
    """Indices into the unpadded tensor as a whole, given indices into padded planes."""
    begins = list(reversed(extra[::2])) if extra else [0] * (len(sizes) - 2)
    whole = torch.zeros_like(places)
    stride = 1
    for axis in reversed(range(len(begins))):
        whole += (places % padded[2 + axis] - begins[axis]) * stride
        places = places.div(padded[2 + axis], rounding_mode="floor")
        stride *= sizes[2 + axis]
    planes = torch.arange(sizes[0] * sizes[1], device=places.device) * stride
    return whole + planes.reshape(sizes[0], sizes[1], *[1] * len(begins))


@op("AveragePool")
def average_pool(
    x: Tensor,
    *,
    kernel_shape: Ints,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    count_include_pad: int = 0,
    dilations: Ints | None = None,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> Tensor:
    rank = len(kernel_shape)
    kernel = tuple(kernel_shape)
    steps, spread = tuple(strides or [1] * rank), tuple(dilations or [1] * rank)
    given, beyond = _pads(
        x.shape[2:], kernel, steps, spread, pads=pads, auto_pad=auto_pad, ceil_mode=ceil_mode
    )
    even, extra = split_pads(given, rank)
    simple = extra is None and not any(beyond) and all(d == 1 for d in spread)
    if simple and all(2 * p <= k for p, k in zip(even, kernel, strict=True)):
        return AVERAGE_POOLS[rank](
            x, kernel, steps, tuple(even), count_include_pad=bool(count_include_pad)
        )
    ones = torch.ones_like(x[:1, :1])
    if count_include_pad:
        ones = functional.pad(ones, _edges(given), value=1.0)
    inside = beyond if count_include_pad else [a + b for a, b in zip(given, beyond, strict=True)]
    reach = [a + b for a, b in zip(given, beyond, strict=True)]
    count = _window_sums(functional.pad(ones, _edges(inside)), kernel, steps, spread)
    return _window_sums(functional.pad(x, _edges(reach)), kernel, steps, spread) / count


@op("LpPool")
def power_pool(
    x: Tensor,
    *,
    kernel_shape: Ints,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    dilations: Ints | None = None,
    p: int = 2,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> Tensor:
    rank = len(kernel_shape)
    steps, spread = tuple(strides or [1] * rank), tuple(dilations or [1] * rank)
    given, beyond = _pads(
        x.shape[2:], kernel_shape, steps, spread, pads=pads, auto_pad=auto_pad, ceil_mode=ceil_mode
    )
    edges = _edges([a + b for a, b in zip(given, beyond, strict=True)])
    powers = functional.pad(x.abs() ** p, edges)
    return _window_sums(powers, tuple(kernel_shape), steps, spread) ** (1 / p)


def _edges(pads: Ints) -> list[int]:
    """Padding given as all beginnings, then all ends, in the order of torch.nn.functional.pad."""
    rank = len(pads) // 2
    return [edge for axis in reversed(range(rank)) for edge in (pads[axis], pads[rank + axis])]


def _window_sums(
    x: Tensor, kernel: tuple[int, ...], strides: tuple[int, ...], dilations: tuple[int, ...]
) -> Tensor:
    planes = x.reshape(-1, 1, *x.shape[2:])
    ones = torch.ones(1, 1, *kernel, dtype=x.dtype, device=x.device)
    none = [0] * len(kernel)
    summed = torch.convolution(planes, ones, None, strides, none, dilations, False, none, 1)
    return summed.reshape(*x.shape[:2], *summed.shape[2:])
