"""One TFLite file for every size of a model.

TFLite files hold fixed shapes. Files of one model converted at several sizes differ only in a few
hundred 32-bit integers: dimensions of tensors, targets of Reshape and Resize. Each of these is
affine in every dynamic length, so replacing these numbers in one file gives the file for any size.
That needs no disk space per width, and no converter where the model runs.

This file needs only NumPy, because the converter loads it in its own environment too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray


class NotAffine(ValueError):
    """The files differ in more than numbers that are affine in the sizes."""


@dataclass(frozen=True)
class Length:
    """A dynamic length: the two values it was converted at, and the step it is a multiple of."""

    name: str
    low: int
    high: int
    step: int


@dataclass(frozen=True)
class Patch:
    """The 32-bit words `at` hold `values[i]` in the file converted at corner i."""

    values: tuple[int, ...]
    at: tuple[int, ...]


@dataclass(frozen=True)
class Port:
    """One input or output.

    `name` and `shape` (sizes, or names of dynamic lengths) are the model's. `order` is the order in
    which the file's tensor has the model's axes. An output grows with the batch along `axis`.
    """

    name: str
    shape: tuple[int | str, ...]
    dtype: str
    order: tuple[int, ...]
    axis: int = 0


@dataclass(frozen=True)
class Template:
    """All that is needed to run `file`, which was converted with every length at its `high`.

    With `rows`, the file takes one picture, and a batch is run row by row.
    """

    file: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    lengths: tuple[Length, ...] = ()
    patches: tuple[Patch, ...] = ()
    rows: bool = False
    made_by: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> Template:
        """Raises KeyError, TypeError or ValueError for anything that `to_json` did not write."""
        return cls(
            file=str(read["file"]),
            inputs=tuple(_port(port) for port in read["inputs"]),
            outputs=tuple(_port(port) for port in read["outputs"]),
            lengths=tuple(Length(**length) for length in read["lengths"]),
            patches=tuple(Patch(tuple(p["values"]), tuple(p["at"])) for p in read["patches"]),
            rows=bool(read["rows"]),
            made_by=dict(read["made_by"]),
        )


def _port(read: Mapping[str, Any]) -> Port:
    order = tuple(read["order"])
    return Port(read["name"], tuple(read["shape"]), read["dtype"], order, int(read.get("axis", 0)))


def corners(lengths: Sequence[Length]) -> list[tuple[int, ...]]:
    """The sizes to convert at; the last has every length at its `high`."""
    return list(product(*((length.low, length.high) for length in lengths)))


def compare(files: Sequence[bytes]) -> tuple[Patch, ...]:
    """The 32-bit words in which the files, one per corner, differ.

    Raises NotAffine if they differ in length, or in bytes after the last word.
    """
    if len({len(file) for file in files}) != 1:
        raise NotAffine("the files have different lengths")
    words = np.stack([_words(bytearray(file)) for file in files])
    if any(file[words.shape[1] * 4 :] != files[0][words.shape[1] * 4 :] for file in files):
        raise NotAffine("the files differ at their ends")
    places: dict[tuple[int, ...], list[int]] = {}
    for at in np.flatnonzero((words != words[0]).any(axis=0)):
        places.setdefault(tuple(words[:, at].tolist()), []).append(int(at))
    return tuple(Patch(values, tuple(at)) for values, at in places.items())


def fill(
    content: bytes, lengths: Sequence[Length], patches: Sequence[Patch], size: Sequence[int]
) -> bytes:
    """The file for `size`, a value for each length. Raises NotAffine if a number is no integer."""
    filled = bytearray(content)
    words = _words(filled)
    for patch in patches:
        words[list(patch.at)] = _between(patch.values, lengths, size)
    return bytes(filled)


def _between(values: Sequence[int], lengths: Sequence[Length], size: Sequence[int]) -> int:
    """Multilinear interpolation between the corners, in exact integers."""
    total, whole = 0, 1
    for length in lengths:
        whole *= length.high - length.low
    for value, corner in zip(values, corners(lengths), strict=True):
        weight = value
        for length, at, wanted in zip(lengths, corner, size, strict=True):
            weight *= wanted - length.low if at == length.high else length.high - wanted
        total += weight
    if total % whole:
        raise NotAffine(f"{dict(zip((n.name for n in lengths), size, strict=True))} does not fit")
    return total // whole


def _words(content: bytearray) -> NDArray[np.int32]:
    return np.frombuffer(content, dtype="<i4", count=len(content) // 4)
