"""Models as a family defines them: from pictures to tensors, and from tensors to results."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from math import inf
from typing import Generic, TypeVar

from ocrx.artifacts import ModelSpec
from ocrx.interfaces.components import Cut
from ocrx.interfaces.decoding import Emissions
from ocrx.interfaces.portable import Portable
from ocrx.interfaces.tensors import AnyTensor, DeviceTensor
from ocrx.types import Batch, Image, Region, Tensor

R = TypeVar("R")


class Run(ABC):
    """Runs the networks of a model. `NetworkModel.infer` is given one."""

    @abstractmethod
    def __call__(self, feeds: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """The outputs, by name, of the only network of a model."""

    @abstractmethod
    def part(self, name: str, feeds: Mapping[str, AnyTensor]) -> Mapping[str, DeviceTensor]:
        """The outputs, by name, of one network of a model that has several (`ModelSpec.parts`).

        They stay on the device if the runtime can keep them there. They may be fed to any part;
        `numpy()` copies them to the host.
        """


class NetworkModel(ABC, Generic[R]):
    """The half of a component that knows no runtime: pictures to tensors, tensors to results.

    R is `list[Region]` for detection, `Text` for recognition, `Orientation` for orientation. A
    recogniser with a CTC network is a `CtcModel`, a detector whose outputs are maps of its input a
    `MapModel`. Methods are called from several threads at once, so a model keeps nothing of a call:
    what `decode` must know of a picture goes into `Batch.context`.
    """

    spec: ModelSpec
    """The model as data: its files, the shapes of its inputs, its licence."""

    charset: Sequence[str] | None = None
    """The characters that a recogniser can read, None if they are unknown."""

    cut: Cut | None = None
    """How lines are cut out of a page for a recogniser; None leaves that to the reader."""

    max_batch: int = 1
    """The most pictures that the core puts into one batch. A session may take fewer:
    `Session.batch`."""

    max_area: float = inf
    """The most pixels of input in one batch, height times width times pictures. It bounds the
    memory. A single picture may have more, and is then a batch of its own."""

    large_area: float = inf
    """After a batch of more pixels than this, or than `max_area`, the core asks the session to give
    memory back (`Session.release`)."""

    @abstractmethod
    def shape(self, height: int, width: int) -> tuple[int, int]:
        """The (height, width) of the network's input for a picture of `height` x `width` pixels:
        one of few sizes, such as `Axis.bucket` gives, so that pictures share batches and the
        runtime meets few shapes."""

    @abstractmethod
    def encode(self, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
        """The pictures, RGB uint8 (H, W, 3), as one batch of inputs of `shape` (height, width),
        which is as large as the `shape` of each of them or larger. The pictures are not changed."""

    def infer(self, run: Run, batch: Batch) -> Mapping[str, Tensor]:
        """The outputs for a batch, by name, as `decode` takes them.

        By default those of one `run`. A model overrides this if it runs its network in pieces, or
        if it has several networks that feed each other.
        """
        return run(batch.feeds)

    @abstractmethod
    def decode(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[R]:
        """A result for each picture of the batch, in the batch's order. Quads are in pixels of the
        picture that `encode` was given."""

    def undecided(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[int]:
        """The indices of the pictures in the batch whose results the rounding of bf16 may have
        changed. The core runs them again in fp32. None, unless a model overrides this."""
        return []

    def portable(self) -> Portable | None:
        """The model in numbers, for programs that run it without ocrx. None, unless a model
        overrides this; then it cannot be bundled."""
        return None


class MapModel(NetworkModel[list[Region]]):
    """A detector whose outputs are maps that lie over its input, each (N, C, H / k, W / k).

    Such a detector can see a picture in pieces. The core feeds it a large input in tiles and joins
    their maps, and feeds it enlarged parts of a picture whose text became too small when the whole
    was reduced. A plugin implements `regions` in place of `decode`, and its `encode` gives each
    picture's (height, width) as context. `large_area` is compared with all tiles of a first look
    together; half of it, if no recent picture was seen in the same size.
    """

    stride: int = 32
    """The sides of the input are multiples of this, in pixels. Each k divides it."""

    tile_area: int = 950_000
    """The most pixels of a tile."""

    margin: int = 64
    """How many pixels a tile sees beyond the part of its maps that is kept."""

    least_height: float = 16.0
    """The height of the quad of the smallest text that the detector finds reliably, in pixels of
    the input."""

    def sparse_shape(self, height: int, width: int) -> tuple[int, int]:
        """The network's input (height, width) for a picture of that size that holds hardly any
        small print. It may be less than `shape`, which it is by default."""
        return self.shape(height, width)

    @abstractmethod
    def regions(self, maps: Mapping[str, Tensor], size: tuple[int, int]) -> list[Region]:
        """The lines in a picture of `size` (height, width), in its pixels. `maps` are the outputs,
        by name, that lie over it, each (C, h, w)."""

    def decode(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[list[Region]]:
        return [
            self.regions({name: maps[index] for name, maps in outputs.items()}, size)
            for index, size in enumerate(batch.context)
        ]


class CtcModel(NetworkModel[Emissions]):
    """A recogniser whose network gives a distribution over characters at each step of a line.

    The model returns these distributions, and a decoder of the user's choice turns them into text.
    A line that bf16 leaves nearly tied is read again in fp32.
    """

    charset: Sequence[str]
    """The characters of the classes but for the blank, in the order of the classes."""

    near_tie: float | None = None
    """The value of `CtcOptions.near_tie` for this model; None leaves the choice to the reader."""

    @abstractmethod
    def emissions(self, outputs: Mapping[str, Tensor], batch: Batch) -> Emissions:
        """The distributions for the batch, a row for each picture, in the batch's order."""

    def decode(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[Emissions]:
        """The emissions of each picture, as views of the batch's."""
        emissions = self.emissions(outputs, batch)
        return [emissions.line(row) for row in range(len(emissions))]
