"""The picture of accuracy against time: scales, ticks, and labels that cover nothing."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations

import pytest

from ocrx.bench.figures.ranking import rank
from ocrx.bench.figures.result import Cell, CellResult, Interval, Result
from ocrx.bench.show.html.labels import MARK, Box, Room
from ocrx.bench.show.html.scales import log_scale, log_ticks, share_scale, share_ticks
from ocrx.bench.show.html.scatter import Plot, scatter
from support.fakeresults import BACKENDS, matrix, ok, result


def drawn(run: Result, width: int = 960) -> Plot:
    plot = scatter(run, rank(run), width, 520, 13.0)
    assert plot
    return plot


def test_faster_is_left_and_better_is_up() -> None:
    plot = drawn(result(ok(Cell("quick"), 5, 90), ok(Cell("right"), 20, 99)))
    quick, right = plot.points
    assert quick.x < right.x
    assert quick.y > right.y
    assert plot.front == ((quick.x, quick.y), (right.x, right.y))


def test_every_point_and_bar_is_within_the_frame() -> None:
    plot = drawn(matrix())
    for p in plot.points:
        assert plot.frame.left <= p.x_low <= p.x <= p.x_high <= plot.frame.right
        assert plot.frame.top <= p.y_high < p.y < p.y_low <= plot.frame.bottom


def test_ticks_are_round_and_within() -> None:
    plot = drawn(matrix())
    assert [tick.text for tick in plot.x_ticks] == ["1", "2", "5", "10", "20", "50"]
    assert [tick.text for tick in plot.y_ticks][-1] == "100"
    assert all(plot.frame.left <= tick.at <= plot.frame.right for tick in plot.x_ticks)
    assert 4 <= len(plot.y_ticks) <= 9


@pytest.mark.parametrize("values", [[5.0], [0.01, 9000.0], [3.0, 3.1], [99.0, 101.0]])
def test_any_range_of_times_has_ticks(values: list[float]) -> None:
    scale = log_scale(values, 0, 100)
    ticks = log_ticks(scale)
    assert 1 <= len(ticks) <= 12
    assert all(0 <= scale.place(value) <= 100 for value in values)


@pytest.mark.parametrize("values", [[0.0], [100.0], [99.9, 100.0], [3.0, 50.0, 97.0], [20.0, 20.0]])
def test_any_range_of_shares_has_ticks(values: list[float]) -> None:
    scale = share_scale([Interval(v, v, v) for v in values], 100, 0)
    assert 0 <= scale.low < scale.high <= 100
    assert 2 <= len(share_ticks(scale)) <= 12


def test_one_that_reads_nothing_does_not_press_the_others_flat() -> None:
    good = [ok(Cell(f"r{i}"), 5 + i, 95 + i) for i in range(4)]
    plot = drawn(result(*good, ok(Cell("bad"), 5, 20)))
    assert [p.below for p in plot.points] == [False] * 4 + [True]
    assert plot.points[4].y == plot.frame.bottom
    assert any(label.text == "bad 20.0 %" for label in plot.labels)
    assert plot.points[0].y - plot.points[3].y > 100


def test_a_mismatch_is_drawn_and_marked() -> None:
    wrong = replace(ok(Cell("w"), 2, 94), state="mismatch")
    plot = drawn(result(ok(Cell("r")), wrong))
    assert [p.ranked for p in plot.points] == [True, False]
    assert "mismatch: not ranked" in plot.points[1].title


def many(seed: int, count: int = 45) -> Result:
    chance = random.Random(seed)
    cells = [
        ok(
            Cell(f"model-{i % 3}", backend=list(BACKENDS)[i % 5], threads=i + 1),
            chance.uniform(2, 30),
            95 + chance.uniform(-3, 3),
        )
        for i in range(count)
    ]
    return result(*cells)


@pytest.mark.parametrize("width", [400, 960])
@pytest.mark.parametrize("seed", range(4))
def test_labels_cover_neither_each_other_nor_points(seed: int, width: int) -> None:
    plot = drawn(many(seed), width)
    boxes = [
        Box(label.x, label.y - plot.size * 0.9, label.x + len(label.text) * 5, label.y)
        for label in plot.labels
    ]
    assert not [pair for pair in combinations(boxes, 2) if pair[0].overlap(pair[1])]
    marks = [Box(p.x - 5, p.y - 5, p.x + 5, p.y + 5) for p in plot.points]
    assert not [(b, m) for b in boxes for m in marks if b.overlap(m)]
    assert all(box.left >= plot.frame.left and box.right <= plot.frame.right for box in boxes)


def test_most_of_many_points_have_their_number_and_the_front_its_names() -> None:
    run = many(0)
    plot = drawn(run)
    assert len(plot.labels) > 36
    texts = {label.text for label in plot.labels}
    front = [run.cells[i].cell for i in rank(run).front]
    assert {f"{cell.backend} {cell.threads} threads" for cell in front} <= texts


def test_few_points_all_have_names() -> None:
    plot = drawn(result(*(ok(Cell("r", backend=b), 5 + i) for i, b in enumerate(BACKENDS))))
    assert {label.text for label in plot.labels} == {f"r {backend}" for backend in BACKENDS}


def test_where_there_is_no_room_there_is_no_label() -> None:
    room = Room(Box(0, 0, 40, 40), 12)
    assert room.place([(20.0, 20.0)], ["far too long for this"], [0]) == {}
    found = room.place([(10.0, 20.0)], ["a"], [0])
    assert found[0].leader is None
    assert found[0].x >= 10 + MARK


def test_nothing_scored_is_no_picture() -> None:
    run = result(CellResult(Cell("r"), "failed"))
    assert scatter(run, rank(run), 960, 520, 13.0) is None
