"""From a path to a dataset, in whichever form it lies there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from ocrx.bench.data.dataset import Dataset
from ocrx.bench.data.formats import icdar, labels, lmdb, paddle
from ocrx.bench.data.formats.rows import Loaded, first_row
from ocrx.errors import InputError, UnknownName
from ocrx.system.suggest import did_you_mean
from ocrx.system.text import printable

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
        raise UnknownName(
            f"there is no form of datasets {form!r}",
            f"{did_you_mean(form, FORMS)}There are: {', '.join(FORMS)}.",
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
    return _only([file for file, known in _labels_in(path).items() if known == form], path)


def _detected(path: Path) -> tuple[str, Path]:
    if path.is_file():
        form = "lmdb" if path.name == lmdb.FILE else _form_of(path, first_row(path).text)
        if form is None:
            raise InputError(f"{printable(str(path))} is no dataset that is known", KNOWN)
        return form, _place(path, form)
    for form, name in _FILES.items():
        if (path / name).is_file():
            return form, _place(path, form)
    if next(path.rglob(icdar.GT), None):
        return "icdar", path
    found = _labels_in(path)
    one = _only(list(found), path)
    return found[one], one


def _labels_in(folder: Path) -> dict[Path, str]:
    """Its files that look like labels, with their form."""
    found = {}
    for file in sorted(folder.iterdir()):
        if file.suffix in (".txt", ".tsv") and file.is_file():
            with suppress(InputError):  # of a text that is something else
                if form := _form_of(file, first_row(file).text):
                    found[file] = form
    return found


def _form_of(file: Path, first: str) -> str | None:
    """What the first line of a file says about it; None if it is no file of labels."""
    if _PLACES.match(first):
        return "icdar"
    if file.suffix == ".tsv" or first.count("\t") > 1:
        return "labels"
    if "\t" in first:
        return "paddle"
    return "icdar-words" if icdar.is_word(first) else None


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
