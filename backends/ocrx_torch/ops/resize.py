"""Resize with all of ONNX's options: torch's functions where they agree, else matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from ocrx_torch.registry import op

Ints = Sequence[int]
Floats = Sequence[float]


@dataclass(frozen=True)
class ResizedAxis:
    """How one axis is resized, from `length` to `wanted` places. `start` and `end` are its region
    of interest, as fractions of the length."""

    length: int
    wanted: int
    scale: float
    start: float = 0.0
    end: float = 1.0


@dataclass(frozen=True)
class Interpolation:
    """How values between places are computed, in the terms of ONNX's Resize."""

    mode: str
    transform: str
    nearest: str
    cubic: float
    exclude_outside: bool
    antialias: bool
    outside: float


@op(
    "Resize",
    host=("roi", "scales", "sizes"),
    refuse=lambda given: "opset 10" if given["opset"] < 11 else "",
)
def resize(
    x: Tensor,
    roi: Floats | None = None,
    scales: Floats | None = None,
    sizes: Ints | None = None,
    *,
    antialias: int = 0,
    axes: Ints | None = None,
    coordinate_transformation_mode: str = "half_pixel",
    cubic_coeff_a: float = -0.75,
    exclude_outside: int = 0,
    extrapolation_value: float = 0.0,
    keep_aspect_ratio_policy: str = "stretch",
    mode: str = "nearest",
    nearest_mode: str = "round_prefer_floor",
    opset: int,
) -> Tensor:
    where = [axis % x.ndim for axis in (range(x.ndim) if axes is None else axes)]
    lengths = [x.shape[axis] for axis in where]
    if scales:
        wanted = [math.floor(a * b) for a, b in zip(lengths, scales, strict=True)]
    else:
        wanted, scales = _fit(lengths, list(sizes or ()), keep_aspect_ratio_policy)
    regions = roi or [0.0] * len(where) + [1.0] * len(where)
    plan = {
        axis: ResizedAxis(length, size, scale, regions[i], regions[i + len(where)])
        for i, (axis, length, size, scale) in enumerate(
            zip(where, lengths, wanted, scales, strict=True)
        )
        if scale != 1 or coordinate_transformation_mode == "tf_crop_and_resize"
    }
    way = Interpolation(
        mode,
        coordinate_transformation_mode,
        nearest_mode,
        cubic_coeff_a,
        bool(exclude_outside),
        bool(antialias),
        extrapolation_value,
    )
    quick = _by_torch(x, plan, way)
    if quick is not None:
        return quick
    return _nearest(x, plan, way) if mode == "nearest" else _by_matrices(x, plan, way)


def _fit(lengths: list[int], sizes: list[int], policy: str) -> tuple[list[int], list[float]]:
    """The sizes and scales of the axes. Unless the policy is "stretch", all have one scale."""
    scales = [size / length for size, length in zip(sizes, lengths, strict=True)]
    if policy == "stretch":
        return sizes, scales
    scale = min(scales) if policy == "not_larger" else max(scales)
    return [math.floor(scale * length + 0.5) for length in lengths], [scale] * len(lengths)


def _by_torch(x: Tensor, plan: dict[int, ResizedAxis], way: Interpolation) -> Tensor | None:
    """Resize with torch.ops.aten, or None where it would differ from ONNX. It handles only
    pictures, resized along height and width."""
    if x.ndim != 4 or not plan.keys() <= {2, 3} or way.antialias or way.exclude_outside:
        return None
    rows, columns = (
        plan.get(axis, ResizedAxis(x.shape[axis], x.shape[axis], 1.0)) for axis in (2, 3)
    )
    size = [rows.wanted, columns.wanted]
    if way.mode == "nearest":
        whole = all(axis.wanted == axis.length * axis.scale for axis in (rows, columns))
        integer = rows.scale.is_integer() and columns.scale.is_integer()
        if (way.transform, way.nearest) == ("asymmetric", "floor") and whole and integer:
            near: Tensor = torch.ops.aten.upsample_nearest2d(x, size, rows.scale, columns.scale)
            return near
        return None
    corners = way.transform == "align_corners"
    if way.mode != "linear" or not (corners or way.transform == "half_pixel"):
        return None
    if not x.is_floating_point():
        return None
    between: Tensor = torch.ops.aten.upsample_bilinear2d(
        x, size, corners, rows.scale, columns.scale
    )
    return between


