"""From picture to text in order, with the models that come with ocrx. Pages are drawn with Pillow's
own font."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from ocrx import Page, Reader

Placed = tuple[float, float, str]
"""Left, top, text."""


def read(reader: Reader, size: tuple[int, int], texts: Sequence[Placed], height: int) -> Page:
    picture = PilImage.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(height)
    for x, y, text in texts:
        draw.text((x, y), text, "black", font)
    return reader.read(np.array(picture))


@pytest.mark.parametrize("height", [14, 30])
@pytest.mark.parametrize("rows", [("123", "456", "789"), ("ABCD", "EFGH", "KLMN"), ("17", "41")])
def test_a_grid_of_single_characters(reader: Reader, rows: tuple[str, ...], height: int) -> None:
    texts = [
        (2 * height + 5 * height * k, height + 2 * height * i, character)
        for i, row in enumerate(rows)
        for k, character in enumerate(row)
    ]
    size = (height * 5 * (len(rows[0]) + 1), height * 2 * (len(rows) + 1))
    assert read(reader, size, texts, height).text == "\n".join(" ".join(row) for row in rows)


def test_a_list_numbered_with_single_digits(reader: Reader) -> None:
    entries = ["Cable", "Lantern", "Fox trap", "Harbour map", "Quiet dog"]
    texts = [
        (x, 20 + 34 * i, text)
        for i, entry in enumerate(entries)
        for x, text in ((20, str(i + 1)), (90, entry))
    ]
    page = read(reader, (320, 210), texts, 22)
    assert page.text.splitlines() == [f"{i} {entry}" for i, entry in enumerate(entries, 1)]


LEFT = [
    "The quick brown fox jumps over",
    "a lazy dog near seven harbours",
    "while every lantern breaks and",
    "the quiet model of the results",
    "is shown between these figures",
]
RIGHT = [
    "Another section is set beside it",
    "and fills its column as does the",
    "first one so that lines stand at",
    "the same heights and a gutter of",
    "hardly more than a letter is left",
]


@pytest.mark.slow
def test_columns_with_a_narrow_gutter(reader: Reader) -> None:
    """Justified, with a gutter of 1.2 em: the detector draws its boxes across both columns."""
    size, width = 22, 330
    font = ImageFont.load_default(size)
    texts: list[Placed] = []
    for column, x in ((LEFT, 30.0), (RIGHT, 30.0 + width + 1.2 * size)):
        for i, line in enumerate(column):
            words = line.split()
            blank = (width - sum(map(font.getlength, words))) / (len(words) - 1)
            start = x
            for word in words:
                texts.append((start, 30 + 28 * i, word))
                start += font.getlength(word) + blank
    page = read(reader, (780, 200), texts, size)
    assert page.text.splitlines() == [*LEFT, *RIGHT]
    assert [len(block.lines) for block in page.blocks] == [5, 5]


def test_an_invoice(reader: Reader) -> None:
    sender = ["Acme Ltd", "12 High Street", "London W1 6AN"]
    receiver = ["Brown Brothers", "5 Low Road", "Leeds LS1 4DY"]
    table = [("Item", "Count", "Price"), ("Cable 3 m", "2", "4.50"), ("Lantern", "12", "29.90")]
    texts: list[Placed] = []
    for i, lines in enumerate(zip(sender, receiver, strict=True)):
        texts += [(30 + 330 * k, 30 + 28 * i, text) for k, text in enumerate(lines)]
    for i, row in enumerate(table):
        texts += [(30 + 230 * k, 170 + 32 * i, text) for k, text in enumerate(row)]
    page = read(reader, (620, 290), texts, 22)
    assert page.text.splitlines() == [*sender, *receiver, *map(" ".join, table)]
