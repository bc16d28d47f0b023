"""Label files of PaddleOCR, for recognition and for detection.

Recognition: `path<TAB>text`, with a JSON list of paths in place of the path if several pictures
share the text. Detection: `path<TAB>[{"transcription": ..., "points": [[x, y], ...]}, ...]`. The
texts `*` and `###` mark lines that are not scored. Paths are relative to the file's folder, or to
its parent as PPOCRLabel writes them.

https://github.com/PaddlePaddle/PaddleOCR/blob/main/docs/datasets/ocr_datasets.en.md
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ocrx.bench.data.dataset import Sample
from ocrx.bench.data.form import DatasetForm, Found, Loaded
from ocrx.bench.data.formats.rows import (
    NOT_SCORED,
    Names,
    Row,
    page_text,
    parsed,
    places,
    rows,
)
from ocrx.bench.data.formats.sniff import only_file, sniffed
from ocrx.errors import InputError
from ocrx.system.text import printable

NO_PLACES = "[]"
ILLEGIBLE = "*"
"""The text of lines that PaddleOCR ignores when it trains a detector, like NOT_SCORED."""

LINE = "path<TAB>text"
PAGE = 'path<TAB>[{"transcription": "...", "points": [[x, y], ...]}, ...]'


class Paddle(DatasetForm):
    hint = "a label file of PaddleOCR"

    def find(self, path: Path) -> Found | None:
        return sniffed(path, "paddle")

    def place(self, path: Path) -> Path:
        return only_file(path, "paddle", self.hint)

    def load(self, path: Path) -> Loaded:
        return load(path)


def load(path: Path) -> Loaded:
    """The dataset of the file `path`. It is one of pages if its first label is a list of objects.
    Otherwise it is one of lines, and those whose text is `###` are left out.

    Raises InputError for a file that cannot be read, naming the damaged line.
    """
    first = next((row for row in rows(path) if _label(row) != NO_PLACES), None)
    if first is None:
        raise InputError(f"{printable(str(path))} has no labels", "Give a file with labels in it.")
    names, folder = Names(), _folder(path, _paths(first)[0])
    if _label(first).startswith("[{"):
        return Loaded("pages", tuple(_page(row, folder, names) for row in rows(path)))
    found = (sample for row in rows(path) for sample in _lines(row, folder, names))
    return Loaded("lines", tuple(found))


def _label(row: Row) -> str:
    _, tab, label = row.text.partition("\t")
    if not tab:
        raise row.error("it has no tab", f"Write {LINE}, or {PAGE}.")
    return label


def _paths(row: Row) -> list[str]:
    text = row.text.partition("\t")[0]
    if not text.startswith("["):
        return [text]
    paths = parsed(row, text, "the list of pictures")
    if not isinstance(paths, list) or not paths or not all(isinstance(p, str) for p in paths):
        raise row.error("it names no pictures", 'Write ["a.jpg", "b.jpg"] or a.jpg.')
    return paths


def _folder(labels: Path, picture: str) -> Path:
    folder = labels.parent
    above = folder.resolve().parent
    return above if not (folder / picture).exists() and (above / picture).exists() else folder


def _lines(row: Row, folder: Path, names: Names) -> Iterator[Sample]:
    text = _label(row)
    if text == NOT_SCORED:
        return
    for path in _paths(row):
        yield Sample(names.unique(path), folder / path, text)


def _page(row: Row, folder: Path, names: Names) -> Sample:
    path = row.text.partition("\t")[0]
    found = places(row, _label(row), "points", "transcription")
    lines = tuple(replace(one, text=None) if one.text == ILLEGIBLE else one for one in found)
    return Sample(names.unique(path), folder / path, page_text(lines), lines)
