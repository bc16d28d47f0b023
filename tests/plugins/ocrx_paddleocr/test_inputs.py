"""Unusual pictures and documents, read with the models that come with ocrx."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import pillow_heif
import pytest

from ocrx import Page, Reader
from support.labels import label
from support.samples import encode, pdf

TEXTS = ("LOT L2611-0873", "EXP 2026-03-14")


def drawn(lines: Sequence[tuple[str, tuple[int, ...]]], size: int = 30) -> PIL.Image.Image:
    """Lines of text, each in an ink of RGBA, on a transparent picture."""
    picture = PIL.Image.new("RGBA", (420, 60 * len(lines)), (0, 0, 0, 0))
    draw = PIL.ImageDraw.Draw(picture)
    for row, (text, ink) in enumerate(lines):
        draw.text((20, 12 + 60 * row), text, ink, PIL.ImageFont.load_default(size))
    return picture


def texts(page: Page) -> list[str]:
    return [line.text for line in page.lines]


@pytest.mark.parametrize(("dtype", "low", "high"), [(np.uint16, 30000, 32000), (np.float32, 4, 5)])
def test_deep_pictures_that_use_little_of_their_range(
    reader: Reader, dtype: Any, low: float, high: float
) -> None:
    grey = label(TEXTS)[..., 0].astype(np.float64) / 255
    values = (low + grey * (high - low)).astype(dtype)
    assert texts(reader.read(encode(PIL.Image.fromarray(values), "TIFF"))) == [*TEXTS]


@pytest.mark.parametrize(
    "inks",
    [
        [(255, 255, 255, 255), (20, 40, 200, 255)],
        [(255, 255, 255, 255), (0, 0, 0, 255), (128, 128, 128, 255)],
        [(255, 255, 255, 90), (200, 30, 30, 90)],
        [(255, 255, 255, 20)],
    ],
    ids=["white and blue", "white, black and grey", "half transparent", "faint"],
)
def test_transparent_pictures(reader: Reader, inks: list[tuple[int, ...]]) -> None:
    expected = [f"NORDLICHT-{row}4711" for row in range(len(inks))]
    page = reader.read(encode(drawn(list(zip(expected, inks, strict=True)))))
    assert texts(page) == expected


@pytest.mark.parametrize("dpi", [(204, 98), (204, 391)], ids=["standard", "superfine"])
def test_a_fax(reader: Reader, dpi: tuple[int, int]) -> None:
    picture = PIL.Image.fromarray(label(TEXTS))
    across, down = picture.width, round(picture.height * dpi[1] / dpi[0])
    fax = picture.resize((across, down), PIL.Image.Resampling.LANCZOS).convert("1")
    page = reader.read(encode(fax, "TIFF", compression="group4", dpi=dpi))
    assert texts(page) == [*TEXTS]
    assert (page.width, page.height) == (across, down)
    assert np.asarray([line.quad for line in page.lines]).reshape(-1, 2).max(axis=0)[1] <= down


def test_a_page_in_large_units(reader: Reader) -> None:
    shown = "LOT L2611-0873) Tj /F1 0.6 Tf -9 0.5 Td (Serial number 7F3K-204"
    data = pdf([(14, 4, shown)]).replace(b"/F1 40 Tf 10 30 Td", b"/F1 1.2 Tf 1 2 Td ")
    data = data.replace(b"/Type /Page ", b"/Type /Page /UserUnit 20 ").replace(
        b" -9 0.5 Td", b" 0 -1  Td"
    )
    assert texts(reader.read(data)) == ["LOT L2611-0873", "Serial number 7F3K-204"]


def test_small_print_of_a_pdf(reader: Reader) -> None:
    rows = [
        f"({text} of 3 points) Tj 0 -5 Td" for text in ("First line", "Second line", "Last line")
    ]
    shown = ") Tj /F1 3 Tf 0 60 Td " + " ".join(rows) + " ("
    found = texts(reader.read(pdf([(150, 110, shown)])))
    assert found == ["First line of 3 points", "Second line of 3 points", "Last line of 3 points"]


def test_a_heic(reader: Reader) -> None:
    file: Any = pillow_heif.from_pillow(PIL.Image.fromarray(label(TEXTS)))
    stream = io.BytesIO()
    file.save(stream, quality=80)
    assert texts(reader.read(stream.getvalue())) == [*TEXTS]
