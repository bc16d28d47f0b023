"""What the forms share: rows of text files, places, and errors that name file and line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocrx.bench.data.dataset import Polygon, TrueLine
from ocrx.bench.data.places import in_order
from ocrx.errors import InputError
from ocrx.system.files import reading
from ocrx.system.text import printable

NOT_SCORED = "###"
"""Stands in place of a text that is not scored."""

LIMIT = 1e9
"""The largest coordinate that a corner may have, in pixels. It excludes infinity too."""

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Row:
    """One line of a text file. `number` is its number, from 1 on."""

    path: Path
    number: int
    text: str

    def error(self, what: str, remedy: str) -> InputError:
        """An error that names the file and the line, and says `what` is wrong with it."""
        return InputError(f"{printable(str(self.path))}, line {self.number}: {what}", remedy)


def rows(path: Path) -> Iterator[Row]:
    """The lines of a UTF-8 file that are not blank, without line ends and a byte order mark.

    Lines end with LF or CRLF only, because a text may contain U+2028 and other characters that
    `str.splitlines` takes for line ends. Raises InputError for a file that cannot be read or is not
    UTF-8.
    """
    with reading(printable(str(path))), path.open("rb") as file:
        for number, line in enumerate(file, 1):
            data = line.removeprefix(BOM) if number == 1 else line
            data = data.removesuffix(b"\n").removesuffix(b"\r")
            try:
                row = Row(path, number, data.decode("utf-8"))
            except UnicodeDecodeError as error:
                raise Row(path, number, "").error(
                    f"byte {error.start + 1} is not UTF-8", "Convert the file to UTF-8."
                ) from error
            if row.text.strip():
                yield row


def first_row(path: Path) -> Row:
    """The first line of a UTF-8 file that is not blank. Raises InputError if there is none, or if
    it cannot be read."""
    for row in rows(path):
        return row
    raise InputError(f"{printable(str(path))} has no lines", "Give a file with labels in it.")


def parsed(row: Row, text: str, what: str) -> Any:
    """The value of the JSON in `text`. Raises InputError, with `what` as its name, if it is not
    JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise row.error(f"{what} is not JSON: {error}", "Correct the line.") from error


def places(row: Row, text: str, polygon_key: str, text_key: str) -> tuple[TrueLine, ...]:
    """The lines in `text`, a JSON list of objects with a polygon and a text under these keys.
    Raises InputError for anything else."""
    listed = parsed(row, text, "the list of places")
    shape = f'[{{"{polygon_key}": [[x, y], ...], "{text_key}": "..."}}, ...]'
    if not isinstance(listed, list):
        raise row.error("the places are not a list", f"Write {shape}.")
    found = []
    for one in listed:
        if not isinstance(one, dict) or not isinstance(one.get(text_key), str):
            raise row.error(f"a place has no {text_key!r}", f"Write {shape}.")
        found.append(true_line(row, one.get(polygon_key), one[text_key]))
    return tuple(found)


def true_line(row: Row, points: object, text: str) -> TrueLine:
    """The line with those corners, a list of [x, y] in pixels. Raises InputError if they are not
    three or more."""
    return TrueLine(_polygon(row, points), None if text == NOT_SCORED else text)


def _polygon(row: Row, points: object) -> Polygon:
    if isinstance(points, list) and len(points) >= 3 and all(map(_is_corner, points)):
        return tuple((float(x), float(y)) for x, y in points)
    raise row.error(
        f"{json.dumps(points)} is not a polygon", "Give three or more corners [x, y], in pixels."
    )


def _is_corner(point: object) -> bool:
    return (
        isinstance(point, list)
        and len(point) == 2
        and all(isinstance(v, int | float) and abs(v) <= LIMIT for v in point)
    )


def page_text(lines: Sequence[TrueLine]) -> str:
    """The text of the scored lines in reading order, joined by spaces."""
    scored = [line for line in lines if line.text is not None]
    ordered = [scored[index] for index in in_order([line.polygon for line in scored])]
    return " ".join(line.text or "" for line in ordered)


@dataclass
class Names:
    """Makes names unique: the second "a.png" is "a.png#2"."""

    _seen: dict[str, int] = field(default_factory=dict)

    def unique(self, name: str) -> str:
        count = self._seen[name] = self._seen.get(name, 0) + 1
        return name if count == 1 else self.unique(f"{name}#{count}")
