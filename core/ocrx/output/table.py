"""Tables with a row for each line of text and each item: CSV (quoted as in RFC 4180), and TSV
(escaped, never quoted).

Values are written exactly as they were read. A spreadsheet may take a value that begins with = for
a formula, so import the column `text` as text.
"""

from __future__ import annotations

import csv
import io
from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from ocrx.interfaces.writing import Writer
from ocrx.output.json import corners, dumps, fields_to_dict, match_to_dict
from ocrx.output.strings import well_formed

if TYPE_CHECKING:
    from ocrx.types import Image, Item, Line, Page, Quad

Cell: TypeAlias = str | int | float

CORNERS = ("x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4")
COLUMNS = (
    *("source", "index", "line", "row", *CORNERS),
    *("score", "detection_score", "text", "item", "fields"),
)
_TSV_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


class TableWriter(Writer):
    """Writes a row of column names, then a row for each line and each item."""

    rows = True

    def begin(self, several: bool) -> bytes:
        return self._encode([COLUMNS])

    def page(self, page: Page, image: Image | None) -> bytes:
        lines = [_line(page, i, line) for i, line in enumerate(page.lines)]
        return self._encode([*lines, *(_item(page, item) for item in page.items)])

    @abstractmethod
    def _encode(self, rows: Sequence[Sequence[Cell]]) -> bytes:
        """The rows in the format of the table."""


class CsvWriter(TableWriter):
    """Writes CSV, with all text quoted."""

    def _encode(self, rows: Sequence[Sequence[Cell]]) -> bytes:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC).writerows(rows)
        return buffer.getvalue().encode()


class TsvWriter(TableWriter):
    """Writes TSV, with tabs, line breaks and backslashes escaped."""

    def _encode(self, rows: Sequence[Sequence[Cell]]) -> bytes:
        lines = ("\t".join(str(cell).translate(_TSV_ESCAPES) for cell in row) for row in rows)
        return "".join(f"{line}\n" for line in lines).encode()


def _line(page: Page, number: int, line: Line) -> list[Cell]:
    return [
        well_formed(page.source),
        page.index,
        number,
        line.row,
        *_numbers(line.quad),
        round(float(line.score), 4),
        round(float(line.detection_score), 4),
        well_formed(line.text),
        "",
        "" if line.match is None else dumps(match_to_dict(line.match)),
    ]


def _item(page: Page, item: Item) -> list[Cell]:
    return [
        well_formed(page.source),
        page.index,
        "",
        "",
        *_numbers(item.quad),
        round(float(item.score), 4),
        "",
        well_formed(item.value),
        well_formed(item.type),
        dumps(fields_to_dict(item)) if item.fields else "",
    ]


def _numbers(quad: Quad) -> list[float]:
    return [value for corner in corners(quad) for value in corner]
