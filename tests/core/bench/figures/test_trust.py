"""How well confidences tell right readings from wrong ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrx.bench.figures.trust import STEPS, calibration_error, curve, fit, read_rate, trusted


def drawn(temperature: float, offset: float, count: int = 4000) -> tuple[list[float], list[bool]]:
    """What an overconfident network says, and whether it is right."""
    random = np.random.default_rng(1)
    odds = random.normal(2, 3, count)
    right = random.random(count) < 1 / (1 + np.exp(-(odds / temperature + offset)))
    return (1 / (1 + np.exp(-odds))).tolist(), right.tolist()


@pytest.mark.parametrize(("temperature", "offset"), [(1.0, 0.0), (3.0, 0.0), (2.0, -1.0)])
def test_the_temperature_is_found_and_brings_the_error_down(
    temperature: float, offset: float
) -> None:
    said, right = drawn(temperature, offset)
    trust = fit(said, right)
    assert trust.temperature == pytest.approx(temperature, rel=0.15)
    assert trust.offset == pytest.approx(offset, abs=0.15)
    assert calibration_error([trust.confidence(p) for p in said], right) < 0.03
    assert trust.samples == len(said)


@pytest.mark.parametrize("right", [True, False])
def test_lines_that_are_all_right_or_all_wrong_can_be_fitted(right: bool) -> None:
    trust = fit([0.9, 0.99, 0.5], [right] * 3)
    assert 0 < trust.temperature < np.inf
    assert np.isfinite(trust.offset)


def test_the_curve_counts_what_is_read_and_misread() -> None:
    points = curve([0.9, 0.8, 0.8, 0.1], [True, True, False, True])
    assert points == [(0.9, 0.25, 0.0), (0.8, 0.75, 0.25), (0.1, 1.0, 0.25)]
    assert read_rate(points, 0.001) == (0.25, 0.9)
    assert read_rate(points, 0.3) == (1.0, 0.1)
    assert read_rate([(0.9, 0.5, 0.5)], 0.01) == (0.0, 1.0)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30))
def test_more_misreads_allow_more_reads(lines: list[tuple[float, bool]]) -> None:
    points = curve(*zip(*lines, strict=True))
    rates = [read_rate(points, misreads)[0] for misreads in (0.0, 0.1, 0.5, 1.0)]
    assert rates == sorted(rates)
    assert rates[-1] == 1.0
    assert 0 <= calibration_error(*zip(*lines, strict=True)) <= 1


@settings(max_examples=20)
@given(st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.9, 1.0]), st.booleans()), min_size=1))
def test_the_figures_are_those_of_the_curve(lines: list[tuple[float, bool]]) -> None:
    sure, right = zip(*lines, strict=True)
    found = trusted(sure, right)
    assert found is not None
    assert found.read_1.value == pytest.approx(100 * read_rate(curve(sure, right), 0.01)[0])
    assert found.calibration_error.value == pytest.approx(100 * calibration_error(sure, right))


def test_confidences_that_tell_right_from_wrong_allow_reading_almost_all() -> None:
    right = [i % 5 > 0 for i in range(1000)]
    told = trusted([0.9 if one else 0.1 for one in right], right)
    blind = trusted([0.8] * len(right), right)
    assert told is not None
    assert blind is not None
    assert (told.read_01.value, told.read_1.value) == (80.0, 80.0)
    assert (blind.read_01.value, blind.read_1.value) == (0.0, 0.0)
    assert blind.calibration_error.value == pytest.approx(0.0, abs=1e-6)
    assert told.calibration_error.value == pytest.approx(10.0)
    assert told.read_01.low < told.read_01.value < told.read_01.high


def test_a_curve_is_kept_short_and_ends_with_all_lines() -> None:
    random = np.random.default_rng(1)
    found = trusted(random.random(2000).tolist(), (random.random(2000) < 0.5).tolist())
    assert found is not None
    assert 2 < len(found.curve) <= STEPS
    assert found.curve[-1].read == 100.0
    reads = [step.read for step in found.curve]
    assert reads == sorted(reads)
    assert trusted([], []) is None
