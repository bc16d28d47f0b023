"""The search behind `ocrx tune`: the fastest runtime, precision and threads of equal accuracy.

Successive halving (K. Jamieson, A. Talwalkar: Non-stochastic best arm identification and
hyperparameter optimization, AISTATS 2016) in five stages: every runtime in fp32; the best few in
other precisions; for pages, recogniser and detector in different ones; the best few of those with
fewer threads; the finalists on more pictures, in turn with the reference. So little time is spent
on cells that are far behind.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from ocrx.bench.figures.noise import faster
from ocrx.bench.figures.result import Cell, CellResult
from ocrx.bench.run.parity import REFERENCES
from ocrx.errors import BackendError, UsageError
from ocrx.names import Precision

Goal: TypeAlias = Literal["latency", "throughput"]
Stage: TypeAlias = Literal["runtimes", "precisions", "mixtures", "threads", "final"]

PRECISIONS: tuple[Precision, ...] = ("bf16", "int8", "fp16")
"""Tried besides fp32, in this order."""

RUNTIMES = 3
"""The most runtimes to try in other precisions. None may be slower than FAR times the fastest."""

FAR = 2.5
MIXTURES = 4
"""The most pairs of precisions to try, the ones that should be fastest."""

THREADED = 2
"""How many cells are tried with fewer threads."""

FINALISTS = 3
SLACK = 3.0
"""Few pictures measure accuracy roughly. Before the final, a cell is out only if it loses this many
percentage points more than it may."""

ALIKE = 1.05
"""Of cells whose times differ by less than this factor, the most accurate is taken."""

SHARES: dict[Stage, float] = {
    "runtimes": 0.4,
    "precisions": 0.5,
    "mixtures": 0.5,
    "threads": 0.5,
    "final": 1.0,
}
"""The fraction of the remaining time, less the share of the final, that each stage may take."""

FINAL_SHARE = 0.3
EXPECTED = 6.0
"""The first guess of the seconds per cell, for starting its process, opening and reading. Later
stages use the time of the stage before."""

LEAST_PACE = 1.0
PASSES = 8
"""Over all pictures, in the final: to warm up, one by one, and together."""

PATIENCE = 2.0
LEAST_LIMIT = 45.0
"""A cell may take PATIENCE times its share of the remaining time, and at least LEAST_LIMIT seconds,
since the machine may be busy, or a model may have to be converted. The budget may be exceeded by
as much."""


@dataclass(frozen=True)
class Effort:
    """How thoroughly cells are measured: pictures, rounds, and the seconds a cell may take."""

    pictures: int
    rounds: int
    seconds: float


Measure: TypeAlias = Callable[[Sequence[Cell], Effort], Sequence[CellResult]]
Tell: TypeAlias = Callable[[Stage, Sequence[Cell]], None]


@dataclass(frozen=True)
class Plan:
    """What to search.

    `runtimes` are those that are installed, best first; `precisions` are tried besides fp32;
    `cores` is the most threads. `max_loss` is in percentage points of character accuracy, `budget`
    in seconds. Of all `pictures` the stages before the final take `few`. `decoder` is "" for the
    one that a reader uses where none is asked for.

    Raises UsageError without a runtime, for a negative loss, or for a budget that is not positive.
    """

    recognizer: str
    detector: str
    runtimes: Sequence[str]
    cores: int
    pictures: int
    precisions: Sequence[Precision] = PRECISIONS
    goal: Goal = "latency"
    max_loss: float = 1.0
    budget: float = 120.0
    few: int = 24
    rounds: int = 3
    decoder: str = ""

    def __post_init__(self) -> None:
        if not self.runtimes:
            raise UsageError(
                "there is no runtime to tune", "Run `ocrx doctor` to see how to get one."
            )
        if self.max_loss < 0 or self.budget <= 0:
            raise UsageError(
                "the loss that is allowed cannot be negative, and the budget must be positive",
                "Give `--max-loss` in points, and `--budget` in seconds.",
            )


@dataclass(frozen=True)
class Trial:
    """A cell's result in the last stage that it was in. `loss` is in percentage points."""

    result: CellResult
    stage: Stage
    loss: float | None


@dataclass(frozen=True)
class Outcome:
    """The result of a search.

    `chosen` may be the `reference` itself. `trials` are sorted from fast to slow, those without
    figures last. `untried` are the cells for which there was no time. `pictures` is how many the
    final used; 0 says that there was no final, and that the stages before it decided. If the
    reference failed in the final, `reference` is its last good result, and `trials` has the
    failure.
    """

    chosen: CellResult
    reference: CellResult
    trials: tuple[Trial, ...]
    untried: tuple[Cell, ...]
    seconds: float
    pictures: int


