"""Operations that look up, scatter or search elements."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from ocrx_torch.registry import op

REDUCTIONS = {"add": "sum", "mul": "prod", "max": "amax", "min": "amin"}


def _from_front(indices: Tensor, length: int) -> Tensor:
    """Indices with negative ones, which count from the end, made positive."""
    return torch.where(indices < 0, indices + length, indices).long()


@op("Gather")
def gather(x: Tensor, indices: Tensor, *, axis: int = 0) -> Tensor:
    axis %= x.ndim
    found = x.index_select(axis, _from_front(indices, x.shape[axis]).reshape(-1))
    return found.reshape(*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])


@op("GatherElements")
def gather_elements(x: Tensor, indices: Tensor, *, axis: int = 0) -> Tensor:
    return torch.gather(x, axis, _from_front(indices, x.shape[axis]))


@op("GatherND")
def gather_nd(x: Tensor, indices: Tensor, *, batch_dims: int = 0) -> Tensor:
    depth = indices.shape[-1]
    sizes = x.shape[:batch_dims]
    lead = indices.ndim - 1
    key = [
        torch.arange(size, device=x.device).reshape(-1, *[1] * (lead - 1 - axis))
        for axis, size in enumerate(sizes)
    ]
    key += [_from_front(indices[..., place], x.shape[batch_dims + place]) for place in range(depth)]
    return x[tuple(key)]


@op("ScatterElements", "Scatter")
def scatter_elements(
    x: Tensor, indices: Tensor, updates: Tensor, *, axis: int = 0, reduction: str = "none"
) -> Tensor:
    places = _from_front(indices, x.shape[axis])
    if reduction == "none":
        return x.scatter(axis, places, updates)
    return x.scatter_reduce(axis, places, updates, REDUCTIONS[reduction])


@op("ScatterND")
def scatter_nd(x: Tensor, indices: Tensor, updates: Tensor, *, reduction: str = "none") -> Tensor:
    depth = indices.shape[-1]
    flat = torch.zeros(indices.shape[:-1], dtype=torch.int64, device=x.device)
    for place in range(depth):
        flat = flat * x.shape[place] + _from_front(indices[..., place], x.shape[place])
    rest = x.shape[depth:]
    rows = x.reshape(-1, rest.numel()).clone()
    places = flat.reshape(-1, 1).expand(-1, rest.numel())
    values = updates.reshape(-1, rest.numel())
    if reduction == "none":
        return rows.scatter(0, places, values).reshape(x.shape)
    return rows.scatter_reduce(0, places, values, REDUCTIONS[reduction]).reshape(x.shape)


@op("NonZero")
def non_zero(x: Tensor) -> Tensor:
    return (x if x.ndim else x.reshape(1)).nonzero().t()


@op("OneHot", host=("depth",))
def one_hot(
    indices: Tensor, depth: float | Sequence[float], values: Tensor, *, axis: int = -1
) -> Tensor:
    count = int(depth if isinstance(depth, int | float) else depth[0])
    inside = (indices >= -count) & (indices < count)  # other indices give a row without a hot value
    hot = functional.one_hot(indices.long() % count, count).bool() & inside[..., None]
    return torch.where(hot.movedim(-1, axis), values[1], values[0])


@op("CumSum", host=("axis",))
def running_sum(
    x: Tensor, axis: int | Sequence[int], *, exclusive: int = 0, reverse: int = 0
) -> Tensor:
    along = axis if isinstance(axis, int) else axis[0]
    x = x.flip(along) if reverse else x
    summed = x.cumsum(along, dtype=x.dtype)
    if exclusive:
        summed = summed - x
    return summed.flip(along) if reverse else summed


@op("TopK", host=("k",))
def top_k(
    x: Tensor, k: int | Sequence[int], *, axis: int = -1, largest: int = 1, sorted_: int = 1
) -> tuple[Tensor, Tensor]:
    """Of equal values the first comes first, which torch.topk does not guarantee."""
    count = k if isinstance(k, int) else k[0]
    values, places = x.sort(dim=axis, descending=bool(largest), stable=True)
    return values.narrow(axis, 0, count), places.narrow(axis, 0, count)


@op("ArgMax")
def arg_max(x: Tensor, *, axis: int = 0, keepdims: int = 1, select_last_index: int = 0) -> Tensor:
    if select_last_index:
        last = x.shape[axis] - 1
        return last - torch.argmax(x.flip(axis), axis, bool(keepdims))
    return torch.argmax(x, axis, bool(keepdims))


@op("ArgMin")
def arg_min(x: Tensor, *, axis: int = 0, keepdims: int = 1, select_last_index: int = 0) -> Tensor:
    if select_last_index:
        last = x.shape[axis] - 1
        return last - torch.argmin(x.flip(axis), axis, bool(keepdims))
    return torch.argmin(x, axis, bool(keepdims))


@op("Compress")
def compress(x: Tensor, condition: Tensor, *, axis: int | None = None) -> Tensor:
    places = condition.nonzero().reshape(-1)
    return x.reshape(-1)[places] if axis is None else x.index_select(axis, places)
