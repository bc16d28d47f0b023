"""Compares two runs: what became faster, slower, better or worse by more than noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ocrx.bench.figures.measures import MEASURES, Measure, headline
from ocrx.bench.figures.noise import ACROSS, better, time_ratio
from ocrx.bench.figures.ranking import cost, score
from ocrx.bench.figures.result import CellResult, MachineInfo, Result
from ocrx.errors import UsageError

Direction: TypeAlias = Literal["faster", "slower", "better", "worse", "same", "unclear"]
"""How a figure changed. "same" differs by no more than noise; "unclear" cannot be judged."""

THRESHOLD = 5.0
"""A time may grow by this many percent before it is a regression."""

LOSS = 1.0
"""An accuracy may fall by this many points before it is a regression."""


@dataclass(frozen=True)
class Change:
    """One figure of a cell, before and after.

    `percent` is the change of a time relative to before, or of an accuracy in points. `regression`
    says that it became worse by more than both noise and the threshold.
    """

    measure: Measure
    before: float
    after: float
    percent: float
    direction: Direction
    regression: bool


@dataclass(frozen=True)
class CellChange:
    """A cell of both runs, or of one.

    `fate` is "vanished", "new", a changed state ("ok, now failed"), or a state without figures that
    both have; "" for a cell that has figures in both runs. `reason` and `remedy` are those of the
    new run. `lost` says that the new run has no figures where the old one had some, or only those
    of a mismatch.
    """

    name: str
    changes: tuple[Change, ...] = ()
    fate: str = ""
    reason: str = ""
    remedy: str = ""
    lost: bool = False

    @property
    def regressed(self) -> bool:
        """Whether the cell is lost, or one of its figures is a regression."""
        return self.lost or any(change.regression for change in self.changes)


@dataclass(frozen=True)
class Comparison:
    """The changes of all cells between two runs.

    `differences` lists what else differs: the machine, its packages, the settings. If the machine
    differs, `judges_times` is False and no time is judged.
    """

    cells: tuple[CellChange, ...]
    differences: tuple[str, ...]
    threshold: float
    loss: float
    judges_times: bool = True

    @property
    def times(self) -> tuple[Change, ...]:
        """The changes of time, of the cells that have one in both runs."""
        changes = (change for cell in self.cells for change in cell.changes)
        return tuple(change for change in changes if change.measure is MEASURES["p50"])

    @property
    def regressions(self) -> tuple[CellChange, ...]:
        """The cells that became worse."""
        return tuple(cell for cell in self.cells if cell.regressed)


def compare(
    old: Result,
    new: Result,
    threshold: float = THRESHOLD,
    *,
    loss: float = LOSS,
    force: bool = False,
) -> Comparison:
    """Compare two runs. Cells are matched by their name.

    A time is a regression if it grew by more than `threshold` percent, and by more than the spread
    of the rounds explains. An accuracy is a regression if it fell by more than `loss` points; on
    other pictures it must also lie outside the intervals. A cell is a regression if it had figures
    and has none now, or is a mismatch now.

    Raises UsageError for runs on different pictures or with different foldings, because their
    figures cannot be compared. Times of different machines are shown, but not judged. `force`
    compares such runs, and judges such times.
    """
    serious = list(_incomparable(old, new))
    if serious and not force:
        raise UsageError(
            f"these runs cannot be compared: {'; '.join(serious)}",
            "Measure both on the same pictures with the same folding, or add --force.",
        )
    machines = list(_machines(old.environment, new.environment))
    judges_times = force or not machines
    judge = _Judge(headline(new), threshold, loss, not serious, judges_times)
    before = {cell.cell.name: cell for cell in old.cells}
    after = {cell.cell.name: cell for cell in new.cells}
    both = [
        judge.cell(before[name], cell) if name in before else _new(cell)
        for name, cell in after.items()
    ]
    gone = [_vanished(cell) for name, cell in before.items() if name not in after]
    differences = (*serious, *machines, *_differences(old, new))
    return Comparison((*both, *gone), differences, threshold, loss, judges_times)


@dataclass(frozen=True)
class _Judge:
    """Judges cells that both runs have. On the `same` pictures no change of accuracy is chance: the
    intervals only say whether other pictures would show the change too."""

    accuracy: Measure | None
    threshold: float
    loss: float
    same: bool
    judges_times: bool

    def cell(self, old: CellResult, new: CellResult) -> CellChange:
        name = new.cell.name
        fate = "" if old.state == new.state else f"{old.state}, now {new.state}"
        if not old.figures or not new.figures:
            fate = fate or old.state
            return CellChange(name, (), fate, new.reason, new.remedy, old.figures is not None)
        changes = [self.time(old, new)]
        if self.accuracy and self.accuracy.interval(old) and self.accuracy.interval(new):
            changes.append(self.quality(old, new, self.accuracy))
        lost = bool(fate) and new.state == "mismatch"
        told = (new.reason, new.remedy) if fate else ("", "")
        return CellChange(name, tuple(changes), fate, *told, lost=lost)

    def time(self, old: CellResult, new: CellResult) -> Change:
        before, after = cost(old), cost(new)
        percent = 100 * (after.p50 / before.p50 - 1) if before.p50 else 0.0
        ratio = time_ratio(before.rounds, after.rounds, paired=False)
        direction: Direction = "same"
        if ratio is None or not self.judges_times:
            direction = "unclear"
        elif ratio.low > 1 and percent > ACROSS:
            direction = "slower"
        elif ratio.high < 1 and percent < -ACROSS:
            direction = "faster"
        regression = direction == "slower" and percent > self.threshold
        return Change(MEASURES["p50"], before.p50, after.p50, percent, direction, regression)

    def quality(self, old: CellResult, new: CellResult, measure: Measure) -> Change:
        before, after = score(old, measure), score(new, measure)
        points = after.value - before.value
        direction: Direction = "same"
        if better(after, before) or (self.same and points > self.loss):
            direction = "better"
        elif better(before, after) or (self.same and points < -self.loss):
            direction = "worse"
        regression = direction == "worse" and points < -self.loss
        return Change(measure, before.value, after.value, points, direction, regression)


def _new(cell: CellResult) -> CellChange:
    fate = "new" if cell.figures else f"new, {cell.state}"
    return CellChange(cell.cell.name, (), fate, cell.reason, cell.remedy)


def _vanished(cell: CellResult) -> CellChange:
    lost = cell.figures is not None
    fate = "vanished" if lost else f"vanished, was {cell.state}"
    return CellChange(cell.cell.name, fate=fate, lost=lost)


def _incomparable(old: Result, new: Result) -> Iterator[str]:
    a, b = old.dataset, new.dataset
    if a.digest and b.digest and a.digest != b.digest:
        yield f"their pictures or truths differ ({a.name}: {a.samples}, {b.name}: {b.samples})"
    elif (a.name, a.kind, a.samples) != (b.name, b.kind, b.samples):
        one, other = (f"{run.samples} {run.kind} of {run.name}" for run in (a, b))
        yield f"one reads {one}, the other {other}"
    foldings = [
        ", ".join(sorted({c.figures.quality.folding for c in run.cells if c.figures}))
        for run in (old, new)
    ]
    if all(foldings) and foldings[0] != foldings[1]:
        yield f"one folds {foldings[0]}, the other {foldings[1]}"


def _machines(old: MachineInfo, new: MachineInfo) -> Iterator[str]:
    pairs = {
        "processor": (old.cpu, new.cpu),
        "cores": (str(old.cores), str(new.cores)),
        "devices": (", ".join(old.devices), ", ".join(new.devices)),
    }
    yield from (f"{name}: {a or '-'}, now {b or '-'}" for name, (a, b) in pairs.items() if a != b)


def _differences(old: Result, new: Result) -> Iterator[str]:
    a, b = old.environment, new.environment
    before: dict[str, str] = {"system": a.system, "Python": a.python}
    after: dict[str, str] = {"system": b.system, "Python": b.python}
    for x, y in (
        (a.packages, b.packages),
        (a.variables, b.variables),
        (old.settings, new.settings),
    ):
        before |= x
        after |= y
    for name in {**before, **after}:
        if before.get(name) != after.get(name):
            yield f"{name}: {before.get(name, '-')}, now {after.get(name, '-')}"
