"""Tables, one row per line of text: CSV (RFC 4180 quoting) and TSV (escaped, never quoted).

Values are the data as it was read. A program that takes a cell that begins with = for a formula
must be told to import the column `text` as text.
"""

from __future__ import annotations

import csv
import io
from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from ocrx.output.json import corners
from ocrx.output.strings import well_formed
from ocrx.output.writer import Writer

if TYPE_CHECKING:
    from ocrx.types import Line, Page

Cell: TypeAlias = str | int | float

CORNERS = ("x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4")
COLUMNS = ("source", "index", "line", "row", *CORNERS, "score", "detection_score", "text")
_TSV_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


class TableWriter(Writer):
    """A row of column names, then a row for each line."""

    def begin(self) -> bytes:
        return self._encode([COLUMNS])

    def page(self, page: Page) -> bytes:
        return self._encode([_row(page, i, line) for i, line in enumerate(page.lines)])

    @abstractmethod
    def _encode(self, rows: Sequence[Sequence[Cell]]) -> bytes:
        """The rows in the format."""


class CsvWriter(TableWriter):
    def _encode(self, rows: Sequence[Sequence[Cell]]) -> bytes:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC).writerows(rows)
        return buffer.getvalue().encode()


class TsvWriter(TableWriter):
    def _encode(self, rows: Sequence[Sequence[Cell]]) -> bytes:
        lines = ("\t".join(str(cell).translate(_TSV_ESCAPES) for cell in row) for row in rows)
        return "".join(f"{line}\n" for line in lines).encode()


def _row(page: Page, number: int, line: Line) -> list[Cell]:
    return [
        well_formed(page.source),
        page.index,
        number,
        line.row,
        *(value for corner in corners(line.quad) for value in corner),
        round(float(line.score), 4),
        round(float(line.detection_score), 4),
        well_formed(line.text),
    ]
