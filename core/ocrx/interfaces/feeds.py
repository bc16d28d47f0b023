"""Checks what a session is fed against the inputs that its network declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from ocrx.errors import InvalidFeed
from ocrx.interfaces.tensors import AnyTensor, DeviceTensor
from ocrx.types import Tensor, TensorSpec

Feeds: TypeAlias = Mapping[str, Tensor]
"""One call's inputs by name."""


def check_feeds(inputs: Sequence[TensorSpec], feeds: Mapping[str, AnyTensor]) -> None:
    """Raise InvalidFeed unless `feeds` has exactly `inputs`, each with its dtype and a shape that
    fits."""
    known = {spec.name: spec for spec in inputs}
    unknown = sorted(set(feeds) - set(known))
    missing = sorted(set(known) - set(feeds))
    if unknown or missing:
        raise InvalidFeed(
            "; ".join(
                [f"unknown input {name!r}" for name in unknown]
                + [f"input {name!r} is missing" for name in missing]
            ),
            f"Feed exactly: {', '.join(known)}.",
        )
    for name, spec in known.items():
        tensor = feeds[name]
        dtype = tensor.dtype if isinstance(tensor, DeviceTensor) else tensor.dtype.name
        if dtype != spec.dtype:
            raise InvalidFeed(f"input {name!r} is {dtype}", f"Convert it to {spec.dtype}.")
        if not _fits(tensor.shape, spec.shape):
            raise InvalidFeed(
                f"input {name!r} has shape {tensor.shape}",
                f"Feed {describe_shape(spec.shape)}.",
            )


def describe_shape(shape: Sequence[int | None]) -> str:
    """A shape as messages show it, with "?" for a dynamic axis: "(?, 3, 48, ?)"."""
    return f"({', '.join('?' if size is None else str(size) for size in shape)})"


def _fits(shape: Sequence[int], declared: Sequence[int | None]) -> bool:
    return len(shape) == len(declared) and all(
        size > 0 and wanted in (None, size) for size, wanted in zip(shape, declared, strict=True)
    )
