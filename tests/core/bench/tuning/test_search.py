"""The search, against a measuring function that is told what every cell would come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from ocrx.bench.figures.result import Cell, CellResult, Cost, Figures, Interval, Quality
from ocrx.bench.tuning.search import Effort, Outcome, Plan, Stage, accuracy, milliseconds, search
from ocrx.errors import BackendError, UsageError

Key = tuple[str, str, int]
"""Runtime, precision (of recogniser/detector, where they differ), threads."""


@dataclass
class World:
    """Milliseconds and accuracy by cell; what is not there has no route. `hasty` holds what few
    pictures make of the accuracy, where that is another, `failing` who falls over in the first
    final, the second, ... Every cell takes `pace` seconds."""

    cells: Mapping[Key, tuple[float, float]]
    hasty: Mapping[Key, float] = field(default_factory=dict)
    failing: Mapping[int, set[Key]] = field(default_factory=dict)
    pace: float = 1.0
    now: float = 0.0
    rounds: Mapping[Key, tuple[float, ...]] = field(default_factory=dict)
    stages: Mapping[Key, Mapping[str, float]] = field(default_factory=dict)
    asked: list[tuple[Stage, list[Key]]] = field(default_factory=list)
    efforts: list[Effort] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def tell(self, stage: Stage, cells: Sequence[Cell]) -> None:
        self.asked.append((stage, [key(cell) for cell in cells]))

    def measure(self, cells: Sequence[Cell], effort: Effort) -> list[CellResult]:
        self.efforts.append(effort)
        self.now += self.pace * len(cells)
        return [self._result(cell, effort) for cell in cells]

    def _result(self, cell: Cell, effort: Effort) -> CellResult:
        if key(cell) not in self.cells:
            return CellResult(cell, "no route", "it cannot")
        ms, percent = self.cells[key(cell)]
        if effort.rounds == 1:
            percent = self.hasty.get(key(cell), percent)
        elif key(cell) in self.failing.get(sum(one.rounds > 1 for one in self.efforts), ()):
            return CellResult(cell, "failed", "it ran out of memory")
        rounds = self.rounds.get(key(cell), (ms, ms * 1.001, ms * 0.999))
        together = 1000 / ms * (8 if cell.threads == 1 else 1)
        cost = Cost(ms, ms, ms, together, rounds, 0.1, self.stages.get(key(cell), {}))
        return CellResult(
            cell, "ok", figures=Figures(Quality(9, "none", Interval(percent, 0, 100)), cost)
        )

    def search(self, **changes: Any) -> Outcome:
        runtimes = changes.pop("runtimes", sorted({runtime for runtime, _, _ in self.cells}))
        detector = changes.pop("detector", "")
        plan = Plan("r", detector, runtimes, 4, changes.pop("pictures", 96), **changes)
        return search(plan, self.measure, self.tell, self.clock)

    def stage(self, name: Stage) -> list[Key]:
        return [one for stage, keys in self.asked if stage == name for one in keys]


def key(cell: Cell) -> Key:
    both = (cell.precision, cell.detector_precision)
    return cell.backend, "/".join(filter(None, both)), cell.threads or 0


BASE: dict[Key, tuple[float, float]] = {
    ("onnxruntime", "fp32", 4): (10.0, 99.0),
    ("openvino", "fp32", 4): (9.0, 99.0),
    ("torch", "fp32", 4): (40.0, 99.0),
    ("openvino", "bf16", 4): (5.0, 98.9),
    ("openvino", "int8", 4): (4.0, 96.0),
    ("onnxruntime", "int8", 4): (6.0, 98.5),
    ("openvino", "bf16", 2): (4.5, 98.9),
    ("openvino", "bf16", 1): (7.0, 98.9),
}


def test_the_fastest_that_reads_well_enough_is_chosen() -> None:
    world = World(BASE)
    found = world.search()
    assert key(found.chosen.cell) == ("openvino", "bf16", 2)
    assert key(found.reference.cell) == ("onnxruntime", "fp32", 4)
    assert found.pictures == 96
    assert found.untried == ()
    losses = {key(one.result.cell): one.loss for one in found.trials}
    assert losses["openvino", "int8", 4] == pytest.approx(3.0)
    assert losses["openvino", "bf16", 4] == pytest.approx(0.1)


def test_more_loss_allowed_lets_more_in() -> None:
    assert key(World(BASE).search(max_loss=3.5).chosen.cell) == ("openvino", "int8", 4)
    assert key(World(BASE).search(max_loss=0.05).chosen.cell) == ("openvino", "fp32", 4)


def test_the_stages_narrow_down() -> None:
    world = World(BASE)
    world.search()
    assert [stage for stage, _ in world.asked] == ["runtimes", "precisions", "threads", "final"]
    assert len(world.stage("runtimes")) == 3
    assert {runtime for runtime, _, _ in world.stage("precisions")} == {"openvino", "onnxruntime"}
    assert {threads for _, _, threads in world.stage("threads")} == {1, 2}
    assert world.stage("final")[0] == ("onnxruntime", "fp32", 4)
    assert len(world.stage("final")) == 4
    assert [one.pictures for one in world.efforts] == [24, 24, 24, 96]
    assert [one.rounds for one in world.efforts] == [1, 1, 1, 3]


def test_what_few_pictures_let_through_the_final_stops() -> None:
    world = World(BASE, hasty={("openvino", "int8", 4): 98.5})
    found = world.search()
    assert ("openvino", "int8", 4) in world.stage("final")
    assert key(found.chosen.cell) == ("openvino", "bf16", 2)


def test_if_all_finalists_fail_the_next_ones_are_tried() -> None:
    cells = {**BASE, **{("openvino", "bf16", n): (5.0, 97.5) for n in (1, 2, 4)}}
    hasty = {("openvino", "bf16", n): 99.0 for n in (1, 2, 4)}
    hasty["openvino", "int8", 4] = 90.0
    world = World(cells, hasty)
    assert key(world.search().chosen.cell) == ("onnxruntime", "int8", 4)
    assert [stage for stage, _ in world.asked].count("final") == 2


REFERENCE: Key = ("onnxruntime", "fp32", 4)


def test_a_reference_that_fails_in_the_final_stays_as_it_was_before() -> None:
    world = World(BASE, failing={1: {REFERENCE, ("openvino", "bf16", 2)}})
    found = world.search()
    assert key(found.reference.cell) == REFERENCE
    assert (accuracy(found.reference), milliseconds(found.reference, "latency")) == (99.0, 10.0)
    assert key(found.chosen.cell) == ("openvino", "bf16", 4)  # the fastest that did not fail
    assert found.pictures == 0
    states = {key(one.result.cell): (one.stage, one.result.state) for one in found.trials}
    assert states[REFERENCE] == ("final", "failed")
    assert states["openvino", "bf16", 2] == ("final", "failed")
    assert states["openvino", "bf16", 4] == ("precisions", "ok")
    assert all(one.loss is not None for one in found.trials if one.result.state == "ok")


def test_a_reference_that_fails_in_the_second_final_stays_as_in_the_first() -> None:
    cells = {**BASE, **{("openvino", "bf16", n): (5.0, 97.5) for n in (1, 2, 4)}}
    hasty = {("openvino", "bf16", n): 99.0 for n in (1, 2, 4)}
    hasty |= {("openvino", "int8", 4): 90.0, REFERENCE: 98.9}
    world = World(cells, hasty, failing={2: {REFERENCE}})
    found = world.search()
    assert [stage for stage, _ in world.asked].count("final") == 2
    assert found.chosen == found.reference
    assert accuracy(found.reference) == 99.0
    assert found.pictures == 96


def test_where_all_fail_in_the_final_the_reference_is_what_is_left() -> None:
    cells = {REFERENCE: (10.0, 99.0), ("tflite", "fp32", 4): (5.0, 99.0)}
    found = World(cells, failing={1: set(cells)}).search()
    assert key(found.chosen.cell) == key(found.reference.cell) == REFERENCE
    assert milliseconds(found.chosen, "latency") == 10.0


def test_the_reference_stays_if_nothing_is_better() -> None:
    cells = {("onnxruntime", "fp32", 4): (10.0, 99.0), ("tflite", "fp32", 4): (5.0, 90.0)}
    found = World(cells).search()
    assert found.chosen.cell == found.reference.cell


def test_without_the_usual_reference_the_fastest_in_fp32_is_one() -> None:
    cells = {("a", "fp32", 4): (10.0, 99.0), ("b", "fp32", 4): (5.0, 98.8)}
    found = World(cells).search()
    assert key(found.reference.cell) == ("b", "fp32", 4)


def test_of_those_as_fast_the_better_reader_is_chosen() -> None:
    cells = {
        ("onnxruntime", "fp32", 4): (10.0, 99.0),
        ("a", "fp32", 4): (5.0, 98.2),
        ("b", "fp32", 4): (5.1, 99.0),
    }
    uneasy = {("a", "fp32", 4): (4.0, 5.0, 6.0), ("b", "fp32", 4): (6.1, 5.1, 4.1)}
    assert key(World(cells, rounds=uneasy).search().chosen.cell) == ("b", "fp32", 4)
    far = {**cells, ("a", "fp32", 4): (3.0, 98.2)}
    assert key(World(far, rounds=uneasy).search().chosen.cell) == ("a", "fp32", 4)


def test_many_in_little_time_is_another_goal() -> None:
    found = World(BASE).search(goal="throughput")
    assert key(found.chosen.cell) == ("openvino", "bf16", 1)
    assert milliseconds(found.chosen, "throughput") == pytest.approx(7 / 8)


def test_time_runs_out_in_good_order() -> None:
    world = World(BASE, pace=5.0)
    found = world.search(budget=60)
    assert world.now <= 60 + 2 * 5  # the final is never without the one to hold it against
    assert found.untried
    assert key(found.chosen.cell)[0] == "openvino"
    names = {key(one.result.cell) for one in found.trials} | set(map(key, found.untried))
    assert set(BASE) >= {("openvino", "int8", 4)} <= names


def test_without_a_final_what_is_known_decides_and_it_is_said() -> None:
    world = World(BASE, pace=12.0)
    found = world.search(budget=45)
    assert found.pictures == 0
    assert key(found.chosen.cell) == ("openvino", "fp32", 4)


def test_with_little_time_the_final_takes_fewer_pictures_rather_than_fewer_cells() -> None:
    slow = {one: (100 * ms, percent) for one, (ms, percent) in BASE.items()}
    world = World(slow, pace=3.0)
    found = world.search(budget=90, pictures=200)
    assert 24 <= found.pictures < 200
    assert world.efforts[-1].pictures == found.pictures
    assert len(world.stage("final")) == 4
    assert World(slow, pace=3.0).search(budget=90, pictures=10).pictures == 10


def test_a_cell_has_patience_but_not_for_ever() -> None:
    world = World(BASE)
    world.search(budget=120)
    assert all(45 <= one.seconds <= 240 for one in world.efforts)


def test_nothing_to_measure_is_an_error() -> None:
    with pytest.raises(BackendError, match=r"no runtime could be measured.*torch: it cannot"):
        World({}).search(runtimes=["torch"])
    with pytest.raises(BackendError, match="the budget is too small"):
        World(BASE).search(budget=1)
    with pytest.raises(UsageError, match="no runtime to tune"):
        World({}).search()
    with pytest.raises(UsageError, match="cannot be negative"):
        World(BASE).search(max_loss=-1)


def test_a_cell_without_figures_has_neither_time_nor_accuracy() -> None:
    nothing = CellResult(Cell("r"), "failed", "it fell over")
    with pytest.raises(ValueError, match="no figures"):
        milliseconds(nothing, "latency")
    with pytest.raises(ValueError, match="no accuracy"):
        accuracy(nothing)


MIXED: dict[Key, tuple[float, float]] = {
    ("onnxruntime", "fp32", 4): (100.0, 99.0),
    ("openvino", "fp32", 4): (90.0, 99.0),
    ("openvino", "int8", 4): (40.0, 80.0),
    ("openvino", "bf16", 4): (60.0, 98.9),
    ("openvino", "int8/fp32", 4): (70.0, 99.0),
    ("openvino", "int8/bf16", 4): (48.0, 98.8),
}
SPENT: dict[Key, dict[str, float]] = {
    ("openvino", "fp32", 4): {"detect": 50.0},
    ("openvino", "int8", 4): {"detect": 20.0},
    ("openvino", "bf16", 4): {"detect": 30.0},
}


def test_pages_are_read_in_one_precision_and_found_in_another_where_that_is_best() -> None:
    """int8 spoils detection alone: with the detector in bf16 it reads well, and is the fastest."""
    world = World(MIXED, stages=SPENT)
    found = world.search(detector="d", runtimes=["openvino", "onnxruntime"])
    assert world.stage("mixtures") == [("openvino", "int8/bf16", 4)]
    assert key(found.chosen.cell) == ("openvino", "int8/bf16", 4)
    threaded = {key(cell) for cell in (*(t.result.cell for t in found.trials), *found.untried)}
    assert ("openvino", "int8/bf16", 2) in threaded


def test_a_mixture_that_cannot_be_faster_is_not_tried() -> None:
    spent = {**SPENT, ("openvino", "bf16", 4): {"detect": 45.0}}
    world = World(MIXED, stages=spent)
    world.search(detector="d", runtimes=["openvino", "onnxruntime"])
    assert world.stage("mixtures") == []


def test_lines_have_no_detector_to_mix() -> None:
    world = World(MIXED, stages=SPENT)
    world.search(runtimes=["openvino", "onnxruntime"])
    assert world.stage("mixtures") == []
