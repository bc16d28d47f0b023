"""Who is fastest, best, on the front, and who cannot be told apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ocrx.bench.figures.ranking import cost, rank, reference, score, speedup
from ocrx.bench.figures.result import Cell, CellResult, Parity
from support.fakeresults import matrix, ok, result


def cells(*figures: tuple[float, float]) -> list[CellResult]:
    return [ok(Cell(f"r{i}"), p50, characters) for i, (p50, characters) in enumerate(figures)]


def test_the_front_goes_from_fast_to_accurate() -> None:
    ranking = rank(result(*cells((5, 90), (20, 99), (10, 95), (12, 94), (30, 98))))
    assert ranking.fastest == 0
    assert ranking.best == 1
    assert ranking.front == (0, 2, 1)


def test_of_equally_right_ones_the_faster_is_best_and_alone_on_the_front() -> None:
    ranking = rank(result(*cells((20, 99), (10, 99))))
    assert ranking.best == ranking.fastest == 1
    assert ranking.front == (1,)
    assert ranking.as_good == (0,)


def test_who_cannot_be_told_apart_is_named() -> None:
    ranking = rank(result(*cells((10, 95), (10.1, 90), (14, 95.2))))
    assert ranking.as_fast == (1,)
    assert ranking.best == 2
    assert ranking.as_good == (0,)


def test_what_noise_does_not_take_off_the_front_is_near_it() -> None:
    ranking = rank(result(*cells((10, 95), (10.1, 94.9), (12, 95), (15, 90))))
    assert ranking.front == (0,)
    assert ranking.near_front == (1,)


def test_a_mismatch_is_measured_and_not_ranked() -> None:
    wrong = replace(ok(Cell("wrong"), 1, 20), state="mismatch")
    engine = replace(ok(Cell("engine", backend=""), 3, 90), state="built-in")
    ranking = rank(result(wrong, ok(Cell("r"), 10, 95), engine))
    assert ranking.measured == (0, 1, 2)
    assert ranking.ranked == (1, 2)
    assert ranking.fastest == 2


def test_times_that_waver_too_much_rank_nothing_accuracy_does() -> None:
    wild = [ok(Cell(f"r{i}"), 10 * (i + 1), 90 + i / 2, spread=15) for i in range(2)]
    calm = ok(Cell("calm"), 5, 80)
    ranking = rank(result(*wild, calm))
    assert ranking.noisy
    assert ranking.fastest is None
    assert ranking.as_fast == ranking.front == ranking.near_front == ()
    assert ranking.best == 1
    assert ranking.as_good == (0,)
    assert ranking.ranked == (0, 1, 2)
    assert not rank(result(wild[0], calm, replace(calm, cell=Cell("too")))).noisy  # half are calm


def test_ratios_are_to_the_cell_that_parity_was_measured_against() -> None:
    first, second = cells((10, 95), (5, 95))
    first = replace(first, cell=Cell("r", backend="openvino"))
    second = replace(second, cell=Cell("r", backend="onnxruntime"))
    assert reference(result(first, second)) == 0
    assert first.figures
    known = replace(first.figures, parity=Parity("onnxruntime", 100, 0))
    run = result(replace(first, figures=known), second)
    assert reference(run) == 1
    assert speedup(run, rank(run), 0) == pytest.approx(0.5)
    named = replace(run, settings={"reference": "r openvino"})
    assert reference(named) == 0


def test_a_run_without_figures_ranks_nothing() -> None:
    run = result(CellResult(Cell("r"), "failed", "it died"))
    ranking = rank(run)
    assert (ranking.fastest, ranking.best, ranking.reference) == (None, None, None)
    assert ranking.accuracy is None
    assert ranking.front == ranking.ranked == ()
    assert speedup(run, ranking, 0) is None
    with pytest.raises(ValueError, match="no figures"):
        cost(run.cells[0])
    with pytest.raises(ValueError, match="no score"):
        score(run.cells[0], None)


def test_the_whole_matrix() -> None:
    run = matrix()
    ranking = rank(run)
    names = [run.cells[i].cell.name for i in ranking.front]
    assert names[0] == "crnn openvino int8"
    assert names[-1] == "paddle:v6-small openvino fp32"
    assert len(ranking.measured) == 25
    assert len(ranking.ranked) == 23
