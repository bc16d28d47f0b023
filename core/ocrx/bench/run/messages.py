"""What the harness and the process of a cell say to each other: a line of JSON each way.

The harness sends one command at a time, {"do": NAME, ...}; the answer is one of the dataclasses
below as an object, or {"error": CLASS, "message": ..., "remedy": ...}. The journal keeps answers as
they come. Times are milliseconds, memory megabytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ocrx.bench.figures.result import Component

Point: TypeAlias = tuple[int, float]
"""How many pictures the process had read, and the megabytes it held then."""


@dataclass(frozen=True)
class Job:
    """What a process is to measure. `layout` is that of the reader, `pictures` are paths,
    `own_detector` says that the detector has a runtime of its own."""

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


@dataclass(frozen=True)
class Prepared:
    """The models are here, in the formats that the runtime takes.

    `engine` and `own_detector`: the recogniser or detector has a runtime of its own. `layout` is
    that which the reader takes. `build` is what conversions took, None if there was nothing to
    convert.
    """

    engine: bool
    own_detector: bool
    layout: str
    build: float | None
    model_mb: float | None


@dataclass(frozen=True)
class Opened:
    """The reader is open, and warm if `stable`.

    `passes` are the times of whole passes over the same pictures: some of the set, so many that two
    passes fit into the time for warming up. `stable`: the last was hardly faster than the one
    before; None if there are fewer than two. `held_mb` is what the process holds.
    """

    startup: float
    first: float
    used: Sequence[Component]
    passes: Sequence[float]
    stable: bool | None
    held_mb: float


@dataclass(frozen=True)
class Round:
    """Every picture read once, one by one.

    `times` has a value a picture, None for one that could not be read (`unread` says why, by its
    index). `stages` are sums over the pictures. `prints` tell whether two texts are the same.
    `answers` are [text, [[polygon, text], ...]], sent if they are asked for. `cpu` is the process's
    processor time from the command to the answer.
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
    """Every picture read once, handed over together: milliseconds for all."""

    spent: float
    read: int


@dataclass(frozen=True)
class Inventory:
    """The packages that matter with their versions, and the devices that runtimes see, each with
    its maker's name for it if that is known."""

    packages: Mapping[str, str]
    devices: Sequence[str]


@dataclass(frozen=True)
class Engines:
    """Which components, as "KIND REFERENCE", have a runtime of their own."""

    names: Sequence[str]
