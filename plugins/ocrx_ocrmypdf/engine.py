"""ocrx as OCRmyPDF's engine."""

from __future__ import annotations

import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from ocrx.errors import OcrxError
from ocrx.output.hocr import HocrWriter
from ocrx.output.places import angle
from ocrx.reading.reader import Reader
from ocrx.types import Line, Page
from ocrx.version import VERSION
from ocrx_ocrmypdf.elements import page_element

OPTIONS = (
    "recognizer",
    "detector",
    "page_reader",
    "backend",
    "device",
    "language",
    "precision",
    "quality",
    "threads",
)
"""The arguments of Reader that are options of the plugin, with `ocrx_` before them."""

CERTAIN = 20.0
"""How sure OCRmyPDF is told an orientation is that all text agrees on, in units of Tesseract. By
default 14 is enough: 70 % of the text."""


class OcrxEngine:
    """What OCRmyPDF calls, in its worker processes or threads. Each process opens one reader."""

    @staticmethod
    def version() -> str:
        """The version of ocrx."""
        return VERSION

    @staticmethod
    def creator_tag(options: Any) -> str:
        """What the PDF says it was read with."""
        return f"ocrx {VERSION}"

    def __str__(self) -> str:
        return f"ocrx {VERSION}"

    @staticmethod
    def languages(options: Any) -> Set[str]:
        """None, so that OCRmyPDF checks none: `--ocrx-language` is checked by ocrx."""
        return set()

    @staticmethod
    def get_orientation(input_file: Path, options: Any) -> Any:
        """How far a page is turned clockwise: as most of its text is."""
        from ocrmypdf.pluginspec import OrientationConfidence

        lines = [line for line in _read(input_file, options).lines if not _is_column(line)]
        votes = Counter(
            round(angle(line.quad) / 90) * 90 % 360 for line in lines for _ in line.text
        )
        if not votes:
            return OrientationConfidence(0, 0.0)
        ((turned, count),) = votes.most_common(1)
        return OrientationConfidence(turned, CERTAIN * count / votes.total())

    @staticmethod
    def get_deskew(input_file: Path, options: Any) -> float:
        """How far a page must be turned anticlockwise for level lines, in degrees."""
        lines = _read(input_file, options).lines
        tilts = [(angle(line.quad) + 45) % 90 - 45 for line in lines for _ in line.text]
        return statistics.median(tilts) if tilts else 0.0

    @staticmethod
    def supports_generate_ocr() -> bool:
        """Yes: OCRmyPDF gets words with their places, without a file in between."""
        return True

    @staticmethod
    def generate_ocr(input_file: Path, options: Any, page_number: int = 0) -> tuple[Any, str]:
        """The page as a tree of OcrElement, and its text."""
        page = _read(input_file, options)
        return page_element(page, page_number), page.text

    @staticmethod
    def generate_hocr(input_file: Path, output_hocr: Path, output_text: Path, options: Any) -> None:
        """Write the page as hOCR, and its text."""
        page = _read(input_file, options)
        writer = HocrWriter()
        output_hocr.write_bytes(writer.begin(False) + writer.page(page, None) + writer.end())
        output_text.write_text(page.text, encoding="utf-8")

    @staticmethod
    def generate_pdf(input_file: Path, output_pdf: Path, output_text: Path, options: Any) -> None:
        """Not offered: OCRmyPDF makes the PDF itself."""
        raise NotImplementedError("ocrx has no PDF renderer: leave out --pdf-renderer sandwich")


def _is_column(line: Line) -> bool:
    """Whether a line that runs down is a column of characters that stand upright, as Chinese,
    Japanese and Korean have them."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in line.text)
    return 45 < angle(line.quad) < 135 and 2 * wide > len(line.text)


def reader_options(options: Any) -> Mapping[str, Any]:
    """The arguments of Reader that were given."""
    given = {name: options.extra_attrs.get(f"ocrx_{name}") for name in OPTIONS}
    return {name: value for name, value in given.items() if value is not None}


def open_reader(arguments: Mapping[str, Any]) -> Reader:
    """A reader of pages."""
    return Reader(**{"layout": "page", **arguments})


@lru_cache(maxsize=1)
def _kept_reader(arguments: tuple[tuple[str, Any], ...]) -> Reader:
    """The reader of this process, which serves one document with the same options throughout."""
    return open_reader(dict(arguments))


@lru_cache(maxsize=1)
def _kept_page(file: Path, changed: int, arguments: tuple[tuple[str, Any], ...]) -> Page:
    return _kept_reader(arguments).read(file)


def _read(file: Path, options: Any) -> Page:
    """The page that a picture shows. The last one is kept, since OCRmyPDF may ask for the tilt and
    then for the text of a picture."""
    arguments = tuple(reader_options(options).items())
    with _told():
        return _kept_page(file, file.stat().st_mtime_ns, arguments)


@contextmanager
def _told() -> Iterator[None]:
    """Errors of ocrx, with their remedies, as those that OCRmyPDF prints without a traceback."""
    from ocrmypdf.exceptions import ExitCodeException

    try:
        yield
    except OcrxError as error:
        raise ExitCodeException(str(error)) from error
