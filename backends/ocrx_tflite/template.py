"""One TFLite file for every size of a model.

TFLite files hold fixed shapes. Those of one model, converted at several sizes, differ in nothing
but some hundred 32-bit integers: dimensions of tensors, targets of Reshape and Resize. Each of
these is affine in every dynamic length, so a file for any size is one file with some numbers
replaced: no disk space for each width, and no converter where the model runs.

Needs NumPy alone: this file is also loaded by the converter, in its own environment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray


class NotAffine(ValueError):
    """The files differ in more than numbers that follow the sizes."""


@dataclass(frozen=True)
class Length:
    """A dynamic length: the two values it was converted at, and what it must be a multiple of."""

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
    """One input or output. `name` and `shape` (a number, or the name of a length) are the model's;
    the file's tensor has the model's axes in the order `order`."""

    name: str
    shape: tuple[int | str, ...]
    dtype: str
    order: tuple[int, ...]


@dataclass(frozen=True)
class Template:
    """What has to be known of a file to run it: it is the one converted at every `high`.

    With `rows` the file takes one picture, and a batch is run row by row.
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
        """KeyError, TypeError or ValueError for what `to_json` did not write."""
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
    return Port(read["name"], tuple(read["shape"]), read["dtype"], tuple(read["order"]))


def corners(lengths: Sequence[Length]) -> list[tuple[int, ...]]:
    """The sizes to convert at; the last has every length at its `high`."""
    return list(product(*((length.low, length.high) for length in lengths)))


def compare(files: Sequence[bytes]) -> tuple[Patch, ...]:
    """The words in which the files, one for each corner, differ. NotAffine if they have not all
    the same length."""
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
    """The file for `size`, a value for each length. NotAffine if a number comes out broken."""
    filled = bytearray(content)
    words = _words(filled)
    for patch in patches:
        words[list(patch.at)] = _between(patch.values, lengths, size)
    return bytes(filled)


def _between(values: Sequence[int], lengths: Sequence[Length], size: Sequence[int]) -> int:
    """Multilinear interpolation between the corners, exact."""
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
