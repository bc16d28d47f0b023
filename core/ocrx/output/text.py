"""Plain text: a line for each row of the page, then a line for each item and its fields. If there
are several pages, each has its name above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx.interfaces.writing import Writer
from ocrx.output.strings import plain
from ocrx.system.text import printable

if TYPE_CHECKING:
    from ocrx.types import Image, Page


class TextWriter(Writer):
    r"""Writes the text of each page, then its items as `type: value`, with line breaks in a value
    escaped as \n. The fields of an item follow it, indented: `    name: value`.

    If there are several pages, each follows a line `==> name <==`, as `head` writes it.
    """

    suffixes = (".txt",)
    _first = True
    _several = False

    def begin(self, several: bool) -> bytes:
        self._several = several
        return b""

    def page(self, page: Page, image: Image | None) -> bytes:
        text = plain(page.text)
        parts = [self._heading(page)] if self._several else []
        if text:
            parts.append(text)
        for item in page.items:
            parts.append(_pair(item.type, item.value))
            parts += [f"    {_pair(name, value)}" for name, value in item.fields.items()]
        self._first = False
        return "".join(f"{part}\n" for part in parts).encode()

    def _heading(self, page: Page) -> str:
        number = f", page {page.index + 1}" if page.index else ""
        return f"{'' if self._first else chr(10)}==> {printable(page.source)}{number} <=="


def _pair(name: str, value: str) -> str:
    return f"{printable(name)}: {printable(value)}"
