"""Truth that looks right and is wrong: odd white space, and characters that look like others."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import pairwise

# Letters that look exactly like a Latin one, from the scripts that people mix with Latin because
# they share a keyboard. After https://www.unicode.org/Public/security/latest/confusables.txt
CYRILLIC = dict(zip("АВЕЅІЈКМНОРСТУХасеоруѕіјхһԁԛԝ", "ABESIJKMHOPCTYXaceopysijxhdqw", strict=True))
GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧον", "ABEZHIKMNOPTYXov", strict=True))
TWINS = CYRILLIC | GREEK

UNSEEN = ("Cc", "Cf", "Co", "Cs")
"""Unicode's categories of control, format, private-use and surrogate characters."""

JOINERS = "\u200c\u200d"
"""Invisible characters that the spelling of Persian and of Indian scripts needs."""

STYLES = ("FULLWIDTH", "MATHEMATICAL", "LATIN SMALL LIGATURE")
"""How the names of characters begin that are only other styles of plain ones. Superscripts and
fractions are not among them, because they differ in meaning."""


def odd_space(text: str) -> list[str]:
    """What is odd about the white space of a text: at an end, several in a row, or other than
    U+0020; also invisible characters."""
    odd = []
    if text != text.strip():
        odd.append("white space at an end")
    if any(a.isspace() and b.isspace() for a, b in pairwise(text)):
        odd.append("several white spaces in a row")
    return odd + [named(char) for char in dict.fromkeys(text) if _is_odd(char)]


def look_alikes(text: str) -> list[str]:
    """Characters that stand in place of plain ones, each with its plain one.

    These are full-width and styled letters and digits, and Cyrillic or Greek letters in a word with
    Latin ones. Full-width signs count unless the text has letters without case, such as Chinese,
    among which they are usual.
    """
    signs = not any(unicodedata.category(char) == "Lo" for char in text)
    odd = list(_styled(text, signs))
    for word in text.split():
        if any(unicodedata.name(char, "").startswith("LATIN") for char in word):
            odd += [f"{named(char)} for {TWINS[char]}" for char in word if char in TWINS]
    return list(dict.fromkeys(odd))


def named(char: str) -> str:
    """The code point and name of a character: "U+00A0 NO-BREAK SPACE"."""
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
