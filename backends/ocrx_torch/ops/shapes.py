"""Operations that rearrange, slice and create tensors."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from ocrx_torch.registry import op

Ints = Sequence[int]


@op("Reshape", host=("shape",))
def reshape(x: Tensor, shape: Ints, *, allowzero: int = 0) -> Tensor:
    """A size of 0 keeps the size of that axis, unless `allowzero` is set."""
    if allowzero:
        return x.reshape(tuple(shape))
    return x.reshape([size or x.shape[axis] for axis, size in enumerate(shape)])


@op("Flatten")
def flatten(x: Tensor, *, axis: int = 1) -> Tensor:
    rows = 1
    for size in x.shape[: axis if axis >= 0 else x.ndim + axis]:
        rows *= size
    return x.reshape(rows, x.numel() // rows if rows else 0)


@op("Squeeze", host=("axes",))
def squeeze(x: Tensor, axes: Ints | None = None) -> Tensor:
    return x.squeeze() if axes is None else x.squeeze(tuple(axes))


@op("Unsqueeze", host=("axes",))
def unsqueeze(x: Tensor, axes: Ints) -> Tensor:
    rank = x.ndim + len(axes)
    for axis in sorted(axis % rank for axis in axes):
        x = x.unsqueeze(axis)
    return x


@op("Transpose")
def transpose(x: Tensor, *, perm: Ints | None = None) -> Tensor:
    return x.permute(tuple(perm) if perm is not None else tuple(reversed(range(x.ndim))))


@op("Concat")
def concat(*xs: Tensor, axis: int) -> Tensor:
    return torch.cat(xs, axis)


@op("Split", host=("split",))
def split(
    x: Tensor, split: Ints | None = None, *, axis: int = 0, num_outputs: int
) -> tuple[Tensor, ...]:
    """The importer passes `num_outputs` where the file does not."""
    if split is None:
        return torch.split(x, -(-x.shape[axis] // num_outputs), axis)
    return torch.split_with_sizes(x, list(split), axis)


@op("Slice", host=("starts", "ends", "axes", "steps"))
def cut(
    x: Tensor, starts: Ints, ends: Ints, axes: Ints | None = None, steps: Ints | None = None
) -> Tensor:
    where = range(len(starts)) if axes is None else axes
    strides = [1] * len(starts) if steps is None else steps
    for start, end, axis, step in zip(starts, ends, where, strides, strict=True):
        if step > 0:
            key = [slice(None)] * (axis % x.ndim) + [slice(start, end, step)]
            x = x[tuple(key)]
        else:
            places = range(x.shape[axis])[start:end:step]
            x = x.index_select(axis, torch.tensor(places, dtype=torch.int64, device=x.device))
    return x


@op("Expand", host=("shape",))
def expand(x: Tensor, shape: Ints) -> Tensor:
    return x.expand(torch.broadcast_shapes(x.shape, tuple(shape)))


@op("Tile", host=("repeats",))
def tile(x: Tensor, repeats: Ints) -> Tensor:
    return x.repeat(tuple(repeats))


@op("Pad", host=("pads", "value", "axes"))
def pad(
    x: Tensor,
    pads: Ints,
    value: float | Sequence[float] | None = None,
    axes: Ints | None = None,
    *,
    mode: str = "constant",
) -> Tensor:
    """`pads` has all beginnings, then all ends. Negative values crop."""
    where = list(range(x.ndim)) if axes is None else [axis % x.ndim for axis in axes]
    begins, ends = pads[: len(where)], pads[len(where) :]
    if mode == "constant":
        flat = [0] * (2 * x.ndim)
        for axis, begin, end in zip(where, begins, ends, strict=True):
            flat[2 * (x.ndim - 1 - axis)] = begin
            flat[2 * (x.ndim - 1 - axis) + 1] = end
        alone = value[0] if isinstance(value, Sequence) else value
        return functional.pad(x, flat, value=alone or 0)
    for axis, begin, end in zip(where, begins, ends, strict=True):
        if begin or end:
            places = _places(x.shape[axis], begin, end, mode)
            x = x.index_select(axis, torch.tensor(places, dtype=torch.int64, device=x.device))
    return x


def _places(length: int, begin: int, end: int, mode: str) -> list[int]:
    """The index in the input of each element of a padded axis."""
    span = range(-begin, length + end)
    if mode == "wrap":
        return [place % length for place in span]
    if mode == "edge":
        return [min(max(place, 0), length - 1) for place in span]
    period = max(1, 2 * (length - 1))
    return [min(place % period, period - place % period) % max(1, length) for place in span]


@op("ConstantOfShape", host=("shape",))
def constant_of_shape(
    shape: Ints, *, value: Tensor | None = None, default: torch.dtype, device: torch.device
) -> Tensor:
    if value is None:
        return torch.zeros(tuple(shape), dtype=default, device=device)
    return value.reshape(()).expand(tuple(shape)).clone()


@op("Range")
def numbers(start: Tensor, limit: Tensor, delta: Tensor) -> Tensor:
    return torch.arange(
        start.item(), limit.item(), delta.item(), dtype=start.dtype, device=start.device
    )


@op("EyeLike")
def eye_like(x: Tensor, *, dtype: torch.dtype | None = None, k: int = 0) -> Tensor:
    rows, columns = x.shape
    ones = torch.ones(rows, columns, dtype=dtype or x.dtype, device=x.device)
    return torch.tril(torch.triu(ones, k), k)


@op("Trilu", host=("k",))
def triangle(x: Tensor, k: int | Ints | None = None, *, upper: int = 1) -> Tensor:
    diagonal = k if isinstance(k, int) else k[0] if k else 0
    return torch.triu(x, diagonal) if upper else torch.tril(x, diagonal)


@op("DepthToSpace")
def depth_to_space(x: Tensor, *, blocksize: int, mode: str = "DCR") -> Tensor:
    batch, channels, height, width = x.shape
    rest = channels // blocksize**2
    if mode == "DCR":
        parts = x.reshape(batch, blocksize, blocksize, rest, height, width)
        parts = parts.permute(0, 3, 4, 1, 5, 2)
    else:
        parts = x.reshape(batch, rest, blocksize, blocksize, height, width)
        parts = parts.permute(0, 1, 4, 2, 5, 3)
    return parts.reshape(batch, rest, height * blocksize, width * blocksize)


@op("SpaceToDepth")
def space_to_depth(x: Tensor, *, blocksize: int, mode: str = "DCR") -> Tensor:
    batch, channels, height, width = x.shape
    size = (height // blocksize, width // blocksize)
    parts = x.reshape(batch, channels, size[0], blocksize, size[1], blocksize)
    order = (0, 3, 5, 1, 2, 4) if mode == "DCR" else (0, 1, 3, 5, 2, 4)
    return parts.permute(order).reshape(batch, channels * blocksize**2, *size)


@op("MeanVarianceNormalization")
def standardise(x: Tensor, *, axes: Ints = (0, 2, 3)) -> Tensor:
    where = tuple(axes)
    centred = x - x.mean(where, keepdim=True)
    return centred / ((centred * centred).mean(where, keepdim=True).sqrt() + 1e-9)


@op("CenterCropPad", host=("shape",))
def centre(x: Tensor, shape: Ints, *, axes: Ints | None = None) -> Tensor:
    for axis, size in zip(range(x.ndim) if axes is None else axes, shape, strict=True):
        extra = size - x.shape[axis]
        if extra < 0:
            x = x.narrow(axis, (-extra) // 2, size)
        else:
            flat = [0] * (2 * x.ndim)
            place = 2 * (x.ndim - 1 - axis % x.ndim)
            flat[place : place + 2] = extra // 2, extra - extra // 2
            x = functional.pad(x, flat)
    return x
