"""Truth that looks right and is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx.bench.data.oddities import TWINS, look_alikes, odd_space


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("a b", []),
        (" a", ["white space at an end"]),
        ("a\u3000", ["white space at an end", "U+3000 IDEOGRAPHIC SPACE"]),
        ("a  b", ["several white spaces in a row"]),
        ("a\u00a0b\u00a0c", ["U+00A0 NO-BREAK SPACE"]),
        ("a\tb", ["U+0009"]),
        ("a\u200bb\ufeff", ["U+200B ZERO WIDTH SPACE", "U+FEFF ZERO WIDTH NO-BREAK SPACE"]),
        ("می\u200cخواهم क\u200dष", []),
    ],
)
def test_white_space(text: str, odd: list[str]) -> None:
    assert odd_space(text) == odd


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("Total: 5", []),
        ("Ａ5", ["U+FF21 FULLWIDTH LATIN CAPITAL LETTER A for A"]),
        ("Total：5", ["U+FF1A FULLWIDTH COLON for :"]),
        ("合计：5（元）", []),
        ("合计５", ["U+FF15 FULLWIDTH DIGIT FIVE for 5"]),
        ("ﬁne", ["U+FB01 LATIN SMALL LIGATURE FI for fi"]),
        ("𝐀", ["U+1D400 MATHEMATICAL BOLD CAPITAL A for A"]),
        ("m² ½ № ™ Ⅱ ①", []),
        ("АB АB", ["U+0410 CYRILLIC CAPITAL LETTER A for A"]),
        ("А123ВС Москва", []),
        ("А Bx", []),
        ("Αbc", ["U+0391 GREEK CAPITAL LETTER ALPHA for A"]),
        ("10 kΩ µm β-test", []),
    ],
)
def test_look_alikes(text: str, odd: list[str]) -> None:
    assert look_alikes(text) == odd


def test_every_twin_is_a_plain_letter_s() -> None:
    for twin, plain in TWINS.items():
        assert not twin.isascii()
        assert plain.isascii()
        assert plain.isalpha()
        assert twin.isupper() == plain.isupper()
        assert look_alikes(f"z{twin}")


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126)))
def test_plain_text_is_plain(text: str) -> None:
    assert look_alikes(text) == odd_space(text) == []
