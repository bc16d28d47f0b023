"""What a measurement is: cells, their states and figures. Every module of the harness speaks these.

Times are milliseconds, sizes and memory megabytes (2**20 bytes), shares percent (0 to 100).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ocrx.bench.data.dataset import DatasetInfo

SCHEMA = "ocrx-bench/1"

Better: TypeAlias = Literal["higher", "lower", "neither"]
"""Which values of a figure are better."""

State: TypeAlias = Literal["ok", "mismatch", "no route", "missing", "failed", "built-in"]
"""What became of a cell: "ok" and "built-in" (an engine with no choice of runtime) have figures;
"mismatch" has figures and reads otherwise than the reference runtime; "no route" means that no
conversion leads there; "missing" that something could be installed or fetched; "failed" the rest.
"""


@dataclass(frozen=True)
class Cell:
    """One combination. `detector` is "" where pictures are read as single lines; `backend` is ""
    for an engine that has a runtime of its own."""

    recognizer: str
    detector: str = ""
    backend: str = "auto"
    precision: str = "auto"
    device: str = "auto"
    threads: int | None = None

    @property
    def name(self) -> str:
        """What tells it from the others of a run: "paddle openvino fp32"."""
        models = f"{self.detector}+{self.recognizer}" if self.detector else self.recognizer
        parts = (models, self.backend, self.precision, self.device)
        told = [part for part in parts if part and part != "auto"]
        return " ".join([*told, *([f"{self.threads} threads"] if self.threads else [])])


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % bootstrap interval over the dataset's pictures."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Confusion:
    """`count` times the truth had `truth` and `read` was read; "" is nothing (an insertion or a
    deletion)."""

    truth: str
    read: str
    count: int


@dataclass(frozen=True)
class Miss:
    """One picture that was read badly. `characters` is its character accuracy in percent."""

    sample: str
    truth: str
    read: str
    characters: float


@dataclass(frozen=True)
class Extra:
    """A figure that a plugin added, with all that it takes to show it: see `Metric`."""

    name: str
    title: str
    short: str
    unit: str
    better: Better
    digits: int
    interval: Interval


@dataclass(frozen=True)
class Quality:
    """How right the readings are. What does not apply to a dataset is None: `exact` and
    `characters` are for lines, `words` (F1), `precision`, `recall` and `hmean` (of boxes at IoU
    0.5) for pages; `characters` also for pages, over the text in reading order.

    `folding` says in words what was made equal before comparing ("none", "case, punctuation").
    `extra` holds the figures that plugins added.
    """

    samples: int
    folding: str
    characters: Interval | None = None
    exact: Interval | None = None
    words: Interval | None = None
    precision: Interval | None = None
    recall: Interval | None = None
    hmean: Interval | None = None
    confusions: tuple[Confusion, ...] = ()
    worst: tuple[Miss, ...] = ()
    extra: tuple[Extra, ...] = ()


@dataclass(frozen=True)
class Cost:
    """What reading costs.

    `p50`, `p90`, `p99` are of single pictures over all rounds; `images_per_second` is of all read
    together, None where there was no time for that; `rounds` holds each round's median;
    `spread` is (largest - smallest) / median of those, in percent. `stages` are mean milliseconds a
    picture by stage. `startup` opens the reader, `first` reads the first picture, `build` is what
    conversion took if it was not cached. `slope` is memory growth in kilobytes a picture over the
    run, None where it was too short to tell.
    """

    p50: float
    p90: float
    p99: float
    images_per_second: float | None
    rounds: tuple[float, ...]
    spread: float
    stages: Mapping[str, float] = field(default_factory=dict)
    startup: float = 0.0
    first: float = 0.0
    build: float | None = None
    model_mb: float | None = None
    peak_mb: float | None = None
    slope: float | None = None


@dataclass(frozen=True)
class Parity:
    """Against the reference runtime (named): the percent of `lines` with the same text, and the
    change of character accuracy (or of word F1, for pages) in points."""

    reference: str
    equal: float
    change: float
    lines: int = 0


@dataclass(frozen=True)
class Component:
    """What really ran one task."""

    task: str
    model: str
    backend: str
    device: str
    precision: str


@dataclass(frozen=True)
class Figures:
    quality: Quality
    cost: Cost
    used: tuple[Component, ...] = ()
    parity: Parity | None = None


@dataclass(frozen=True)
class CellResult:
    """A cell and what became of it. `reason` says why it is not ok, `remedy` the one command or
    step that helps; both are "" for "ok" and "built-in"."""

    cell: Cell
    state: State
    reason: str = ""
    remedy: str = ""
    figures: Figures | None = None


@dataclass(frozen=True)
class MachineInfo:
    """The machine and what is on it. `devices` are those that runtimes see: "cuda:0 (NVIDIA L4)".
    `packages` maps the runtimes and ocrx to their versions."""

    system: str
    python: str
    cpu: str
    cpu_flags: tuple[str, ...]
    cores: int
    memory_mb: float
    devices: tuple[str, ...] = ()
    packages: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """A whole run, as `--json` writes it. `warnings` are said to the user: a machine too noisy to
    rank, a set too small."""

    dataset: DatasetInfo
    environment: MachineInfo
    cells: tuple[CellResult, ...]
    started: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    schema: str = SCHEMA
