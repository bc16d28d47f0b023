"""Which of the forms that ocrx brings a file of labels is in, by its first line."""

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

_PLACES = re.compile(r"(\s*-?\d+(\.\d+)?\s*,){8}")


def form_of(file: Path) -> Name | None:
    """None if it is no file of labels. Raises InputError if it cannot be read."""
    first = first_row(file).text
    if _PLACES.match(first):
        return "icdar"
    if file.suffix == ".tsv" or first.count("\t") > 1:
        return "labels"
    if "\t" in first:
        return "paddle"
    return "icdar-words" if WORD.fullmatch(first) else None


def sniffed(path: Path, form: Name) -> Found | None:
    """The file, or the files in the folder, that are labels in that form."""
    if path.is_file():
        return Found((path,)) if form_of(path) == form else None
    files = tuple(_labels_in(path, form))
    return Found(files) if files else None


def only_file(path: Path, form: Name, hint: str) -> Path:
    """The file, or the one file in the folder that is labels in that form."""
    if path.is_file():
        return path
    files = _labels_in(path, form)
    name = printable(str(path))
    if not files:
        raise InputError(f"there are no labels in the form {form!r} in {name}", f"Give {hint}.")
    if len(files) > 1:
        names = ", ".join(printable(file.name) for file in files)
        raise InputError(f"{name} has several files of labels: {names}", "Give one of them.")
    return files[0]


def _labels_in(folder: Path, form: Name) -> list[Path]:
    found = []
    for file in sorted(folder.iterdir()):
        if file.suffix in (".txt", ".tsv") and file.is_file():
            with suppress(InputError):  # of a text that is something else
                if form_of(file) == form:
                    found.append(file)
    return found
