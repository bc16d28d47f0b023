"""Which texts may be of the same code."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from ocrx_watch.joining.likeness import alike, distance

TEXT = st.text("AB10", max_size=8)


@settings(max_examples=60)
@given(TEXT, TEXT)
def test_the_distance_is_that_of_levenshtein(one: str, other: str) -> None:
    assert distance(one, other) == Levenshtein.distance(one, other)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("SN100037", "SN100037", True),
        ("SN100037", "SN1OOO37", False),
        ("SN100037", "SN1O0037", True),
        ("SN100037", "SN10037", True),
        ("SN100037", "LOT4711", False),
        ("A1", "A2", False),  # so short, one character is half of it
        ("", "", True),
        ("", "SN1", False),
    ],
)
def test_small_misreadings_are_alike(one: str, other: str, same: bool) -> None:
    assert alike(one, other) is same
    assert alike(other, one) is same
