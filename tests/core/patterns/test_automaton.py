"""Automata against Python's own regular expressions."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ocrx.errors import UsageError
from ocrx.patterns.automaton import automaton
from ocrx.patterns.expressions import Node, Row, parse
from support.expressions import PATTERN

ALPHABET = "aX0 -]:"
TEXTS = ["".join(text) for length in range(4) for text in product(ALPHABET, repeat=length)]


@pytest.mark.filterwarnings("ignore:Possible set:FutureWarning")  # "--" in a set of characters
@settings(max_examples=40)
@given(PATTERN | st.sampled_from(["a*", "(aX|0)+", "[a0]{2,}X", "(a?X)*0", "(-|a0){0,}a+"]))
def test_it_accepts_what_matches_in_python(pattern: str) -> None:
    node: Node = Row(())
    with suppress(UsageError):  # it admits no character
        node = parse(pattern)
    assume(node != Row(()))
    made, expected = automaton(node, ALPHABET), re.compile(pattern)
    assert [made.accepts(text) for text in TEXTS] == [
        expected.fullmatch(text) is not None for text in TEXTS
    ]


def test_from_each_state_a_text_ends() -> None:
    made = automaton(parse("A(BC|D)|XY"), "ABCX")  # D and Y are not known
    assert made.accepts("ABC")
    assert not made.accepts("AD")
    assert sum(map(len, made.edges)) == 3


def test_without_a_text_there_is_no_state() -> None:
    assert not automaton(parse("A1"), "A").edges
    assert not automaton(parse("A1"), "A").accepts("")


@pytest.mark.parametrize("pattern", [r"\d{3000}", r".*1.{7}"])
def test_a_pattern_that_is_too_large_is_an_error(
    monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    monkeypatch.setattr("ocrx.patterns.automaton.MOST_STATES", 200)
    with pytest.raises(UsageError, match="too large"):
        automaton(parse(pattern), "0123456789")
