"""Texts that are drawn from regular expressions."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ocrx.errors import UsageError
from ocrx.patterns.expressions import Node, Row, longest
from ocrx_training.synth.dice import Dice
from ocrx_training.synth.texts import ALPHABET, alphabet, draw, drawable
from support.expressions import PATTERN


@pytest.mark.filterwarnings("ignore:Possible set:FutureWarning")  # "--" in a set of characters
@settings(max_examples=20)
@given(PATTERN, st.integers(0, 2**32))
def test_what_is_drawn_matches_the_same_expression_in_python(pattern: str, seed: int) -> None:
    node: Node = Row(())
    with suppress(UsageError):  # it admits nothing, or texts that are too long
        node = drawable(pattern)
    assume(node != Row(()))
    text = draw(node, Dice(seed, 0))
    assert re.fullmatch(pattern, text)
    assert len(text) <= longest(node)
    assert set(text) <= alphabet(node)


def test_every_option_and_repetition_occurs() -> None:
    node = drawable("[AB](x|yz)?-{1,2}")
    drawn = {draw(node, Dice(0, number)) for number in range(300)}
    assert drawn == {a + m + d for a in "AB" for m in ("", "x", "yz") for d in ("-", "--")}


def test_letters_that_look_like_digits_are_rare_beside_digits() -> None:
    drawn = (draw(drawable("[A-Z0-9]{64}"), Dice(number, 0)) for number in range(40))
    counts = Counter("".join(drawn))
    assert 0 < max(counts[letter] for letter in "IOQ") < 0.5 * min(counts[one] for one in "01AB")
    alone = Counter("".join(draw(drawable("[A-Z]{64}"), Dice(number, 0)) for number in range(40)))
    assert min(alone[letter] for letter in "IOQ") > 0.5 * alone["A"]


def test_anchors_change_nothing() -> None:
    assert draw(drawable("^A7$"), Dice(0, 0)) == "A7"


def test_a_point_is_any_visible_character() -> None:
    assert alphabet(drawable(".")) == frozenset(ALPHABET)


def test_a_class_of_which_nothing_can_be_drawn_is_refused() -> None:
    with pytest.raises(UsageError, match="nothing can be drawn"):
        drawable("A[^!-~]")
