"""Makes strings safe for whatever reads the output."""

from __future__ import annotations

import re
import unicodedata

from ocrx.system.text import printable

_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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


def for_xml(text: str) -> str:
    """`plain` text without the few characters that XML 1.0 has no way to write."""
    return _NOT_IN_XML.sub("", plain(text))
