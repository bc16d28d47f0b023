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
"""The dimensions of a tensor, all of them known."""

Role: TypeAlias = Literal["layer", "follower", "view", "join"]
"""Whether an operation can share a pass over memory with others.

A "layer" reads and writes memory on its own (a convolution). A "follower" can run while the
operation before it still holds the data (a sum, an activation, a normalisation). A "view" is its
input under another shape. A "join" is its inputs side by side: the operations that compute them can
write them there at once.
"""


@dataclass(frozen=True)
class Size:
    """The size of a tensor. `width` is in bytes an element; None for real numbers, whose width the
    precision decides."""

    shape: Shape
    width: int | None = None

    @property
    def elements(self) -> int:
        """The number of elements: the product of the dimensions."""
        return prod(self.shape)


@dataclass(frozen=True)
class Operation:
    """One node of a network. `macs` counts multiply-accumulates, `others` all other operations on
    elements. `reads` and `writes` name tensors, and `weights` those of them that are constants."""

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
    """The operations of a network, in an order in which they can run, and its tensors' `sizes`.

    `uncounted` names kinds of operations whose work is unknown: their memory traffic is counted,
    their arithmetic is not.
    """

    operations: tuple[Operation, ...]
    sizes: Mapping[str, Size]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    uncounted: tuple[str, ...] = ()

    @property
    def macs(self) -> int:
        """The multiply-accumulates of all operations."""
        return sum(one.macs for one in self.operations)


class Inspector(ABC):
    """Reads the network files of some formats without running them. Plugins add inspectors under
    the kind "inspector"."""

    name: str
    """The name that it is registered under, in lower case."""

    accepts: tuple[Format, ...]
    """The formats that it reads."""

    @abstractmethod
    def probe(self) -> Availability:
        """Whether this inspector works here; if not, the command that installs what it needs. Never
        raises."""

    @abstractmethod
    def inputs(self, path: Path) -> tuple[TensorSpec, ...]:
        """The network's inputs. Raises InputError for a file that holds no network of these
        formats."""

    @abstractmethod
    def inspect(self, path: Path, shapes: Mapping[str, Shape]) -> Graph:
        """The network's graph for inputs of these shapes.

        Raises InputError for a file that holds no network of these formats; UsageError for shapes
        that the network does not accept, or if the output shape of an operation, which the error
        names, cannot be found.
        """

    @abstractmethod
    def product(self, path: Path, size: int) -> None:
        """Write a network that multiplies its only input, float32 (size, size), by a constant of
        that shape. It serves to measure a runtime's peak."""
