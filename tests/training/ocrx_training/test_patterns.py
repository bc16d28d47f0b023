"""Patterns by name, and check digits."""

from __future__ import annotations

import re

import pytest

from ocrx.errors import UsageError
from ocrx.patterns import checkdigits
from ocrx_training.synth.dice import Dice
from ocrx_training.synth.kinds.table import KINDS
from ocrx_training.synth.patterns import PATTERNS, pattern


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("digits", r"\d{2,14}"),
        ("date", r"[\d./ A-Z-]{5,11}"),
        ("time", r"[0-2]\d:[0-5]\d(:[0-5]\d)?"),
        ("gs1", r"(\(\d\d\)[A-Z0-9]+)+"),
        ("ean13", r"\d{13}"),
        ("imei", r"\d{15}"),
        ("iso6346", r"[A-Z]{3}[UJZ]\d{7}"),
        ("vin", r"[A-HJ-NPR-Z0-9]{8}[\dX][A-HJ-NPR-Z0-9]{8}"),
        ("plate-ar", r"[A-Z]{3}\d{3}|[A-Z]{2}\d{3}[A-Z]{2}"),
    ],
)
def test_texts_have_the_form_of_their_pattern(name: str, form: str) -> None:
    for number in range(100):
        assert re.fullmatch(form, PATTERNS[name].draw(Dice(1, number)))


@pytest.mark.parametrize("name", PATTERNS)
def test_texts_have_no_other_characters_than_the_pattern_says(name: str) -> None:
    one = PATTERNS[name]
    for number in range(200):
        text = one.draw(Dice(2, number))
        assert set(text) <= one.alphabet
        assert 0 < len(text) <= 48


def test_check_digits_are_right() -> None:
    for number in range(50):
        container = PATTERNS["iso6346"].draw(Dice(3, number))
        assert checkdigits.iso6346(container[:-1]) == container[-1]
        vin = PATTERNS["vin"].draw(Dice(3, number))
        assert checkdigits.vin(vin) == vin[8]
        ean = PATTERNS["ean13"].draw(Dice(3, number))
        assert checkdigits.gs1(ean[:-1]) == ean[-1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_says_what_is_a_pattern_and_can_be_shown(kind: str) -> None:
    alphabet = KINDS[kind].alphabet
    for name in KINDS[kind].patterns:
        assert alphabet is None or PATTERNS[name].alphabet <= alphabet


def test_an_unknown_name_is_an_error_with_a_suggestion() -> None:
    with pytest.raises(UsageError, match=r"no pattern 'iso6364'.*Did you mean 'iso6346'"):
        pattern("iso6364")


def test_an_expression_is_a_pattern_of_its_own_name() -> None:
    assert pattern(r"[A-Z]{3}-\d{6}").name == r"[A-Z]{3}-\d{6}"
