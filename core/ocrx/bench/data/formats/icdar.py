"""Ground truth in the form of the ICDAR 2015 competition on incidental scene text.

Pages: a file `gt_NAME.txt` for each picture `NAME.*`, with lines `x1,y1,x2,y2,x3,y3,x4,y4,text`.
Words: one file of lines `word_1.png, "text"`, in which a quote is written `\\"`.

https://rrc.cvc.uab.es/?ch=4&com=tasks
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ocrx.bench.data.dataset import Sample, TrueLine
from ocrx.bench.data.form import NAMED_BELOW, DatasetForm, Found, Loaded
from ocrx.bench.data.formats.rows import NOT_SCORED, Names, Row, page_text, rows, true_line
from ocrx.bench.data.formats.sniff import WORD, only_file, sniffed
from ocrx.errors import InputError
from ocrx.images.sources import is_known
from ocrx.system.text import printable

NUMBER = re.compile(r"\s*-?\d+(\.\d+)?\s*")
GT = "gt_*.txt"


class IcdarPages(DatasetForm):
    hint = "a folder with ICDAR's gt_*.txt and pictures"

    def find(self, path: Path) -> Found | None:
        if path.is_file():
            return Found((path.parent,)) if sniffed(path, "icdar") else None
        return Found((path,), NAMED_BELOW) if next(path.rglob(GT), None) else None

    def place(self, path: Path) -> Path:
        return path if path.is_dir() else path.parent

    def load(self, path: Path) -> Loaded:
        return load_pages(path)


class IcdarWords(DatasetForm):
    hint = "ICDAR's gt.txt of words"

    def find(self, path: Path) -> Found | None:
        return sniffed(path, "icdar-words")

    def place(self, path: Path) -> Path:
        return only_file(path, "icdar-words", self.hint)

    def load(self, path: Path) -> Loaded:
        return load_words(path)


def load_pages(path: Path) -> Loaded:
    """Each `gt_NAME.txt` in or below the folder `path`, with its picture from anywhere there.
    Where a picture is missing, the sample's source is the path NAME beside its truth.

    Raises InputError if all pictures are missing, if two pictures or two truths have the same
    name, or for a damaged line. It names the files, or the line.
    """
    truths = sorted(path.rglob(GT), key=_natural)
    names = {_stem(truth) for truth in truths}
    files = sorted(file for file in path.rglob("*") if file.stem in names and is_known(file))
    pictures = _by_name("pictures", [(file.stem, file) for file in files])
    if truths and not pictures:
        raise InputError(
            f"no gt_*.txt in {printable(str(path))} has a picture; there is no "
            f"{printable(_stem(truths[0]))}.*, for example",
            "Put the pictures into that folder or below it, under the names that the truth has.",
        )
    _by_name("truths", [(_stem(truth), truth) for truth in truths])
    return Loaded("pages", tuple(_page(path, truth, pictures) for truth in truths))


def load_words(path: Path) -> Loaded:
    """The dataset of the file `path`, with its pictures beside it. Lines whose text is `###` are
    left out.

    Raises InputError for a file that cannot be read, naming the damaged line.
    """
    names = Names()
    found = (_word(row, names) for row in rows(path))
    return Loaded("lines", tuple(sample for sample in found if sample is not None))


def _word(row: Row, names: Names) -> Sample | None:
    match = WORD.fullmatch(row.text)
    if match is None:
        raise row.error("it is no line of ICDAR's words", 'Write word_1.png, "text".')
    text = re.sub(r'\\(["\\])', r"\1", match["text"])
    if text == NOT_SCORED:
        return None
    return Sample(names.unique(match["path"]), row.path.parent / match["path"], text)


def _by_name(what: str, named: Sequence[tuple[str, Path]]) -> dict[str, Path]:
    """The files by their names. Raises InputError for two of the same name: ICDAR's sets all number
    their pictures alike, so in a folder with several sets the truth of a picture is unknown."""
    found: dict[str, Path] = {}
    for name, file in named:
        if (first := found.setdefault(name, file)) != file:
            raise InputError(
                f"there are two {what} for {printable(name)}: {printable(str(first))} and "
                f"{printable(str(file))}",
                "Give a folder that has only one of them, with what belongs to it.",
            )
    return found


def _page(folder: Path, truth: Path, pictures: dict[str, Path]) -> Sample:
    source = pictures.get(_stem(truth), truth.with_name(_stem(truth)))
    lines = tuple(_line(row) for row in rows(truth))
    return Sample(source.relative_to(folder).as_posix(), source, page_text(lines), lines)


def _stem(truth: Path) -> str:
    return truth.stem.removeprefix("gt_")


def _line(row: Row) -> TrueLine:
    parts = row.text.split(",", 8)
    if len(parts) != 9 or not all(map(NUMBER.fullmatch, parts[:8])):
        raise row.error(
            "it does not begin with eight numbers", "Write x1,y1,x2,y2,x3,y3,x4,y4,text."
        )
    numbers = [float(part) for part in parts[:8]]
    points = [[x, y] for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
    return true_line(row, points, parts[8])


def _natural(path: Path) -> list[tuple[int, str]]:
    """A sort key that puts img_2 before img_10."""
    parts = re.split(r"(\d+)", str(path))
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
