"""What a dataset holds: its digest, the sizes of its pictures, the characters and lengths of its
texts."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ocrx.bench.data.dataset import Dataset, DatasetInfo, Sample
from ocrx.errors import InputError
from ocrx.images.document import Blob
from ocrx.images.opening import open_document, source_name
from ocrx.types import Image


@dataclass(frozen=True)
class Spread:
    least: float
    median: float
    greatest: float


@dataclass(frozen=True)
class Summary:
    """`texts` and `not_scored` count lines of text, `unreadable` pictures. `heights` and `widths`
    are pixels of the pictures that can be read, None if none can. `characters` and `lengths` count
    the characters of the scored texts, and the texts of each length."""

    info: DatasetInfo
    texts: int
    not_scored: int
    unreadable: int
    heights: Spread | None
    widths: Spread | None
    characters: Counter[str]
    lengths: Counter[int]


def describe(dataset: Dataset) -> DatasetInfo:
    """The dataset as a result names it. Reads every picture's bytes for the digest."""
    seal = Seal()
    for sample in dataset.samples:
        seal.add(sample, content(sample))
    return _info(dataset, seal)


def summarize(dataset: Dataset, samples: Iterable[Sample]) -> Summary:
    """Reads and decodes every picture. `samples` are all of the dataset's, in order, through
    whatever shows how far this is."""
    seal, sizes, unreadable = Seal(), list[tuple[int, int]](), 0
    characters, lengths, not_scored = Counter[str](), Counter[int](), 0
    for sample in samples:
        data = content(sample)
        seal.add(sample, data)
        try:
            sizes.append(picture(sample, data).shape[:2])
        except InputError:
            unreadable += 1
        for text in texts_of(sample):
            if text is None:
                not_scored += 1
            else:
                characters.update(text)
                lengths[len(text)] += 1
    return Summary(
        info=_info(dataset, seal),
        texts=lengths.total(),
        not_scored=not_scored,
        unreadable=unreadable,
        heights=_spread([height for height, _ in sizes]),
        widths=_spread([width for _, width in sizes]),
        characters=characters,
        lengths=lengths,
    )


class Seal:
    """The sha256 of a dataset: of names, truths and pictures, wherever they lie."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, sample: Sample, data: bytes | None) -> None:
        """`data` is the picture's `content`."""
        lines = sample.lines and [[line.polygon, line.text] for line in sample.lines]
        sha256 = None if data is None else hashlib.sha256(data).hexdigest()
        told = json.dumps([sample.name, sample.text, lines, sha256])
        self._hash.update(f"{told}\n".encode())

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


def texts_of(sample: Sample) -> Iterator[str | None]:
    """The texts of its lines, None for one that is not scored; of a picture without, its text."""
    if sample.lines:
        yield from (line.text for line in sample.lines)
    elif sample.lines is None or sample.text:
        yield sample.text


def content(sample: Sample) -> bytes | None:
    """The encoded picture, or the pixels of one that is in memory; None if it cannot be had."""
    source = sample.source
    if isinstance(source, Blob):
        return source.data
    if isinstance(source, bytes | bytearray):
        return bytes(source)
    if isinstance(source, str | os.PathLike):
        try:
            return Path(source).read_bytes()
        except (OSError, ValueError):  # ValueError: a name with a NUL in it
            return None
    with open_document(source) as document:
        return document.image(0).tobytes()


def picture(sample: Sample, data: bytes | None) -> Image:
    """The sample's picture, decoded from its `content`. Raises InputError if there is none, if it
    is damaged, or if there are several in one file."""
    of_bytes = isinstance(sample.source, str | os.PathLike | Blob | bytes | bytearray)
    name = source_name(sample.source)
    source = Blob(data, name) if data is not None and of_bytes else sample.source
    with open_document(source) as document:
        if len(document) > 1:
            raise InputError(
                f"{document.name} has {len(document)} pages", "Give each page a file of its own."
            )
        return document.image(0)


def _info(dataset: Dataset, seal: Seal) -> DatasetInfo:
    return DatasetInfo(
        dataset.name,
        dataset.kind,
        len(dataset.samples),
        str(dataset.path),
        dataset.origin,
        f"sha256:{seal.digest}",
    )


def _spread(values: list[int]) -> Spread | None:
    return Spread(min(values), median(values), max(values)) if values else None
