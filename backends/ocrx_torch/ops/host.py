"""Arithmetic on shapes in Python's ints: a scalar is an int, a vector a tuple of ints.

The importer uses these operations where all inputs come from shapes and constants. Only `to_tensor`
and `to_host` convert between these values and tensors.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

import torch
from torch import Tensor

from ocrx_torch.registry import on_host

Vector: TypeAlias = tuple[int, ...]
Host: TypeAlias = int | Vector


def to_tensor(value: Host, *, device: torch.device) -> Tensor:
    """An int64 tensor of rank 0 or 1."""
    return torch.tensor(value, dtype=torch.int64, device=device)


def to_host(value: Tensor) -> Any:
    """A number, or a tuple of numbers. On a GPU this waits until the value is computed."""
    found = value.tolist()
    return tuple(found) if isinstance(found, list) else found


@on_host("Shape")
def shape(x: Tensor | Vector, *, start: int = 0, end: int | None = None) -> Vector:
    sizes = (len(x),) if isinstance(x, tuple) else tuple(x.shape)
    return sizes[start:end]


@on_host("Size")
def size(x: Tensor | Vector) -> int:
    return len(x) if isinstance(x, tuple) else x.numel()


@on_host("Cast", "Identity")
def same(x: Host, **_: object) -> Host:
    return x


@on_host("Gather")
def gather(data: Vector, indices: Host, *, axis: int = 0) -> Host:
    if isinstance(indices, int):
        return data[indices]
    return tuple(data[index] for index in indices)


@on_host("Slice")
def cut(
    data: Vector,
    starts: Vector,
    ends: Vector,
    axes: Vector | None = None,
    steps: Vector | None = None,
) -> Vector:
    return data[starts[0] : ends[0] : steps[0] if steps else 1]


@on_host("Concat")
def concat(*parts: Vector, axis: int = 0) -> Vector:
    return tuple(number for part in parts for number in part)


@on_host("Squeeze")
def squeeze(data: Vector, axes: Vector | None = None) -> int:
    (number,) = data
    return number


@on_host("Unsqueeze")
def unsqueeze(data: int, axes: Vector) -> Vector:
    return (data,)


@on_host("Reshape")
def reshape(data: Host, wanted: Vector, *, allowzero: int = 0) -> Host:
    numbers = (data,) if isinstance(data, int) else data
    return numbers if wanted else numbers[0]


@on_host("ReduceProd")
def product(data: Vector, axes: Vector | None = None, *, keepdims: int = 1) -> Host:
    result = 1
    for number in data:
        result *= number
    return (result,) if keepdims else result


def _each(function: Callable[[int, int], int]) -> Callable[[Host, Host], Host]:
    """`function` for scalars and vectors, with ONNX's broadcasting."""

    def apply(a: Host, b: Host) -> Host:
        if isinstance(a, int) and isinstance(b, int):
            return function(a, b)
        length = max(len(side) for side in (a, b) if isinstance(side, tuple))
        left, right = (_spread(side, length) for side in (a, b))
        return tuple(function(x, y) for x, y in zip(left, right, strict=True))

    return apply


def _spread(value: Host, length: int) -> Vector:
    vector = (value,) if isinstance(value, int) else value
    return vector * length if len(vector) == 1 else vector


def _divide(a: int, b: int) -> int:
    """Division that truncates towards zero."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


add = on_host("Add")(_each(operator.add))
subtract = on_host("Sub")(_each(operator.sub))
multiply = on_host("Mul")(_each(operator.mul))
divide = on_host("Div")(_each(_divide))
