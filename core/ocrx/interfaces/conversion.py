"""Converters, which turn a model file of one format and precision into one of another."""

from __future__ import annotations

import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ocrx.artifacts import Artifact, Format, ModelSpec
from ocrx.interfaces.feeds import Feeds
from ocrx.interfaces.runtimes import Availability
from ocrx.names import Precision

ENVIRONMENTS = "environments"
"""The folder of the cache that holds environments."""

COMPLETE = "complete"
"""The file that marks an environment as complete."""

Version: TypeAlias = tuple[int, int]
"""A Python version, (3, 12)."""

Progress: TypeAlias = Callable[[float, str], None]
"""Called with the fraction done, 0 to 1, and what is being done."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment for a converter.

    `requirements` pins every package, so that pip has nothing to resolve. They work with Python
    versions from `least` up to, but not including, `below`, and take about `megabytes` on disk.
    """

    name: str
    requirements: tuple[str, ...]
    least: Version
    below: Version
    megabytes: int

    def folder(self, cache: Path) -> Path:
        """The environment's folder in the cache, whether or not it is installed."""
        parts = "\n".join(self.requirements)
        digest = hashlib.sha256(parts.encode()).hexdigest()[:12]
        return cache / ENVIRONMENTS / f"{self.name}-{digest}"

    def python(self, cache: Path) -> Path | None:
        """The path of its interpreter; None if it is not installed."""
        folder = self.folder(cache)
        # The interpreter is a link to the one that made it, which may have been removed.
        found = interpreter(folder)
        return found if (folder / COMPLETE).is_file() and found.is_file() else None


def interpreter(folder: Path) -> Path:
    """The path of the Python of a virtual environment in `folder`, whether or not it exists."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


@dataclass(frozen=True)
class Calibration:
    """Sample inputs of a network, for converters that quantise it.

    `batches()` yields the inputs of several calls, the same ones each time. `identity` is a hash of
    everything that they depend on.
    """

    identity: str
    batches: Callable[[], Iterator[Feeds]]


@dataclass(frozen=True)
class Conversion:
    """What a converter is asked to make.

    `spec` is the model, `artifact` the file to start from, and `precision` that of the result.
    `device` is where an engine is to run; "auto" leaves it to the converter. `calibration` is None
    if it is unknown how the model encodes pictures. A converter that uses it includes its
    `identity` in the fingerprint.
    """

    spec: ModelSpec
    artifact: Artifact
    precision: Precision
    device: str = "auto"
    calibration: Calibration | None = None


class Converter(ABC):
    """An edge of the format graph: turns a model file of one format into one of another.

    The core caches results by the source's sha256, the converter's name and its `fingerprint`, and
    takes care of atomic writes and locks.
    """

    name: str
    """The name that users give, and that it is registered under, in lower case."""

    makes: tuple[tuple[Format, Precision, Format, Precision], ...]
    """The edges: (source format, source precision, target format, target precision)."""

    cost: float = 1.0
    """The cost of each edge. The core takes the cheapest route; a published file costs nothing."""

    environment: Environment | None = None
    """The environment of its packages, if they cannot be installed beside those of ocrx."""

    @abstractmethod
    def probe(self) -> Availability:
        """Whether this converter works here; if not, the one command that installs it. Never
        raises.

        `devices` lists devices that it makes results for, even if this machine has none of them.
        """

    @abstractmethod
    def fingerprint(self, conversion: Conversion) -> Mapping[str, str]:
        """Everything that the result depends on besides the source file: versions, options, and for
        an engine the runtime's version, the device's architecture and the shape profile."""

    @abstractmethod
    def convert(self, conversion: Conversion, folder: Path, progress: Progress) -> str:
        """Write the result into the empty `folder`, and return the name of its main file there.

        A long conversion reports its progress by `progress(fraction, what)`. Raises
        ConversionFailed.
        """
