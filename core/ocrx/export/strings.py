"""Strings that every reader of the output can take."""

from __future__ import annotations

_SURROGATES = range(0xD800, 0xE000)
_RAW_BYTES = range(0xDC80, 0xDD00)  # how Python's file names carry bytes that are not UTF-8
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)
_KEPT_IN_TEXT = "\t\n"


def well_formed(text: str) -> str:
    r"""`text` in valid Unicode: bytes of a file name that are not UTF-8 are written as \xHH."""
    if text.isascii():
        return text
    return "".join(_escaped(c) if ord(c) in _SURROGATES else c for c in text)


def one_line(text: str) -> str:
    r"""`text` in valid Unicode and without control characters, which are written as \xHH."""
    return "".join(_escaped(c) if ord(c) in _CONTROLS else c for c in well_formed(text))


def plain(text: str) -> str:
    """`text` in valid Unicode, its control characters but tab and newline gone: nothing read in a
    picture may steer the terminal it is shown on."""
    kept = (c for c in well_formed(text) if c in _KEPT_IN_TEXT or ord(c) not in _CONTROLS)
    return "".join(kept)


def _escaped(character: str) -> str:
    code = ord(character)
    if code in _RAW_BYTES:
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
