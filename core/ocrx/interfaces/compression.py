"""Compressors, which make a smaller or faster network of a model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from ocrx.artifacts import Artifact, Format
from ocrx.interfaces.conversion import Calibration, Progress
from ocrx.interfaces.networks import NetworkModel
from ocrx.interfaces.runtimes import Availability
from ocrx.names import Precision
from ocrx.types import Image

Labelled: TypeAlias = tuple[Image, str]
"""A picture of a line, RGB uint8 (H, W, 3), and its text; "" if that is not known."""


@dataclass(frozen=True)
class Compressed:
    """A network that a compressor made: the name of its main file in the folder, the file's format
    and precision, and what a person should know of how it was made. `component` is the reference of
    the component that reads with it, NAME or NAME:VARIANT, if that is another than the model's."""

    main: str
    format: Format
    precision: Precision
    notes: tuple[str, ...] = ()
    component: str = ""


Find: TypeAlias = Callable[[str], tuple[NetworkModel[Any], Artifact]]
"""Another model of the same kind, by its reference, and its file in a form that the compressor
takes. Raises what finding and converting it raises."""

Measure: TypeAlias = Callable[[Path, Compressed], float]
"""The accuracy of a network in that folder on the user's pictures, in percent: of characters for a
recogniser, of words (F1) for a detector. Raises what reading raises."""


@dataclass(frozen=True)
class Compression:
    """What a compressor is asked.

    `model` is the model as its family defines it, `artifact` the file to start from: that of the
    model, or what the compressor before in the chain has made. `original` are the model and the
    file that the chain started from. `calibration` is the user's pictures as the network is fed
    them. For learning, `lines` gives the user's lines, and `pictures` all that the network is to
    see: lines, or a detector's pages. `budget` is how many points of accuracy may be lost, None for
    as many as it takes. `measure` reads the user's pictures with a network, `before` is what it
    says of the original. `find` finds another model. The same `seed` gives the same result on the
    same machine.
    """

    model: NetworkModel[Any]
    artifact: Artifact
    original: tuple[NetworkModel[Any], Artifact]
    calibration: Calibration
    lines: Callable[[], Iterable[Labelled]]
    pictures: Callable[[], Iterable[Image]]
    measure: Measure
    before: Callable[[], float]
    find: Find
    budget: float | None = None
    seed: int = 0


class Compressor(ABC):
    """A method that makes a network smaller or faster, at some loss of accuracy."""

    name: str
    """The name that users give, and that it is registered under, in lower case."""

    accepts: Sequence[tuple[Format, Precision]] = (("onnx", "fp32"),)
    """The formats and precisions that it starts from."""

    makes: tuple[Format, Precision] | None = None
    """The format and precision of what it makes; None if that shows only then."""

    settings: Mapping[str, Any]
    """Its options by name, for the record of what it makes."""

    @abstractmethod
    def probe(self) -> Availability:
        """Whether this compressor works here; if not, the one command that installs what it needs.
        Never raises."""

    @abstractmethod
    def compress(self, asked: Compression, folder: Path, progress: Progress) -> Compressed:
        """Write the network into the empty `folder`.

        Raises UsageError for a model that it cannot compress, ConversionFailed if compressing
        fails.
        """
