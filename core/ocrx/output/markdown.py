"""Markdown (CommonMark): a paragraph for each paragraph, a heading for one in much larger print."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from ocrx.interfaces.writing import Writer
from ocrx.output.strings import plain
from ocrx.page.geometry import quad_size
from ocrx.system.text import printable

if TYPE_CHECKING:
    from ocrx.types import Image, Item, Line, Page, Paragraph

HEADINGS = ((2.0, "# "), (1.5, "## "))
"""How many times as high as most of the page's text a heading's lines are."""

MAX_HEADING_ROWS = 2

_SPECIAL = re.compile(r"[\\`*\[\]<|~]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")
_START = re.compile(r">|#(?=#{0,5}(?:\s|$))|[+-](?=\s|$)|[=-](?=[=\s-]*$)|\d{1,9}[.)](?=\s|$)")
_BULLET = re.compile(r"[•◦▪‣●○■]\s+")


class MarkdownWriter(Writer):
    """Writes a paragraph for each paragraph, with a line for each of its rows, and items as a list.
    If there are several pages, a comment before each says which it is.

    A paragraph of one or two rows in print that is much larger than most of the page's is a
    heading.
    """

    suffixes = (".md",)
    _first = True
    _several = False

    def begin(self, several: bool) -> bytes:
        self._several = several
        return b""

    def page(self, page: Page, image: Image | None) -> bytes:
        parts = [_comment(page)] if self._several else []
        usual = _usual_height(page)
        parts += [
            _paragraph(paragraph, usual)
            for block in page.blocks
            for paragraph in block.paragraphs
            if any(line.text.strip() for line in paragraph.lines)
        ]
        if page.items:
            parts.append("\n".join(_item(item) for item in page.items))
        before = "" if self._first or not parts else "\n"
        self._first = self._first and not parts
        return (before + "\n\n".join(parts) + ("\n" if parts else "")).encode()


def escape(text: str) -> str:
    """One line of text in which nothing is taken for Markdown."""
    text = _SPECIAL.sub(r"\\\g<0>", " ".join(plain(text).split()))
    start = _START.match(text)
    return f"{text[: start.end() - 1]}\\{text[start.end() - 1 :]}" if start else text


def _paragraph(paragraph: Paragraph, usual: float) -> str:
    rows: dict[int, list[str]] = {}
    for line in paragraph.lines:
        if line.text.strip():
            rows.setdefault(line.row, []).append(line.text)
    texts = [" ".join(row) for row in rows.values()]
    if len(texts) <= MAX_HEADING_ROWS:
        height = min(_height(line) for line in paragraph.lines)
        for times, mark in HEADINGS:
            if height >= times * usual:
                return mark + escape(" ".join(texts))
    return "\n".join(_row(text) for text in texts)


def _row(text: str) -> str:
    text = text.strip()
    bullet = _BULLET.match(text)
    return f"- {escape(text[bullet.end() :])}" if bullet else escape(text)


def _usual_height(page: Page) -> float:
    """The height in pixels of most of the page's characters."""
    heights = [_height(line) for line in page.lines for _ in line.text]
    return float(np.median(heights)) if heights else 0.0


def _height(line: Line) -> float:
    return quad_size(line.quad)[1]


def _item(item: Item) -> str:
    pairs = [(item.type, item.value), *item.fields.items()]
    texts = [f"{escape(printable(name))}: {escape(printable(value))}" for name, value in pairs]
    return "\n".join([f"- {texts[0]}", *(f"  - {text}" for text in texts[1:])])


def _comment(page: Page) -> str:
    name = printable(page.source).replace("--", "- -").replace(">", "&gt;")
    return f"<!-- {name}, page {page.index + 1} -->"
