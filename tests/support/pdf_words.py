"""The words of a PDF and their boxes, as two independent readers see them.

Boxes are (left, top, right, bottom) in points of the page as it is shown, from its top left.
"""

from __future__ import annotations

import ctypes
import html
import re
import subprocess
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from ocrx.images.pdf import PDFIUM
from ocrx.output.places import words_of
from ocrx.page.bidi import reordered
from ocrx.types import Page

_WORD = re.compile(r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>')
_FINE = 100  # device units to a point: pdfium gives whole ones


@dataclass(frozen=True)
class Seen:
    """A word and its box."""

    text: str
    box: tuple[float, ...]


def by_poppler(content: bytes, number: int = 1) -> list[Seen]:
    """The words that `pdftotext -bbox` finds on a page."""
    command = ["pdftotext", "-bbox", "-cropbox", "-f", str(number), "-l", str(number), "-", "-"]
    run = subprocess.run(command, input=content, capture_output=True, check=True)
    return [  # it gives words that run leftwards as they stand on paper
        Seen(reordered(html.unescape(text))[1], tuple(map(float, box)))
        for *box, text in _WORD.findall(run.stdout.decode())
    ]


def by_pdfium(content: bytes, number: int = 1) -> list[Seen]:
    """The words that pdfium finds on a page: characters between white space."""
    with PDFIUM:
        pdf = pypdfium2.PdfDocument(content)
        page = pdf[number - 1]
        text = page.get_textpage()
        letters = [
            (chr(pypdfium2.raw.FPDFText_GetUnicode(text, index)), _box(page, text, index))
            for index in range(text.count_chars())
        ]
        text.close()
        page.close()
        pdf.close()
    words: list[list[tuple[str, NDArray[np.float64]]]] = [[]]
    for letter, box in letters:
        if letter.isspace():
            words.append([])
        elif letter.isprintable() or "\ud800" <= letter <= "\udfff":
            words[-1].append((letter, box))
    return [_joined(word) for word in words if word]


def by_ocrx(page: Page, points: tuple[float, float]) -> list[Seen]:
    """The words of a page that is shown with that width and height in points."""
    scale = np.array(points) / (page.width, page.height)
    return [
        Seen(word.text, tuple(map(float, (*quad.min(axis=0), *quad.max(axis=0)))))
        for line in page.lines
        for word in words_of(line)
        for quad in [word.quad * scale]
    ]


def unlike(found: list[Seen], wanted: list[Seen], within: float = 1.0) -> list[Any]:
    """The words that are missing, too many, or more than `within` points away."""
    near = [
        [one for one in found if one.text == word.text and _away(one, word) <= within]
        for word in wanted
    ]
    lost = [word for word, ones in zip(wanted, near, strict=True) if not ones]
    matched = {id(one) for ones in near for one in ones}
    return lost + [one for one in found if id(one) not in matched]


def _away(one: Seen, other: Seen) -> float:
    return float(np.abs(np.subtract(one.box, other.box)).max())


def _box(page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage, index: int) -> NDArray[np.float64]:
    left, bottom, right, top = text.get_charbox(index, loose=True)
    width, height = page.get_size()
    corners = []
    for x, y in ((left, bottom), (right, top)):
        across, down = ctypes.c_int(), ctypes.c_int()
        size = round(width * _FINE), round(height * _FINE)
        pypdfium2.raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
        corners.append((across.value / _FINE, down.value / _FINE))
    return np.sort(np.array(corners), axis=0)


def _joined(letters: list[tuple[str, NDArray[np.float64]]]) -> Seen:
    text = "".join(letter for letter, _ in letters)
    low = np.min([box[0] for _, box in letters], axis=0)
    high = np.max([box[1] for _, box in letters], axis=0)
    return Seen(
        text.encode("utf-16", "surrogatepass").decode("utf-16"), tuple(map(float, (*low, *high)))
    )
