"""LMDB as benchmarks of text recognition use it. `num-samples` is the number of samples. Each, from
1 on, has `image-%09d`, an encoded picture, and `label-%09d`, its text in UTF-8.

https://github.com/clovaai/deep-text-recognition-benchmark/blob/master/create_lmdb_dataset.py
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, overload

from ocrx.bench.data.dataset import Sample
from ocrx.bench.data.extra import bench_module
from ocrx.bench.data.form import NAMED, DatasetForm, Found, Loaded
from ocrx.errors import InputError
from ocrx.images.document import Blob
from ocrx.system.text import printable

FILE = "data.mdb"
COUNT = b"num-samples"
BLOCK = 256
"""The number of samples that an iteration reads at a time."""

_ONE_AT_A_TIME = threading.Lock()
"""Held while an LMDB is open: a process may open the same one only once."""


class Lmdb(DatasetForm):
    hint = "the folder of an LMDB"

    def find(self, path: Path) -> Found | None:
        if path.name == FILE and path.is_file():
            return Found((path.parent,), NAMED)
        return Found((path,), NAMED) if (path / FILE).is_file() else None

    def place(self, path: Path) -> Path:
        return path if path.is_dir() else path.parent

    def load(self, path: Path) -> Loaded:
        return load(path)


def load(path: Path) -> Loaded:
    """The dataset of the folder `path`. Each sample is read when it is indexed, and not kept.

    Raises InputError for a folder that holds no such LMDB, or one that is cut off; UsageError if
    the package lmdb is not installed.
    """
    with _opened(path) as (values, entries):
        text = values.get(COUNT)
    if text is None or not text.isdigit():
        raise InputError(
            f"{printable(str(path))} has no number under the key {COUNT.decode()!r}",
            "Give an LMDB made for text recognition, with num-samples, image-%09d and label-%09d.",
        )
    if int(text) > entries:
        raise InputError(
            f"{printable(str(path))} claims {int(text)} samples but has {entries} entries",
            "Make or copy it again.",
        )
    return Loaded("lines", LmdbSamples(path, range(1, int(text) + 1)))


class LmdbSamples(Sequence[Sample]):
    """The samples with those numbers. It can be pickled, and used by several threads.

    Indexing raises InputError if a picture or label is missing, or if a label is not UTF-8.
    """

    def __init__(self, path: Path, numbers: range) -> None:
        self._path = path
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Sample: ...

    @overload
    def __getitem__(self, index: slice) -> LmdbSamples: ...

    def __getitem__(self, index: int | slice) -> Sample | LmdbSamples:
        if isinstance(index, slice):
            return LmdbSamples(self._path, self._numbers[index])
        return self._read(range(self._numbers[index], self._numbers[index] + 1))[0]

    def __iter__(self) -> Iterator[Sample]:
        for start in range(0, len(self._numbers), BLOCK):
            yield from self._read(self._numbers[start : start + BLOCK])

    def _read(self, numbers: range) -> list[Sample]:
        with _opened(self._path) as (values, _):
            return [self._sample(values, number) for number in numbers]

    def _sample(self, values: Any, number: int) -> Sample:
        name = f"image-{number:09d}"
        data = self._value(values, name)
        try:
            text = self._value(values, f"label-{number:09d}").decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(
                f"label-{number:09d} in {printable(str(self._path))} is not UTF-8",
                "Make the LMDB again, with labels in UTF-8.",
            ) from error
        return Sample(name, Blob(data, name), text)

    def _value(self, values: Any, key: str) -> bytes:
        value: bytes | None = values.get(key.encode())
        if value is None:
            raise InputError(
                f"{printable(str(self._path))} has no {key}, although it claims more samples",
                "Make or copy it again.",
            )
        return value


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, int]]:
    """A read transaction on the LMDB in the folder `path`, and the number of its keys."""
    lmdb = bench_module("lmdb")
    settings = {"readonly": True, "lock": False, "create": False, "readahead": False}
    try:
        with (
            _ONE_AT_A_TIME,
            lmdb.open(str(path), **settings) as environment,
            environment.begin() as values,
        ):
            _check_complete(path, environment)
            yield values, environment.stat()["entries"]
    except lmdb.Error as error:
        raise InputError(
            f"{printable(str(path))} cannot be read as LMDB: {printable(str(error))}",
            f"Give the folder of an LMDB, with its {FILE}.",
        ) from error


def _check_complete(path: Path, environment: Any) -> None:
    """Raise InputError for a file that is cut off: reading past its end would kill the process."""
    pages = environment.info()["last_pgno"] + 1
    needed = pages * environment.stat()["psize"]
    if (path / FILE).stat().st_size < needed:
        raise InputError(
            f"{printable(str(path / FILE))} is cut off: it should have {needed} bytes",
            "Copy it again.",
        )
