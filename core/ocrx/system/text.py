"""Text that is safe to print."""

from __future__ import annotations

import unicodedata


def printable(name: str) -> str:
    r"""`name` with every character escaped that would upset a terminal or a UTF-8 stream.

    Control characters, line separators and lone surrogates become \n, \x1b or \xff.
    """
    if name.isprintable():
        return name
    return "".join(_escape(c) if unicodedata.category(c) in _UNPRINTABLE else c for c in name)


_UNPRINTABLE = ("Cc", "Cs", "Zl", "Zp")


def _escape(char: str) -> str:
    # os.fsdecode keeps a byte that is not UTF-8 as a lone surrogate, U+DC80 to U+DCFF.
    code = ord(char)
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else ascii(char)[1:-1]
