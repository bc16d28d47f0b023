"""What is told apart, and what is left to chance."""

from __future__ import annotations

import random

import pytest

from ocrx.bench.figures.noise import ACROSS, WITHIN, better, faster, spread, time_ratio
from ocrx.bench.figures.result import Interval
from support.fakeresults import cost


def test_accuracies_whose_difference_holds_zero_are_not_told_apart() -> None:
    assert better(Interval(98, 97, 99), Interval(96, 95, 97))
    assert not better(Interval(97, 96, 98), Interval(96, 95, 97))
    assert not better(Interval(96, 95, 97), Interval(98, 97, 99))


def test_the_sides_of_the_intervals_that_face_each_other_count() -> None:
    assert better(Interval(98, 97.5, 100), Interval(96, 90, 96.5))
    assert not better(Interval(98, 95, 98.5), Interval(96, 95.5, 99))


def test_a_run_is_as_uneasy_as_most_of_its_cells() -> None:
    assert spread([cost(5, spread=s) for s in (1, 30, 2)]) == pytest.approx(2)
    assert spread([cost(5, rounds=1)]) == spread([]) == 0


def test_equal_accuracies_are_never_better() -> None:
    assert not better(Interval(100, 100, 100), Interval(100, 100, 100))
    assert better(Interval(100, 100, 100), Interval(99, 99, 99))


def test_drift_that_hits_both_alike_hides_no_difference() -> None:
    slow_down = [10, 11, 12.5, 14, 16]
    other = [time * 1.1 for time in slow_down]
    assert faster(slow_down, other)
    ratio = time_ratio(slow_down, other, paired=True)
    assert ratio
    assert ratio.value == pytest.approx(1.1)
    apart = time_ratio(slow_down, other, paired=False)
    assert apart
    assert apart.low < 1 < apart.high


def test_rounds_that_disagree_tell_nothing() -> None:
    assert not faster([10, 12, 9, 13, 10], [12, 10, 12, 10, 14])


def test_less_than_the_least_difference_is_none_however_steady() -> None:
    nearly = 1 + WITHIN / 200
    assert not faster([10, 10, 10, 10], [10 * nearly] * 4)
    assert faster([10, 10, 10, 10], [10 * (1 + 2 * WITHIN / 100)] * 4)


def test_one_round_says_nothing_of_noise() -> None:
    assert time_ratio([10], [20], paired=True) is None
    assert not faster([10], [20])
    assert not faster([], [])


def test_few_rounds_need_more_to_convince() -> None:
    assert not faster([10, 10.5], [11, 11.8])
    assert faster([10, 10.5] * 4, [11, 11.8] * 4)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    chance = random.Random(1)
    hits = 0
    for _ in range(400):
        a = [chance.gauss(10, 0.4) for _ in range(5)]
        b = [chance.gauss(10, 0.4) for _ in range(5)]
        ratio = time_ratio(a, b, paired=True)
        assert ratio
        hits += ratio.low <= 1 <= ratio.high
    assert 0.92 <= hits / 400 <= 0.98


def test_two_runs_may_differ_by_more_than_two_cells_of_one() -> None:
    assert ACROSS > WITHIN
