"""Truth that looks right and is not: white space and characters that a person does not see."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import pairwise

# Whole letters that are drawn as a Latin one is, of the scripts that get mixed up with Latin on
# keyboards; after https://www.unicode.org/Public/security/latest/confusables.txt
CYRILLIC = dict(zip("АВЕЅІЈКМНОРСТУХасеоруѕіјхһԁԛԝ", "ABESIJKMHOPCTYXaceopysijxhdqw", strict=True))
GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧον", "ABEZHIKMNOPTYXov", strict=True))
TWINS = CYRILLIC | GREEK

UNSEEN = ("Cc", "Cf", "Co", "Cs")
"""Unicode's classes of control, format, private and half characters."""

JOINERS = "\u200c\u200d"
"""Unseen, and part of how Persian and the scripts of India are spelt."""

STYLES = ("FULLWIDTH", "MATHEMATICAL", "LATIN SMALL LIGATURE")
"""Begin the names of characters that are others in another style, unlike superscripts and
fractions, which say something of their own."""


def odd_space(text: str) -> list[str]:
    """What is odd about its white space: at an end, in a row, other than the blank; and characters
    that take no room."""
    odd = []
    if text != text.strip():
        odd.append("white space at an end")
    if any(a.isspace() and b.isspace() for a, b in pairwise(text)):
        odd.append("white space in a row")
    return odd + [named(char) for char in dict.fromkeys(text) if _is_odd(char)]


def look_alikes(text: str) -> list[str]:
    """Characters in place of plain ones: full-width and styled letters and digits; full-width
    signs, unless there is a letter without case (of Chinese, say); Cyrillic or Greek letters in a
    word with Latin ones."""
    signs = not any(unicodedata.category(char) == "Lo" for char in text)
    odd = list(_styled(text, signs))
    for word in text.split():
        if any(unicodedata.name(char, "").startswith("LATIN") for char in word):
            odd += [f"{named(char)} for {TWINS[char]}" for char in word if char in TWINS]
    return list(dict.fromkeys(odd))


def named(char: str) -> str:
    """As "U+00A0 NO-BREAK SPACE"."""
    return f"U+{ord(char):04X} {unicodedata.name(char, '')}".rstrip()


def _is_odd(char: str) -> bool:
    if char.isspace():
        return char != " "
    return unicodedata.category(char) in UNSEEN and char not in JOINERS


def _styled(text: str, signs: bool) -> Iterator[str]:
    for char in text:
        plain = unicodedata.normalize("NFKC", char)
        if (
            plain != char
            and plain.isascii()
            and (signs or plain.isalnum())
            and unicodedata.name(char, "").startswith(STYLES)
        ):
            yield f"{named(char)} for {plain}"
