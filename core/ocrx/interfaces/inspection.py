"""Inspectors, which count the work of a network at fixed shapes from its file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Literal, TypeAlias

from ocrx.artifacts import Format
from ocrx.interfaces.runtimes import Availability
from ocrx.types import TensorSpec

Shape: TypeAlias = tuple[int, ...]

Role: TypeAlias = Literal["layer", "follower", "view", "join"]
"""How an operation can share a pass over its data with others.

A "layer" reads and writes memory on its own (a convolution). A "follower" can be done while the
operation before it still holds the data (a sum, an activation, a normalisation). A "view" is its
input under another shape. A "join" is its inputs side by side, which their makers can write there.
"""


@dataclass(frozen=True)
class Size:
    """How large a tensor is. `width` is bytes an element; None for real numbers, which take what
    the precision says."""

    shape: Shape
    width: int | None = None

    @property
    def elements(self) -> int:
        return prod(self.shape)


@dataclass(frozen=True)
class Operation:
    """One node. `macs` are multiply-accumulates, `others` all other operations on elements; `reads`
    and `writes` name tensors, `weights` those of them that are constants."""

    name: str
    kind: str
    role: Role
    macs: int
    others: int
    reads: tuple[str, ...]
    weights: tuple[str, ...]
    writes: tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """Operations in an order in which they can run. `uncounted` names the kinds of operations of
    unknown work: their traffic is counted, their arithmetic is not."""

    operations: tuple[Operation, ...]
    sizes: Mapping[str, Size]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    uncounted: tuple[str, ...] = ()

    @property
    def macs(self) -> int:
        return sum(one.macs for one in self.operations)


class Inspector(ABC):
    """Reads the files of one format without running them. A plugin's component of the kind
    "inspector"."""

    name: str
    accepts: tuple[Format, ...]

    @abstractmethod
    def probe(self) -> Availability:
        """Whether it works here; if not, the command that installs what it needs. Never raises."""

    @abstractmethod
    def inputs(self, path: Path) -> tuple[TensorSpec, ...]:
        """The network's inputs. Raises InputError for a file that is no such network."""

    @abstractmethod
    def inspect(self, path: Path, shapes: Mapping[str, Shape]) -> Graph:
        """The network, fed inputs of these shapes.

        Raises InputError for a file that is no such network, and UsageError for shapes that it
        cannot take, or for an operation, named, whose output shape cannot be found.
        """

    @abstractmethod
    def product(self, path: Path, size: int) -> None:
        """Write a network that multiplies its only input, float32 (size, size), by a constant of
        that shape. It serves to measure a runtime's peak."""
