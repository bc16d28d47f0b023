"""Checking a dataset for faults in its pictures and labels."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

import cv2
import numpy as np

from ocrx.bench.data.dataset import Dataset, Polygon, Sample
from ocrx.bench.data.info import content, picture, texts_of
from ocrx.bench.data.oddities import look_alikes, named, odd_space
from ocrx.errors import InputError

Fault: TypeAlias = Literal[
    "missing",
    "unreadable",
    "empty",
    "place",
    "text",
    "charset",
    "contradiction",
    "duplicate",
    "white space",
    "look-alike",
]
FAULTS: tuple[Fault, ...] = get_args(Fault)
MEANING: Mapping[Fault, str] = MappingProxyType(
    {
        "missing": "the picture does not exist",
        "unreadable": "the picture or its label cannot be read",
        "empty": "the truth has no text",
        "place": "a line's polygon has no area or lies outside the picture",
        "text": "the text of the page differs from the text of its lines",
        "charset": "a recogniser does not know these characters",
        "contradiction": "an earlier sample has the same picture with another truth",
        "duplicate": "an earlier sample has the same picture with the same truth",
        "white space": "white space that is invisible, or that should be a single space",
        "look-alike": "characters that look like common ones, but are different",
    }
)


@dataclass(frozen=True)
class Problem:
    """A fault of one sample. `sample` is its name, or "sample 7" if it could not be loaded."""

    fault: Fault
    sample: str
    detail: str


def samples_of(dataset: Dataset) -> Iterator[Sample | Problem]:
    """Each sample, or a problem in place of one that cannot be loaded."""
    for index in range(len(dataset.samples)):
        try:
            yield dataset.samples[index]
        except InputError as error:
            yield Problem("unreadable", f"sample {index + 1}", error.message)


def check_dataset(
    samples: Iterable[Sample | Problem], charsets: Mapping[str, frozenset[str]]
) -> Iterator[Problem]:
    """The problems of the samples that `samples_of` yields, in their order.

    `charsets` maps recognisers to the characters that they know. Every picture is decoded. Memory
    grows by about 300 bytes for each.
    """
    seen: dict[bytes, Sample] = {}
    for sample in samples:
        if isinstance(sample, Problem):
            yield sample
            continue
        yield from _picture(sample, seen)
        yield from _text(sample)
        yield from _charset(sample, charsets)


def _picture(sample: Sample, seen: dict[bytes, Sample]) -> Iterator[Problem]:
    try:
        image = picture(sample, content(sample))
    except InputError as error:
        gone = isinstance(sample.source, str | Path) and not Path(sample.source).exists()
        yield Problem("missing" if gone else "unreadable", sample.name, error.message)
        return
    pixels = hashlib.sha256(f"{image.shape}".encode() + image.tobytes()).digest()
    first = seen.setdefault(pixels, replace(sample, source=b""))
    if first.name != sample.name:
        if (first.text, first.lines) == (sample.text, sample.lines):
            yield Problem("duplicate", sample.name, f"as {first.name}")
        else:
            said = f"{sample.text!r} here, {first.text!r} for {first.name}"
            yield Problem("contradiction", sample.name, said)
    height, width = image.shape[:2]
    for line in sample.lines or ():
        if not _is_place(line.polygon, height, width):
            yield Problem("place", sample.name, f"of {line.text!r}: {line.polygon}")


def _is_place(polygon: Polygon, height: int, width: int) -> bool:
    points = np.array(polygon, dtype=np.float32)
    inside = (points.max(axis=0) > 0).all() and (points.min(axis=0) < (width, height)).all()
    return bool(inside) and cv2.contourArea(points) > 0


def _text(sample: Sample) -> Iterator[Problem]:
    texts = [text for text in texts_of(sample) if text is not None]
    if any(not text.strip() for text in texts):
        yield Problem("empty", sample.name, "its text is empty")
    spaces = [odd for text in texts for odd in odd_space(text)]
    likes = [odd for text in texts for odd in look_alikes(text)]
    found: tuple[tuple[Fault, list[str]], ...] = (("white space", spaces), ("look-alike", likes))
    for fault, odd in found:
        if odd:
            yield Problem(fault, sample.name, ", ".join(dict.fromkeys(odd)))
    if sample.lines:
        words = Counter(sample.text.split()), Counter(" ".join(texts).split())
        if words[0] != words[1]:
            only = list((words[0] - words[1]) + (words[1] - words[0]))
            yield Problem("text", sample.name, f"different: {', '.join(only[:5])}")


def _charset(sample: Sample, charsets: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    used = dict.fromkeys("".join(text for text in texts_of(sample) if text is not None))
    for recognizer, known in charsets.items():
        unknown = [named(char) for char in used if char not in known]
        if unknown:
            yield Problem("charset", sample.name, f"{recognizer}: {', '.join(unknown)}")
