"""The half of a network that a model family brings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from math import inf
from typing import Generic, TypeVar

from ocrx.artifacts import ModelSpec
from ocrx.interfaces.decoding import Emissions
from ocrx.interfaces.tensors import AnyTensor, DeviceTensor
from ocrx.types import Batch, Image, Region, Tensor

R = TypeVar("R")


class Run(ABC):
    """Runs the networks of a model."""

    @abstractmethod
    def __call__(self, feeds: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """The outputs of a model's only network, by name."""

    @abstractmethod
    def part(self, name: str, feeds: Mapping[str, AnyTensor]) -> Mapping[str, DeviceTensor]:
        """The outputs of one of several networks (`ModelSpec.parts`), by name. They stay on the
        device where the runtime can keep them there, may be fed to any part, and come to the host
        by `numpy()`."""


class NetworkModel(ABC, Generic[R]):
    """The runtime-free half of a component: pictures to tensors, tensors to results.

    R is `list[Region]` for detection, `Text` for recognition, `Orientation` for orientation. A
    recogniser with a CTC network is a `CtcModel`.
    Methods are called from several threads at once. A batch holds at most `max_batch` pictures, and
    no more than `max_area` pixels of input unless one picture alone has more; after one of
    more than that, or than `large_area`, the session is asked to give memory back. `charset` holds
    what a recogniser can read, None if it does not say.
    """

    spec: ModelSpec
    charset: Sequence[str] | None = None
    max_batch: int = 1
    max_area: float = inf
    large_area: float = inf

    @abstractmethod
    def shape(self, height: int, width: int) -> tuple[int, int]:
        """The network's input (height, width) for a picture of that size: one of its buckets."""

    @abstractmethod
    def encode(self, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
        """The pictures as one batch of that input shape, no smaller than any one's own `shape`."""

    def infer(self, run: Run, batch: Batch) -> Mapping[str, Tensor]:
        """What `decode` is given for the batch: the outputs of one `run`, unless a model runs its
        network in pieces or has several, which feed each other and may run many times."""
        return run(batch.feeds)

    @abstractmethod
    def decode(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[R]:
        """A result for each picture of the batch, in the batch's order."""

    def undecided(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[int]:
        """Which pictures' results, by their index in the batch, the rounding of bf16 may have
        tipped: they are run again in fp32. None, unless a model says so."""
        return []


class MapModel(NetworkModel[list[Region]]):
    """A detector whose outputs are maps that lie over its input, each (N, C, H / k, W / k).

    So it can be shown a picture in pieces. The core shows it a large input in tiles whose maps it
    joins, and looks closer at what reducing a picture made too small to see. A plugin implements
    `regions` in place of `decode`, and has `encode` give each picture's (height, width) as context.

    Sides of the input are multiples of `stride`; the k divides it. A tile holds at most `tile_area`
    pixels, `large_area` goes by the tiles of a first look together, and `margin` is how many pixels
    a tile sees beyond what is kept of it. `least_height` is that of the quad of the smallest text
    that is found reliably, in pixels of the input.
    """

    stride: int = 32
    tile_area: int = 950_000
    margin: int = 64
    least_height: float = 16.0

    @abstractmethod
    def regions(self, maps: Mapping[str, Tensor], size: tuple[int, int]) -> list[Region]:
        """The lines in a picture of `size` (height, width), in its pixels; `maps` are the outputs,
        each (C, h, w), that lie over it."""

    def decode(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[list[Region]]:
        return [
            self.regions({name: maps[index] for name, maps in outputs.items()}, size)
            for index, size in enumerate(batch.context)
        ]


class CtcModel(NetworkModel[Emissions]):
    """A recogniser whose network gives a distribution over characters at each step of a line.

    It says what the network emits; a decoder of the user's choice makes text of that. In bf16, a
    line that hangs on a near tie is read again in fp32: `near_tie` is that of `CtcOptions`.
    """

    charset: Sequence[str]
    near_tie: float | None = None

    @abstractmethod
    def emissions(self, outputs: Mapping[str, Tensor], batch: Batch) -> Emissions:
        """What the network gives for the batch, a row for each picture, in the batch's order."""

    def decode(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[Emissions]:
        """The emissions of each picture, views of the batch's."""
        emissions = self.emissions(outputs, batch)
        return [emissions.line(row) for row in range(len(emissions))]
