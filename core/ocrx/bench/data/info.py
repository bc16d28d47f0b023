"""Describes a dataset: its digest, the sizes of its pictures, the characters and lengths of its
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
    """The range and the median of some values."""

    least: float
    median: float
    greatest: float


@dataclass(frozen=True)
class Summary:
    """What a dataset holds.

    `texts` and `not_scored` count lines of text, `unreadable` counts pictures. `heights` and
    `widths` are those of the readable pictures, in pixels; None if no picture is readable.
    `characters` counts each character of the scored texts, `lengths` the texts of each length in
    characters.
    """

    info: DatasetInfo
    texts: int
    not_scored: int
    unreadable: int
    heights: Spread | None
    widths: Spread | None
    characters: Counter[str]
    lengths: Counter[int]


def describe(dataset: Dataset) -> DatasetInfo:
    """What a result says of its dataset. Reads the bytes of every picture for the digest."""
    seal = Seal()
    for sample in dataset.samples:
        seal.add(sample, content(sample))
    return _info(dataset, seal)


def summarize(dataset: Dataset, samples: Iterable[Sample]) -> Summary:
    """What the dataset holds. Reads and decodes every picture.

    `samples` are all samples of the dataset, in order. The caller may wrap them to show progress.
    """
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
    """Computes the digest of a dataset: the sha256 of names, truths and pictures, but not of
    paths."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, sample: Sample, data: bytes | None) -> None:
        """Add a sample; `data` is the `content` of its picture."""
        lines = sample.lines and [[line.polygon, line.text] for line in sample.lines]
        sha256 = None if data is None else hashlib.sha256(data).hexdigest()
        told = json.dumps([sample.name, sample.text, lines, sha256])
        self._hash.update(f"{told}\n".encode())

    @property
    def digest(self) -> str:
        """The sha256 of the samples so far, in lower-case hex."""
        return self._hash.hexdigest()


def texts_of(sample: Sample) -> Iterator[str | None]:
    """The texts of the sample's lines, None for a line that is not scored. A sample without lines
    has its text as the only one."""
    if sample.lines:
        yield from (line.text for line in sample.lines)
    elif sample.lines is None or sample.text:
        yield sample.text


def content(sample: Sample) -> bytes | None:
    """The bytes of the encoded picture, or of the pixels of an array; None if the file cannot be
    read."""
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
    """The sample's picture, decoded from `data`, its `content`. Raises InputError if the picture is
    missing or damaged, or if its file has several pages."""
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
