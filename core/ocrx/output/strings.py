"""Makes strings safe for whatever reads the output."""

from __future__ import annotations

import unicodedata

from ocrx.system.text import printable


def well_formed(text: str) -> str:
    r"""`text` in valid Unicode: bytes of a file name that are not UTF-8 become escapes like
    \xff."""
    if text.isascii():
        return text
    return "".join(printable(c) if unicodedata.category(c) == "Cs" else c for c in text)


def plain(text: str) -> str:
    """`text` in valid Unicode, without control characters other than tab and newline, so that text
    in a picture cannot control the terminal that shows it."""
    kept = (c for c in well_formed(text) if c in "\t\n" or unicodedata.category(c) != "Cc")
    return "".join(kept)
