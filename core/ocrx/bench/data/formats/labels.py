"""A file of lines `path<TAB>text`, or `path<TAB>text<TAB>[{"poly": ..., "text": ...}, ...]`.

Paths are relative to the file. With the third column the pictures are pages, and `text` is their
text in reading order. A third column of `[]` beside a text says that the places are unknown.
"""

from __future__ import annotations

from pathlib import Path

from ocrx.bench.data.dataset import Sample
from ocrx.bench.data.form import NAMED, DatasetForm, Found, Loaded
from ocrx.bench.data.formats.rows import NOT_SCORED, Names, Row, first_row, places, rows
from ocrx.bench.data.formats.sniff import sniffed

FILE = "labels.tsv"
LINE = "path<TAB>text"
PAGE = 'path<TAB>text<TAB>[{"poly": [[x, y], ...], "text": "..."}, ...]'


class Labels(DatasetForm):
    hint = "a folder with labels.tsv"

    def find(self, path: Path) -> Found | None:
        if (path / FILE).is_file():
            return Found((path / FILE,), NAMED)
        return sniffed(path, "labels")

    def place(self, path: Path) -> Path:
        return path if path.is_file() else path / FILE

    def load(self, path: Path) -> Loaded:
        return load(path)


def load(path: Path) -> Loaded:
    """The dataset of the file `path`. Lines whose text is `###` are left out.

    Raises InputError for a file that cannot be read, naming the damaged line.
    """
    first = first_row(path)
    columns = first.text.count("\t") + 1
    if columns not in (2, 3):
        what = "it has no tab" if columns == 1 else f"it has {columns} columns"
        raise first.error(what, f"Write {LINE}, or {PAGE}.")
    names = Names()
    found = (_sample(row, columns, names) for row in rows(path))
    samples = tuple(sample for sample in found if sample is not None)
    return Loaded("lines" if columns == 2 else "pages", samples)


def _sample(row: Row, columns: int, names: Names) -> Sample | None:
    parts = row.text.split("\t")
    if len(parts) != columns or not parts[0]:
        raise row.error(
            f"it has {len(parts)} columns, but the first line has {columns}"
            if parts[0]
            else "it names no picture",
            f"Write {LINE if columns == 2 else PAGE}.",
        )
    source = row.path.parent / parts[0]
    if columns == 2:
        if parts[1] == NOT_SCORED:
            return None
        return Sample(names.unique(parts[0]), source, parts[1])
    lines = places(row, parts[2], "poly", "text")
    return Sample(names.unique(parts[0]), source, parts[1], lines)
