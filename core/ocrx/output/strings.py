"""Strings that every reader of the output can take."""

from __future__ import annotations

import unicodedata

from ocrx.system.text import printable


def well_formed(text: str) -> str:
    r"""`text` in valid Unicode: bytes of a file name that are not UTF-8 are written as \xff."""
    if text.isascii():
        return text
    return "".join(printable(c) if unicodedata.category(c) == "Cs" else c for c in text)


def plain(text: str) -> str:
    """`text` in valid Unicode, its control characters but tab and newline gone: nothing read in a
    picture may steer the terminal it is shown on."""
    kept = (c for c in well_formed(text) if c in "\t\n" or unicodedata.category(c) != "Cc")
    return "".join(kept)
