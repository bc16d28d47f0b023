"""Datasets of drawn pictures, in any of the forms that ocrx reads."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, NamedTuple, TextIO

import cv2

from ocrx.errors import OutputError, UsageError
from ocrx.system.text import printable
from ocrx_training.synth.drawing import Drawn


class Encoded(NamedTuple):
    """A picture as a PNG, its text, its kind, and the corners of the text."""

    png: bytes
    text: str
    kind: str
    quad: tuple[tuple[float, float], ...]


def encoded(drawn: Drawn) -> Encoded:
    """The picture as a file is to hold it."""
    done, data = cv2.imencode(".png", drawn.picture[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not done:
        raise RuntimeError("OpenCV cannot encode a PNG")
    quad = tuple((round(float(x), 1), round(float(y), 1)) for x, y in drawn.quad)
    return Encoded(data.tobytes(), drawn.text, drawn.kind, quad)


class Writer(ABC):
    """Writes a dataset into an empty folder. Use it in a `with`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "images").mkdir(parents=True, exist_ok=True)

    @abstractmethod
    def add(self, number: int, one: Encoded) -> None:
        """Write a picture and its truth."""

    @abstractmethod
    def close(self) -> None:
        """Write what is left."""

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _picture(self, number: int, one: Encoded) -> str:
        name = f"images/{number:07}.png"
        (self._folder / name).write_bytes(one.png)
        return name


class LineFile(Writer):
    """Pictures, and a file with a line for each."""

    file = "labels.tsv"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._labels: TextIO = (folder / self.file).open("w", encoding="utf-8", newline="\n")

    def add(self, number: int, one: Encoded) -> None:
        print(self.line(self._picture(number, one), one.text), file=self._labels)

    def line(self, path: str, text: str) -> str:
        """The line of a picture."""
        return f"{path}\t{text}"

    def close(self) -> None:
        self._labels.close()


class PaddleFile(LineFile):
    """A label file of PaddleOCR for recognition."""

    file = "rec_gt.txt"


class WordsFile(LineFile):
    """The words of ICDAR 2015: lines `word_1.png, "text"`, in which a quote is written `\\"`."""

    file = "gt.txt"

    def line(self, path: str, text: str) -> str:
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'{path}, "{quoted}"'


class PageFiles(Writer):
    """The pages of ICDAR 2015: a file for each picture, with the corners of its text."""

    def close(self) -> None:
        """Nothing is left: each picture has its truth at once."""

    def add(self, number: int, one: Encoded) -> None:
        self._picture(number, one)
        corners = ",".join(str(round(value)) for point in one.quad for value in point)
        truth = self._folder / "images" / f"gt_{number:07}.txt"
        truth.write_text(f"{corners},{one.text}\n", encoding="utf-8", newline="\n")


class LmdbFile(Writer):
    """An LMDB as benchmarks of text recognition use it."""

    BATCH = 500
    ROOM = 1 << 40

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lmdb = _lmdb()
        self._store = self._lmdb.open(str(folder), map_size=self.ROOM, writemap=False)
        self._waiting: dict[bytes, bytes] = {}
        self._count = 0

    def add(self, number: int, one: Encoded) -> None:
        self._count += 1
        self._waiting[b"image-%09d" % self._count] = one.png
        self._waiting[b"label-%09d" % self._count] = one.text.encode()
        if len(self._waiting) >= self.BATCH:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._store.close()

    def _flush(self) -> None:
        """Write what waits, and the number of pictures so far, in one transaction."""
        self._waiting[b"num-samples"] = str(self._count).encode()
        try:
            with self._store.begin(write=True) as transaction:
                transaction.cursor().putmulti(self._waiting.items())
        except self._lmdb.Error as error:
            raise OSError(str(error)) from error
        self._waiting.clear()


def _lmdb() -> Any:
    try:
        import lmdb
    except ModuleNotFoundError as error:
        raise UsageError(
            "the form lmdb needs the package lmdb, which is not installed",
            "Get it with: pip install 'ocrx[train]'.",
        ) from error
    return lmdb


FORMS: Mapping[str, type[Writer]] = MappingProxyType(
    {
        "labels": LineFile,
        "paddle": PaddleFile,
        "icdar-words": WordsFile,
        "icdar": PageFiles,
        "lmdb": LmdbFile,
    }
)
"""The writer of each form of datasets."""

RECIPE = "synth.json"
"""What the pictures were drawn from, beside them."""


def write_dataset(
    folder: Path, form: str, pictures: Iterable[Encoded], recipe: Mapping[str, object]
) -> int:
    """Write the pictures in that form, and the recipe beside them; how many there are.

    What was written when it ends early is a dataset of what was drawn so far. Raises UsageError for
    an unknown form or a folder that is not empty, OutputError if something cannot be written.
    """
    name = printable(str(folder))
    if form not in FORMS:
        raise UsageError(f"there is no form {form!r}", f"Choose one of: {', '.join(FORMS)}.")
    try:
        if folder.exists() and any(folder.iterdir()):
            raise UsageError(f"{name} is not empty", "Give a new folder, so that nothing is lost.")
        total = 0
        with FORMS[form](folder) as writer:
            (folder / RECIPE).write_text(json.dumps(recipe, indent=1) + "\n", encoding="utf-8")
            for number, one in enumerate(pictures):
                writer.add(number, one)
                total += 1
    except OSError as error:
        raise OutputError(
            f"cannot write {name}: {error.strerror or error}",
            "Give a folder that can be written, on a disk with room.",
        ) from error
    return total