def search(
    plan: Plan,
    measure: Measure,
    tell: Tell = lambda stage, cells: None,
    clock: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Find the best cell. Raises BackendError if no runtime can be measured in fp32."""
    return _Search(plan, measure, tell, clock).run()


def milliseconds(result: CellResult, goal: Goal) -> float:
    """The milliseconds of a picture: read by itself, or for "throughput" its share of all.

    If there was no time to read all pictures together, the time of one by itself is taken for both.
    Raises ValueError for a cell without figures.
    """
    if result.figures is None:
        raise ValueError(f"{result.cell.name} has no figures")
    cost = result.figures.cost
    if goal == "latency" or cost.images_per_second is None:
        return cost.p50
    return 1000 / cost.images_per_second


def accuracy(result: CellResult) -> float:
    """Character accuracy in percent. Raises ValueError for a cell that was not scored."""
    quality = result.figures.quality if result.figures else None
    if quality is None or quality.characters is None:
        raise ValueError(f"{result.cell.name} has no accuracy")
    return quality.characters.value


def usable(result: CellResult) -> bool:
    """Whether it was measured and scored."""
    return result.figures is not None and result.figures.quality.characters is not None


class _Search:
    def __init__(
        self, plan: Plan, measure: Measure, tell: Tell, clock: Callable[[], float]
    ) -> None:
        self._plan = plan
        self._measure = measure
        self._tell = tell
        self._clock = clock
        self._started = clock()
        self._pace = EXPECTED
        self._pictures = 0
        self._trials: dict[Cell, Trial] = {}
        self._untried: dict[Cell, None] = {}
        self._standard: dict[Stage, float] = {}
        """The reference's accuracy, by stage: on few pictures and on all."""

    def run(self) -> Outcome:
        self._stage("runtimes", [self._cell(name, "fp32") for name in self._ordered()])
        first = self._reference()
        self._stage("precisions", self._precisions())
        self._stage("mixtures", self._mixtures())
        self._stage("threads", self._threads())
        chosen, reference = self._final(first)
        trials = sorted(self._trials.values(), key=self._order)
        seconds = self._clock() - self._started
        untried = tuple(self._untried)
        return Outcome(chosen, reference, tuple(trials), untried, seconds, self._pictures)

    def _ordered(self) -> list[str]:
        """The runtimes, those first that others are compared with."""
        names = list(self._plan.runtimes)
        first = [name for name in REFERENCES if name in names]
        return [*first, *(name for name in names if name not in first)]

    def _cell(self, backend: str, precision: Precision) -> Cell:
        plan = self._plan
        models = (plan.recognizer, plan.detector)
        return Cell(*models, backend, precision, threads=plan.cores, decoder=plan.decoder)

    def _reference(self) -> CellResult:
        """The first reference runtime that was measured, else the fastest cell.

        Raises BackendError if no cell was measured.
        """
        good = [trial.result for trial in self._trials.values() if usable(trial.result)]
        if not good:
            told = "; ".join(
                f"{t.result.cell.backend}: {t.result.reason or t.result.state}"
                for t in self._trials.values()
            )
            raise BackendError(
                f"no runtime could be measured in fp32 ({told or 'the budget is too small'})",
                "Give a larger `--budget`, or see `ocrx doctor`.",
            )
        known = [one for name in REFERENCES for one in good if one.cell.backend == name]
        found = known[0] if known else min(good, key=self._ms)
        for stage in ("runtimes", "precisions", "mixtures", "threads"):
            self._standard[stage] = accuracy(found)
        self._trials = {c: self._trial(t.result, "runtimes") for c, t in self._trials.items()}
        return found

    def _precisions(self) -> list[Cell]:
        contenders = self._contenders()
        limit = FAR * self._ms(contenders[0])
        near = [one.cell.backend for one in contenders if self._ms(one) <= limit][:RUNTIMES]
        # The most promising precision of each runtime comes first, since time may run out.
        return [self._cell(name, one) for one in self._plan.precisions for name in near]

    def _mixtures(self) -> list[Cell]:
        """Recognisers in one precision with detectors in another, if the two should be faster
        than all that reads well so far. Rounding harms detection and recognition to different
        degrees, so a precision that is out for both may do for one of them."""
        good = self._contenders()
        if not self._plan.detector or not good:
            return []
        measured = [t.result for t in self._trials.values() if usable(t.result)]
        found = [
            (self._mixed_ms(reads, finds), _mixed(reads.cell, finds.cell))
            for reads in measured
            for finds in good
            if reads.cell.backend == finds.cell.backend
            and reads.cell.precision != finds.cell.precision
        ]
        promising = [one for one in found if one[0] < self._ms(good[0])]
        return [cell for _, cell in sorted(promising, key=lambda one: one[0])[:MIXTURES]]

    def _mixed_ms(self, reads: CellResult, finds: CellResult) -> float:
        """The milliseconds of a picture that should be needed with the recogniser of one cell and
        the detector of another."""
        spent = [one.figures.cost.stages if one.figures else {} for one in (reads, finds)]
        mine, other = (stages.get("detect", 0.0) for stages in spent)
        return self._ms(reads) - mine + other

    def _threads(self) -> list[Cell]:
        counts = {self._plan.cores // 2, 1} - {0, self._plan.cores}
        return [
            replace(one.cell, threads=count)
            for one in self._contenders()[:THREADED]
            for count in sorted(counts, reverse=True)
        ]

    def _final(self, reference: CellResult) -> tuple[CellResult, CellResult]:
        """The chosen cell and the reference, as they were last measured.

        The finalists are measured a few at a time, until the fastest one that keeps its accuracy is
        found; if none does, the reference is chosen. If there is no time for a final, or the
        reference fails in it, the results of earlier stages decide.
        """
        contenders = [one for one in self._contenders() if one.cell != reference.cell]
        best: CellResult | None = None
        waiting = [one.cell for one in contenders]
        while waiting:
            some, waiting = waiting[:FINALISTS], waiting[FINALISTS:]
            found = self._stage("final", [reference.cell, *some])
            if not found or not usable(found[0]):
                break
            reference, best = found[0], self._pick(found)
            if best.cell != reference.cell:
                break
        return best or self._pick([reference, *contenders]), reference

    def _pick(self, found: Sequence[CellResult]) -> CellResult:
        """The best of the cells that have not failed in their last stage, else the first cell."""
        least = accuracy(found[0]) - self._plan.max_loss
        alive = [one for one in found if usable(self._trials[one.cell].result)]
        good = [one for one in alive if accuracy(one) >= least] or [found[0]]
        first = min(good, key=self._ms)
        alike = [one for one in good if not self._faster(first, one)]
        return max(alike, key=lambda one: (accuracy(one), -self._ms(one)))

    def _faster(self, a: CellResult, b: CellResult) -> bool:
        """Whether `a` is faster than `b` by more than ALIKE, or by more than chance explains."""
        if a.figures is None or b.figures is None:
            return False
        if self._ms(b) > ALIKE * self._ms(a):
            return True
        by_rounds = self._plan.goal == "latency"
        return by_rounds and faster(a.figures.cost.rounds, b.figures.cost.rounds)

    def _contenders(self) -> list[CellResult]:
        """The results that may still win, the fastest first."""
        limit = self._plan.max_loss + SLACK
        good = [t.result for t in self._trials.values() if t.loss is not None and t.loss <= limit]
        return sorted(good, key=self._ms)

    def _stage(self, stage: Stage, cells: Sequence[Cell]) -> Sequence[CellResult]:
        """Measure as many of the cells as there is time for."""
        begun = self._clock()
        left = self._plan.budget - (begun - self._started)
        if stage != "final":
            left = (left - FINAL_SHARE * self._plan.budget) * SHARES[stage]
        count = min(len(cells), int(max(left, 0.0) / self._pace))
        if stage == "final" and count < 2:  # the reference alone has nothing to compare
            count = 0
        self._untried.update(dict.fromkeys(c for c in cells[count:] if c not in self._trials))
        if not count:
            return ()
        some = cells[:count]
        self._tell(stage, some)
        effort = self._effort(stage, some, left / count)
        found = self._measure(some, effort)
        kept = found
        if stage != "final":
            self._pace = max(LEAST_PACE, (self._clock() - begun) / count)
        elif usable(found[0]):
            self._standard["final"], self._pictures = accuracy(found[0]), effort.pictures
        else:  # without a reference the others cannot be judged, so only failures are recorded
            kept = [one for one in found if not usable(one)]
        self._trials.update((one.cell, self._trial(one, stage)) for one in kept)
        return found

    def _effort(self, stage: Stage, cells: Sequence[Cell], seconds: float) -> Effort:
        """How thoroughly to measure the cells, with about `seconds` for each."""
        plan, limit = self._plan, max(LEAST_LIMIT, PATIENCE * seconds)
        if stage != "final":
            return Effort(min(plan.few, plan.pictures), 1, limit)
        known = [self._ms(self._trials[cell].result) for cell in cells]
        reading = PASSES * max(known) / 1000
        fitting = plan.few + int(max(0.0, seconds - self._pace) / reading)
        return Effort(min(plan.pictures, fitting), plan.rounds, limit)

    def _trial(self, result: CellResult, stage: Stage) -> Trial:
        standard = self._standard.get(stage)
        known = usable(result) and standard is not None
        return Trial(result, stage, (standard or 0.0) - accuracy(result) if known else None)

    def _ms(self, result: CellResult) -> float:
        return milliseconds(result, self._plan.goal)

    def _order(self, trial: Trial) -> float:
        return self._ms(trial.result) if usable(trial.result) else float("inf")


def _mixed(reads: Cell, finds: Cell) -> Cell:
    """The recogniser of one cell with the detector of another."""
    return replace(reads, detector_precision=finds.precision)
