"""Tells the forms of label files that ocrx brings apart by a file's first line."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeAlias

from ocrx.bench.data.form import Found
from ocrx.bench.data.formats.rows import first_row
from ocrx.errors import InputError
from ocrx.system.text import printable

Name: TypeAlias = Literal["labels", "paddle", "icdar", "icdar-words"]

WORD = re.compile(r'(?P<path>[^,]+),\s*"(?P<text>.*)"\s*')
"""A line of ICDAR's file of words."""

_CORNERS = re.compile(r"(\s*-?\d+(\.\d+)?\s*,){8}")


def form_of(file: Path) -> Name | None:
    """The form of a label file; None if it is no label file. Raises InputError if it cannot be
    read."""
    first = first_row(file).text
    if _CORNERS.match(first):
        return "icdar"
    if file.suffix == ".tsv" or first.count("\t") > 1:
        return "labels"
    if "\t" in first:
        return "paddle"
    return "icdar-words" if WORD.fullmatch(first) else None


def sniffed(path: Path, form: Name) -> Found | None:
    """The label files in that form: `path` itself, or those in the folder `path`; None if there is
    none. Raises InputError if `path` is a file that cannot be read."""
    if path.is_file():
        return Found((path,)) if form_of(path) == form else None
    files = tuple(_labels_in(path, form))
    return Found(files) if files else None


def only_file(path: Path, form: Name, hint: str) -> Path:
    """The file `path`, or the only label file in that form in the folder `path`. Raises InputError,
    with `hint` as the remedy, if the folder has none; and if it has several."""
    if path.is_file():
        return path
    files = _labels_in(path, form)
    name = printable(str(path))
    if not files:
        raise InputError(f"{name} has no labels in the form {form!r}", f"Give {hint}.")
    if len(files) > 1:
        names = ", ".join(printable(file.name) for file in files)
        raise InputError(f"{name} has several label files: {names}", "Give one of them.")
    return files[0]


def _labels_in(folder: Path, form: Name) -> list[Path]:
    found = []
    for file in sorted(folder.iterdir()):
        if file.suffix in (".txt", ".tsv") and file.is_file():
            with suppress(InputError):  # a text file that holds something else
                if form_of(file) == form:
                    found.append(file)
    return found
