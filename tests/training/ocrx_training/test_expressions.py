"""Texts that are drawn from regular expressions."""

from __future__ import annotations

import re
import string
from contextlib import suppress

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ocrx.errors import UsageError
from ocrx_training.synth.dice import Dice
from ocrx_training.synth.expressions import ALPHABET, Node, Row, alphabet, draw, longest, parse

LITERAL = st.sampled_from(string.ascii_letters + string.digits + "-/: ") | st.sampled_from(
    [re.escape(char) for char in ".+*?()[]{}|^$\\"]
)
CLASS = st.sampled_from([r"\d", r"\w", r"\s", ".", r"\D", r"\W"]) | st.builds(
    lambda negated, members: f"[{negated}{''.join(members)}]",
    st.sampled_from(["", "^"]),
    st.lists(st.sampled_from(["a-f", "0-9", "X", r"\]", r"\d", "-"]), min_size=1, max_size=3),
)
ATOM = st.recursive(
    LITERAL | CLASS,
    lambda inner: st.builds(
        lambda options, kind: f"({kind}{'|'.join(options)})",
        st.lists(st.lists(inner, max_size=2).map("".join), min_size=1, max_size=3),
        st.sampled_from(["", "?:"]),
    ),
    max_leaves=6,
)
PATTERN = st.lists(
    st.builds(lambda atom, times: atom + times, ATOM, st.sampled_from(["", "?", "{2}", "{0,3}"])),
    min_size=1,
    max_size=5,
).map("".join)


@pytest.mark.filterwarnings("ignore:Possible set:FutureWarning")  # "--" in a set of characters
@settings(max_examples=40)
@given(PATTERN, st.integers(0, 2**32))
def test_what_is_drawn_matches_the_same_expression_in_python(pattern: str, seed: int) -> None:
    node: Node = Row(())
    with suppress(UsageError):  # it admits nothing, or texts that are too long
        node = parse(pattern)
    assume(node != Row(()))
    text = draw(node, Dice(seed, 0))
    assert re.fullmatch(pattern, text)
    assert len(text) <= longest(node)
    assert set(text) <= alphabet(node)


def test_every_option_and_repetition_occurs() -> None:
    node = parse("[AB](x|yz)?-{1,2}")
    drawn = {draw(node, Dice(0, number)) for number in range(300)}
    assert drawn == {a + m + d for a in "AB" for m in ("", "x", "yz") for d in ("-", "--")}


def test_anchors_change_nothing() -> None:
    assert draw(parse("^A7$"), Dice(0, 0)) == "A7"


def test_a_point_is_any_visible_character() -> None:
    assert alphabet(parse(".")) == frozenset(ALPHABET)


@pytest.mark.parametrize(
    ("pattern", "column", "what"),
    [
        ("AB[C-", 3, "class is not closed"),
        ("A(B|C", 2, "group is not closed"),
        ("AB)", 3, "closes no group"),
        ("[z-a]", 2, "range goes nowhere"),
        ("A{3,1}", 2, "repetition goes nowhere"),
        ("A{3", 2, "not a repetition"),
        ("A{3,}", 2, "no upper limit"),
        (r"\d+", 3, "no upper limit"),
        ("A*", 2, "no upper limit"),
        ("?A", 1, "stands alone"),
        ("A{2}{3}", 5, "repeats a repetition"),
        (r"AB\q", 3, r"\q is not known"),
        ("AB\\", 3, "nothing follows"),
        ("(?=A)", 3, "only groups"),
        ("A^B", 2, "not at an end"),
        ("A\tB", 2, "cannot be seen"),
        (r"[^\d\D]", 1, "admits no character"),
    ],
)
def test_a_bad_pattern_is_an_error_that_says_where(pattern: str, column: int, what: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(pattern)
    assert f"wrong at column {column}: " in caught.value.message
    assert what in caught.value.message


def test_a_pattern_for_texts_that_are_too_long_is_refused() -> None:
    with pytest.raises(UsageError, match="texts of 65 characters"):
        parse(r"\d{65}")


def test_a_pattern_without_a_character_is_refused() -> None:
    with pytest.raises(UsageError, match="admits no character"):
        parse("A{0}")
