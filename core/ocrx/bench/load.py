"""From a path to a dataset, in whichever form it lies there."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from ocrx.bench.dataset import Dataset
from ocrx.bench.formats import icdar, labels, lmdb, paddle
from ocrx.bench.formats.rows import Loaded, first_row
from ocrx.errors import InputError, UnknownName
from ocrx.images import printable

FORMS: Mapping[str, Callable[[Path], Loaded]] = MappingProxyType(
    {
        "labels": labels.load,
        "paddle": paddle.load,
        "icdar": icdar.load_pages,
        "icdar-words": icdar.load_words,
        "lmdb": lmdb.load,
    }
)
"""What a dataset's form may be named."""

ORIGIN = "origin.txt"
"""A file beside the labels whose first line names the public repository they come from."""

KNOWN = (
    "Give a folder with labels.tsv, a label file of PaddleOCR, a folder with ICDAR's gt_*.txt and "
    "pictures, ICDAR's gt.txt of words, or the folder of an LMDB."
)
_FOLDERS = ("icdar", "lmdb")
_FILES = {"labels": labels.FILE, "lmdb": lmdb.FILE}
_PLACES = re.compile(r"(\s*-?\d+(\.\d+)?\s*,){8}")


def load_dataset(path: Path, *, form: str | None = None) -> Dataset:
    """The dataset at `path`, a folder or a file; `form` is one of FORMS, or None to find out.

    Labels are read and checked here, pictures when they are used; of an LMDB nothing is kept in
    memory. Raises InputError for what is no dataset or is damaged, naming file and line;
    UnknownName for a form that is none; UsageError if the form needs the extra `bench`.
    """
    if form is not None and form not in FORMS:
        near = difflib.get_close_matches(form, FORMS, 1)
        raise UnknownName(
            f"there is no form of datasets {form!r}",
            (f"Did you mean {near[0]!r}? " if near else "") + f"There are: {', '.join(FORMS)}.",
        )
    if not path.exists():
        raise InputError(f"{printable(str(path))} does not exist", "Check the name.")
    known, where = (form, _place(path, form)) if form else _detected(path)
    kind, samples = FORMS[known](where)
    if not len(samples):
        raise InputError(
            f"{printable(str(path))} has no samples",
            "Give a dataset with pictures whose text is known.",
        )
    folder = where if where.is_dir() else where.parent
    return Dataset(_name(where), path, kind, samples, _origin(folder))


def _place(path: Path, form: str) -> Path:
    """Where the format's own reader is to look."""
    if form in _FOLDERS:
        return path if path.is_dir() else path.parent
    if path.is_file():
        return path
    if form == "labels":
        return path / labels.FILE
    return _only([file for file in _texts(path) if _form_of(file) == form], path)


def _detected(path: Path) -> tuple[str, Path]:
    if path.is_file():
        form = "lmdb" if path.name == lmdb.FILE else _form_of(path)
        if form is None:
            raise InputError(f"{printable(str(path))} is no dataset that is known", KNOWN)
        return form, _place(path, form)
    for form, name in _FILES.items():
        if (path / name).is_file():
            return form, _place(path, form)
    if next(path.rglob(icdar.GT), None):
        return "icdar", path
    found = {file: form for file in _texts(path) if (form := _form_of(file))}
    one = _only(list(found), path)
    return found[one], one


def _form_of(file: Path) -> str | None:
    """What the first line of a file says about it; None if it is no file of labels."""
    try:
        text = first_row(file).text
    except InputError:
        return None
    if _PLACES.match(text):
        return "icdar"
    if "\t" in text:
        return "labels" if text.count("\t") > 1 or file.suffix == ".tsv" else "paddle"
    return "icdar-words" if icdar.is_word(text) else None


def _texts(folder: Path) -> list[Path]:
    return [f for f in sorted(folder.iterdir()) if f.suffix in (".txt", ".tsv") and f.is_file()]


def _only(found: list[Path], folder: Path) -> Path:
    if len(found) > 1:
        names = ", ".join(printable(file.name) for file in found)
        raise InputError(
            f"{printable(str(folder))} has several files of labels: {names}", "Give one of them."
        )
    if not found:
        raise InputError(f"there is no dataset in {printable(str(folder))}", KNOWN)
    return found[0]


def _name(where: Path) -> str:
    where = where.resolve()
    return where.parent.name if where.name == labels.FILE else where.stem


def _origin(folder: Path) -> str:
    file = folder / ORIGIN
    return first_row(file).text.strip() if file.is_file() else ""
