"""The sign of a diameter, which networks take for a zero."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.interfaces.decoding import Emissions
from ocrx.networks.decode.ctc import ctc_greedy

CHARSET = "012Ø∅x "


def emissions(read: str, trace: float, charset: str = CHARSET, log: bool = False) -> Emissions:
    """A line read so, `_` being the blank, with a trace of the sign at each zero."""
    values = np.full((1, len(read), len(charset) + 1), 1e-5, dtype=np.float32)
    for step, char in enumerate(read):
        values[0, step, charset.find(char) + 1] = 0.9
        if char == "0" and "Ø" in charset:
            values[0, step, charset.index("Ø") + 1] = trace
    return Emissions(np.log(values) if log else values, charset, (1.0,), log)


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    ("steps", "read"),
    [
        ("00_12", "Ø12"),
        ("_0_ _1", "Ø 1"),
        ("2x0_1", "2xØ1"),
        ("∅12", "Ø12"),
        ("∅", "∅"),
        ("10_12", "1012"),
        ("1_0", "10"),
        ("0x1", "0x1"),
    ],
)
def test_a_zero_before_a_number_may_be_the_sign(steps: str, read: str, log: bool) -> None:
    (text,) = ctc_greedy(emissions(steps, 0.002, log=log))
    assert text.text == read
    assert min(text.scores) == pytest.approx(0.9), "it is as sure as before that a sign is there"


def test_a_plain_zero_is_one_and_a_charset_without_the_sign_reads_as_before() -> None:
    assert ctc_greedy(emissions("0_12", 0.0))[0].text == "012"
    assert ctc_greedy(emissions("0_12", 0.5, "012"))[0].text == "012"


def test_lines_of_a_batch_are_told_apart() -> None:
    both = [emissions("0_12", trace).values[0] for trace in (0.0, 0.002, 0.0)]
    texts = ctc_greedy(Emissions(np.stack(both), CHARSET, (1.0,) * 3))
    assert [text.text for text in texts] == ["012", "Ø12", "012"]
