"""The results of a run: cells, their states and their figures. All of the harness uses these types.

Times are in milliseconds, sizes and memory in megabytes (2**20 bytes), shares in percent (0 to
100).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ocrx.bench.data.dataset import DatasetInfo

SCHEMA = "ocrx-bench/1"

Better: TypeAlias = Literal["higher", "lower", "neither"]
"""Whether higher or lower values of a figure are better."""

State: TypeAlias = Literal["ok", "mismatch", "no route", "missing", "failed", "built-in"]
"""The outcome of a cell. "ok" has figures, as has "built-in", an engine with no choice of runtime.
"mismatch" has figures, but reads differently from the reference runtime. "no route" means that no
conversion leads to a format that the runtime accepts, "missing" that something has to be installed
or fetched first, and "failed" any other failure.
"""


@dataclass(frozen=True)
class Cell:
    """One combination to measure. `detector` is "" if pictures are read as single lines; `backend`
    is "" for an engine that has a runtime of its own; `decoder` is "" if none was asked for or the
    recogniser takes none. `preprocessors` is a chain such as "clahe(clip=2)+otsu", or "". What the
    detector has of its own is "", or None, if it runs as the recogniser does."""

    recognizer: str
    detector: str = ""
    backend: str = "auto"
    precision: str = "auto"
    device: str = "auto"
    threads: int | None = None
    decoder: str = ""
    preprocessors: str = ""
    detector_precision: str = ""
    detector_device: str = ""
    detector_threads: int | None = None

    @property
    def models(self) -> str:
        """What reads, whatever it runs on: "paddle", "db+paddle", "paddle (beam)", "otsu >
        paddle"."""
        models = f"{self.detector}+{self.recognizer}" if self.detector else self.recognizer
        models = f"{models} ({self.decoder})" if self.decoder else models
        return f"{self.preprocessors} > {models}" if self.preprocessors else models

    @property
    def precisions(self) -> str:
        """The precision, and that of the detector if it is another: "int8 (detector fp32)"."""
        own = f"(detector {self.detector_precision})" if self.detector_precision else ""
        return f"{self.precision} {own}".strip()

    @property
    def name(self) -> str:
        """The cell's name, unique in a run: "paddle openvino fp32"."""
        told = [self.models, *_told(self.backend, self.precision, self.device, self.threads)]
        own = _told(self.detector_precision, self.detector_device, self.detector_threads)
        return " ".join([*told, *([f"(detector {' '.join(own)})"] if own else [])])


def _told(*settings: str | int | None) -> list[str]:
    """What is set, in words; a number is that of threads."""
    words = (f"{one} threads" if isinstance(one, int) else one for one in settings)
    return [word for word in words if word and word != "auto"]


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Confusion:
    """`read` was read in place of `truth`, `count` times. `truth` is "" for an insertion, `read` is
    "" for a deletion."""

    truth: str
    read: str
    count: int


@dataclass(frozen=True)
class Miss:
    """One picture that was read wrongly. `characters` is its character accuracy in percent."""

    sample: str
    truth: str
    read: str
    characters: float


@dataclass(frozen=True)
class Extra:
    """A figure that a plugin added, with all that is needed to show it: see `Metric`."""

    name: str
    title: str
    short: str
    unit: str
    better: Better
    digits: int
    interval: Interval


@dataclass(frozen=True)
class Step:
    """Accepting the lines of at least `confidence` (0 to 1): `read` percent of all lines are
    accepted, and `misread` percent are accepted and wrong."""

    confidence: float
    read: float
    misread: float


@dataclass(frozen=True)
class Trusted:
    """How far the confidences of lines can be trusted, in percent.

    `read_01` and `read_1` are the shares of lines that can be read, the surest first, before 0.1 %
    and 1 % of all lines are misread. `calibration_error` is the mean distance between confidence
    and share of right lines. `curve` has the steps of accepting more and more of the lines.
    """

    read_01: Interval
    read_1: Interval
    calibration_error: Interval
    curve: tuple[Step, ...]


@dataclass(frozen=True)
class Quality:
    """The quality of the readings, in percent. Figures that do not apply to a dataset are None.

    `characters` applies to lines and pages, `exact` to lines. `words` (F1), `precision`, `recall`
    and `hmean` (of boxes at IoU 0.5) apply to pages. `folding` says in words what was made equal
    before comparing ("none", "case, punctuation"). `extra` holds the figures that plugins added.
    `trust` applies to lines of readers that give each a confidence.
    """

    samples: int
    folding: str
    characters: Interval | None = None
    exact: Interval | None = None
    words: Interval | None = None
    precision: Interval | None = None
    recall: Interval | None = None
    hmean: Interval | None = None
    trust: Trusted | None = None
    confusions: tuple[Confusion, ...] = ()
    worst: tuple[Miss, ...] = ()
    extra: tuple[Extra, ...] = ()


@dataclass(frozen=True)
class Cost:
    """The cost of reading, in time and memory.

    `p50`, `p90` and `p99` are percentiles of the times of single pictures over all rounds.
    `images_per_second` is measured with all pictures read together, None if there was no time for
    it. `rounds` holds the median of each round; `spread` is (largest - smallest) / median of these,
    in percent. `stages` maps stages to their mean time a picture. `startup` is the time to open
    the reader, `first` that of the first picture, `build` that of a conversion that was not cached.
    `slope` is the growth of memory over the run in kilobytes a picture, None if the run was too
    short to tell.
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
    """How a cell's readings compare with those of `reference`, the cell with the reference runtime.

    `equal` is the percentage of the `lines` that have the same text. `change` is the difference in
    character accuracy, or in word F1 for pages, in points.
    """

    reference: str
    equal: float
    change: float
    lines: int = 0


@dataclass(frozen=True)
class Component:
    """The model, runtime, device and precision that really ran one task. `decoder` is "" for
    what is no CTC network."""

    task: str
    model: str
    backend: str
    device: str
    precision: str
    decoder: str = ""

    @property
    def told(self) -> str:
        """All but the task, for people."""
        runs = f"{self.model} on {self.backend}, {self.device}, {self.precision}"
        return f"{runs}, decoder {self.decoder}" if self.decoder else runs


@dataclass(frozen=True)
class Figures:
    """All figures of a cell. `used` is what really ran. `parity` is None if there was nothing to
    compare with."""

    quality: Quality
    cost: Cost
    used: tuple[Component, ...] = ()
    parity: Parity | None = None


@dataclass(frozen=True)
class CellResult:
    """A cell and its outcome. `reason` says why it is not ok, `remedy` names the one command or
    step that helps. Both are "" for "ok" and "built-in"."""

    cell: Cell
    state: State
    reason: str = ""
    remedy: str = ""
    figures: Figures | None = None


@dataclass(frozen=True)
class MachineInfo:
    """The machine of a run and its software.

    `devices` are those that runtimes see: "cuda:0 (NVIDIA L4)". `packages` maps ocrx and the
    runtimes to their versions. `variables` are environment variables that change how they run.
    """

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
    """A whole run, as `--json` writes it. `warnings` are for the user, such as that the dataset is
    too small."""

    dataset: DatasetInfo
    environment: MachineInfo
    cells: tuple[CellResult, ...]
    started: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    schema: str = SCHEMA
