"""Intervals: exact where they can be known, and covering what they promise."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx.bench.figures.bootstrap import Floats, Statistic, Sums, intervals
from ocrx.bench.figures.result import Interval


def share(sums: Sums) -> tuple[Floats, Floats]:
    return sums["good"], sums["all"]


SHARE: dict[str, Statistic] = {"share": share}


def measure(good: object, every: object, seed: int = 0) -> Interval | None:
    counts = {"good": np.asarray(good, np.float64), "all": np.asarray(every, np.float64)}
    return intervals(counts, SHARE, seed)["share"]


def known(good: object, every: object, seed: int = 0) -> Interval:
    interval = measure(good, every, seed)
    assert interval is not None
    return interval


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=40))
def test_an_interval_holds_its_value_and_stays_in_bounds(rows: list[tuple[int, int]]) -> None:
    good = [min(row) for row in rows]
    every = [max(row) for row in rows]
    interval = measure(good, every)
    if not sum(every):
        assert interval is None
        return
    assert interval is not None
    assert interval.value == pytest.approx(100 * sum(good) / sum(every))
    assert 0 <= interval.low <= interval.value <= interval.high <= 100


def test_pictures_that_are_all_alike_leave_no_doubt() -> None:
    assert measure([3, 3, 3], [4, 4, 4]) == Interval(75, 75, 75)
    assert measure([1], [4]) == Interval(25, 25, 25)


def test_the_interval_of_a_share_is_that_of_the_binomial() -> None:
    good = np.repeat([1, 0], [80, 20])
    interval = known(good, np.ones(100))
    deviation = 100 * np.sqrt(0.8 * 0.2 / 100)
    assert interval.low == pytest.approx(80 - 1.96 * deviation, abs=1.1)
    assert interval.high == pytest.approx(80 + 1.96 * deviation, abs=1.1)


def test_it_covers_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(7)
    held = 0
    for seed in range(200):
        every = random.integers(1, 20, 60)
        interval = known(random.binomial(every, 0.9), every, seed)
        held += interval.low <= 90 <= interval.high
    assert 180 <= held <= 198


def test_the_same_seed_draws_the_same_and_the_order_does_not_matter() -> None:
    good, every = np.arange(50), np.arange(50) + 7
    assert measure(good, every, 1) == measure(good, every, 1)
    assert measure(good, every, 1) == measure(good[::-1], every[::-1], 1)
    assert measure(good, every, 1) != measure(good, every, 2)


def test_a_value_that_no_draw_comes_near_is_still_held() -> None:
    weights = {"weight": np.float64(2.0 ** np.arange(20))}

    def whole(sums: Sums) -> tuple[Floats, Floats]:
        return np.where(sums["weight"] == 2.0**20 - 1, 0.0, sums["weight"]), sums["weight"]

    assert intervals(weights, {"whole": whole}, 0)["whole"] == Interval(0, 0, 100)


def test_draws_without_anything_to_divide_by_do_not_count() -> None:
    assert measure([1, 0, 0], [2, 0, 0]) == Interval(50, 50, 50)


def test_nothing_to_measure() -> None:
    assert measure([0, 0], [0, 0]) is None
    assert measure([], []) is None


def test_many_lines_take_no_longer_than_their_few_different_counts() -> None:
    random = np.random.default_rng(0)
    every = random.integers(1, 20, 200_000)
    started = time.process_time()
    interval = known(random.binomial(every, 0.9), every)
    assert time.process_time() - started < 10  # drawing each picture by itself takes minutes
    assert interval.high - interval.low < 0.2
