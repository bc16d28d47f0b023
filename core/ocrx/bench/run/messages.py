"""The messages between the harness and the process of a cell: a line of JSON each way.

The harness sends one command at a time, {"do": NAME, ...}; the answer is one of the dataclasses
below as an object, or {"error": CLASS, "message": ..., "remedy": ...}. The journal stores answers
unchanged. Times are milliseconds, memory is in MiB.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ocrx.bench.figures.result import Component

Point: TypeAlias = tuple[int, float]
"""How many pictures the process had read, and the MiB that it held then."""


@dataclass(frozen=True)
class Job:
    """What a process is to measure. `layout` is that of the reader, `pictures` are paths,
    `warm_seconds` bounds the warm-up, `own_detector`: the detector has a runtime of its own;
    `decoder` is "" if none was asked for. What the detector has of its own is "", or None, if it
    runs as the recogniser does. `reading` are more arguments of Reader, by name."""

    recognizer: str
    detector: str
    backend: str
    precision: str
    device: str
    threads: int | None
    layout: str
    preprocessors: Sequence[str]
    options: Mapping[str, Mapping[str, Any]]
    offline: bool
    pictures: Sequence[str]
    warm_seconds: float
    own_detector: bool = False
    decoder: str = ""
    detector_precision: str = ""
    detector_device: str = ""
    detector_threads: int | None = None
    reading: Mapping[str, Any] = field(default_factory=dict)

    @property
    def whole_pages(self) -> bool:
        """Whether `recognizer` names a page reader: a recogniser has a detector for pages."""
        return self.layout != "line" and not self.detector


@dataclass(frozen=True)
class Prepared:
    """The models are here, in the formats that the runtime takes.

    `engine` and `own_detector` say that the recogniser or detector has a runtime of its own.
    `layout` is the one that the reader is to be given. `build` is the time of conversions, None if
    there were none. `model_mb` is the size of all models, None if that is unknown.
    """

    engine: bool
    own_detector: bool
    layout: str
    build: float | None
    model_mb: float | None


@dataclass(frozen=True)
class Opened:
    """The reader is open, and warm if `stable`.

    `startup` is the time of opening it, `first` that of the first picture. `passes` are the times
    of whole passes over a part of the set, small enough for two passes in the time for warming up.
    `stable` says that the last pass was hardly faster than the one before; it is None if there
    were fewer than two. `held_mb` is the memory of the process.
    """

    startup: float
    first: float
    used: Sequence[Component]
    passes: Sequence[float]
    stable: bool | None
    held_mb: float


@dataclass(frozen=True)
class Round:
    """Every picture read once, each by itself.

    `times` has a value for each picture, None for one that could not be read; `unread` says why, by
    its index. `stages` are sums over the pictures. `prints` are hashes of the texts. `answers` are
    [text, [[polygon, text], ...], confidence] for each picture, None unless they were asked for.
    `cpu` is the processor time of the process from the command to the answer. `others` is the
    percentage of the processors that other programs used; the harness adds it.
    """

    times: Sequence[float | None]
    stages: Mapping[str, float]
    memory: Sequence[Point]
    peak_mb: float
    prints: Sequence[str]
    unread: Mapping[str, str]
    cpu: float
    answers: Sequence[Any] | None = None
    others: float = 0.0


@dataclass(frozen=True)
class Together:
    """All pictures read in one call: the milliseconds spent, and how many could be read."""

    spent: float
    read: int


@dataclass(frozen=True)
class Inventory:
    """The versions of packages that matter, and the devices that runtimes see, each with its
    product name if that is known."""

    packages: Mapping[str, str]
    devices: Sequence[str]


@dataclass(frozen=True)
class Engines:
    """Which components, as "KIND REFERENCE", have a runtime of their own, and which are CTC
    networks, which take a decoder."""

    names: Sequence[str]
    ctc: Sequence[str]
