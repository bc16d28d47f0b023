"""What is made equal before texts are compared."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ocrx.bench.figures.folding import Folding

FOLDINGS = st.builds(
    Folding, st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans()
)


@pytest.mark.parametrize(
    ("folding", "said", "folded"),
    [
        (Folding(), "none", "Ab-1 Ⅱ é，x"),
        (Folding(case=True), "case", "AB-1 Ⅱ É，X"),
        (Folding(punctuation=True), "punctuation", "Ab1 Ⅱ éx"),
        (Folding(white_space=True), "white space", "Ab-1Ⅱé，x"),
        (Folding(compatibility=True), "full-width characters", "Ab-1 II é,x"),
        (Folding(case=True, punctuation=True), "case, punctuation", "AB1 Ⅱ ÉX"),
        (Folding(code=True), "all but A-Z and 0-9 in upper case", "AB1X"),
        (
            Folding(code=True, compatibility=True),
            "full-width characters, then all but A-Z and 0-9 in upper case",
            "AB1IIX",
        ),
    ],
)
def test_each_folding_and_what_it_is_called(folding: Folding, said: str, folded: str) -> None:
    assert folding(" Ab-1  Ⅱ\te\u0301，x\n") == folded
    assert folding.text == said


def test_words_are_told_apart_whatever_is_folded() -> None:
    assert Folding(white_space=True).words(" one -  two") == ["one", "-", "two"]
    assert Folding(punctuation=True, case=True).words("Total: - $12.50") == ["TOTAL", "1250"]
    assert Folding(code=True).words("皖A 63-244") == ["A", "63244"]


def test_vowel_signs_are_no_punctuation() -> None:
    assert Folding(punctuation=True)("हिन्दी।") == "हिन्दी"


@example(Folding(white_space=True), "\u0339 \u0334")
@given(FOLDINGS, st.text())
def test_folding_twice_changes_nothing(folding: Folding, text: str) -> None:
    once = folding(text)
    assert folding(once) == once


@given(FOLDINGS, st.text())
def test_words_are_what_the_folded_text_has(folding: Folding, text: str) -> None:
    words = folding.words(text)
    assert all(word and not any(char.isspace() for char in word) for word in words)
    assert folding(text) == ("" if folding.white_space or folding.code else " ").join(words)
