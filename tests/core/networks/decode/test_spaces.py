"""Spaces whose probability is spread over several steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ocrx.interfaces.decoding import Emissions
from ocrx.networks.decode.ctc import ctc_greedy

A, B, SPACE = 1, 2, 3


def torn(
    classes: Sequence[int], spaces: Sequence[float], log: bool = False, charset: str = "ab "
) -> Emissions:
    """A line whose best classes are these, and the space's probability at its blank steps."""
    values = np.full((1, len(classes), 4), 0.001, dtype=np.float32)
    values[0, np.arange(len(classes)), classes] = 0.9
    blank = np.array(classes) == 0
    values[0, blank, 0] = 0.9 - np.array(spaces)[blank]
    values[0, blank, SPACE] = np.array(spaces)[blank]
    return Emissions(np.log(values) if log else values, charset, (1.0,), log)


@pytest.mark.parametrize("log", [False, True])
def test_a_space_that_is_spread_over_steps_is_read(log: bool) -> None:
    (text,) = ctc_greedy(torn([A, 0, 0, 0, B], [0, 0.25, 0.3, 0.05, 0], log))
    assert text.text == "a b"
    assert text.scores[1] == pytest.approx(0.6, abs=1e-6)
    assert text.spans[1][0] < 2.5 / 5 < text.spans[1][1], "at the step where it is most probable"


@pytest.mark.parametrize(
    ("classes", "spaces", "read"),
    [
        ([A, 0, 0, B], [0, 0.2, 0.2, 0], "ab"),
        ([0, 0, A, B, 0, 0], [0.4, 0.4, 0, 0, 0.4, 0.4], "ab"),
        ([A, 0, B, 0, A], [0, 0.3, 0, 0.3, 0], "aba"),
        ([A, 0, 0, SPACE, 0, 0, B], [0, 0.3, 0.3, 0, 0.3, 0.3, 0], "a b"),
    ],
)
def test_no_space_is_read_that_is_unlikely_at_an_end_or_there_already(
    classes: list[int], spaces: list[float], read: str
) -> None:
    assert ctc_greedy(torn(classes, spaces))[0].text == read


@pytest.mark.parametrize(
    ("charset", "read"),
    [("5% ", "5 %"), (":5 ", ": 5"), ("a5 ", "a 5"), ("a: ", "a:"), ("5) ", "5)"), (".5 ", ".5")],
)
def test_beside_digits_and_signs_less_is_enough(charset: str, read: str) -> None:
    assert ctc_greedy(torn([A, 0, 0, B], [0, 0.15, 0.1, 0], charset=charset))[0].text == read


@pytest.mark.parametrize(
    ("charset", "total", "read"),
    [
        *[(">5 ", 0.02, "> 5"), (">5 ", 0.005, ">5"), ("5> ", 0.02, "5>"), (">x ", 0.02, ">x")],
        *[("3/ ", 0.02, "3 /"), ("/b ", 0.02, "/ b"), ("#7 ", 0.005, "#7"), ("/. ", 0.02, "/.")],
    ],
)
def test_between_a_sign_and_its_number_a_trace_is_enough(
    charset: str, total: float, read: str
) -> None:
    assert ctc_greedy(torn([A, 0, B], [0, total, 0], charset=charset))[0].text == read


@pytest.mark.parametrize(
    ("charset", "classes", "read"),
    [("o.5 ", [1, 2, 0, 3], "o. 5"), ("1.5 ", [1, 2, 0, 3], "1.5"), ("o.5 ", [2, 0, 3], ".5")],
)
def test_between_an_abbreviation_and_its_number_little_is_enough(
    charset: str, classes: list[int], read: str
) -> None:
    values = np.full((1, len(classes), 5), 0.001, dtype=np.float32)
    values[0, np.arange(len(classes)), classes] = 0.9
    values[0, np.array(classes) == 0, 4] = 0.06
    assert ctc_greedy(Emissions(values, charset, (1.0,)))[0].text == read


def test_a_network_without_a_space_reads_as_before() -> None:
    emissions = torn([A, 0, B], [0, 0.4, 0])
    assert ctc_greedy(Emissions(emissions.values, "abc", (1.0,)))[0].text == "ab"