def _nearest(x: Tensor, plan: dict[int, ResizedAxis], way: Interpolation) -> Tensor:
    for number, axis in plan.items():
        places = [_rounded(place, way.nearest) for place in _places(axis, way.transform)]
        inside = [min(max(place, 0), axis.length - 1) for place in places]
        x = x.index_select(number, torch.tensor(inside, dtype=torch.int64, device=x.device))
    return _fill_outside(x, plan, way)


def _by_matrices(x: Tensor, plan: dict[int, ResizedAxis], way: Interpolation) -> Tensor:
    dtype = x.dtype if x.is_floating_point() else torch.float32
    y = x.to(dtype)
    for number, axis in plan.items():
        weights = torch.tensor(_matrix(axis, way), dtype=dtype, device=x.device)
        y = torch.matmul(y.movedim(number, -1), weights.t()).movedim(-1, number)
    return _fill_outside(y.to(x.dtype), plan, way)


def _fill_outside(x: Tensor, plan: dict[int, ResizedAxis], way: Interpolation) -> Tensor:
    if way.transform != "tf_crop_and_resize":
        return x
    for number, axis in plan.items():
        out = [not 0 <= place <= axis.length - 1 for place in _places(axis, way.transform)]
        shape = [1] * x.ndim
        shape[number] = -1
        x = torch.where(torch.tensor(out, device=x.device).reshape(shape), way.outside, x)
    return x


def _places(axis: ResizedAxis, transform: str) -> list[float]:
    """The coordinate in the input of each place of the output."""
    n, last = axis.wanted, axis.length - 1
    if transform == "align_corners":
        return [i * last / (n - 1) if n > 1 else 0.0 for i in range(n)]
    if transform == "asymmetric":
        return [i / axis.scale for i in range(n)]
    if transform == "tf_crop_and_resize":
        if n == 1:
            return [0.5 * (axis.start + axis.end) * last]
        span = (axis.end - axis.start) * last
        return [axis.start * last + i * span / (n - 1) for i in range(n)]
    if transform == "pytorch_half_pixel" and n == 1:
        return [0.0]
    offset = 0.0
    if transform == "half_pixel_symmetric":
        offset = axis.length / 2 * (1 - n / (axis.scale * axis.length))
    return [offset + (i + 0.5) / axis.scale - 0.5 for i in range(n)]


def _rounded(place: float, how: str) -> int:
    if how == "floor":
        return math.floor(place)
    if how == "ceil":
        return math.ceil(place)
    if how == "round_prefer_ceil":
        return math.floor(place + 0.5)
    return math.ceil(place - 0.5)


@lru_cache(maxsize=64)
def _matrix(axis: ResizedAxis, way: Interpolation) -> list[list[float]]:
    """How much each place of the input counts for each of the output."""
    stretch = min(1.0, axis.scale) if way.antialias else 1.0
    radius = (1 if way.mode == "linear" else 2) / stretch
    rows = []
    for place in _places(axis, way.transform):
        row = [0.0] * axis.length
        first, last = math.floor(place - radius) + 1, math.ceil(place + radius) - 1
        if first > last:
            first = last = math.floor(place)
        for source in range(first, last + 1):
            weight = _weight((source - place) * stretch, way)
            inside = min(max(source, 0), axis.length - 1)
            if source == inside or not way.exclude_outside:
                row[inside] += weight
        total = sum(row)
        rows.append([weight / total for weight in row] if total else row)
    return rows


def _weight(distance: float, way: Interpolation) -> float:
    t, a = abs(distance), way.cubic
    if way.mode == "linear":
        return max(0.0, 1 - t)
    if t <= 1:
        return ((a + 2) * t - (a + 3)) * t * t + 1
    return ((a * t - 5 * a) * t + 8 * a) * t - 4 * a if t < 2 else 0.0
