"""Pictures with their truth, whatever their form on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from ocrx.images.opening import ImageSource

Polygon: TypeAlias = tuple[tuple[float, float], ...]
"""Three or more corners (x, y) in pixels."""


@dataclass(frozen=True)
class TrueLine:
    """A line of text on a page, and its place. `text` is None for a line that is not scored."""

    polygon: Polygon
    text: str | None


@dataclass(frozen=True)
class Sample:
    """One picture and its truth. `name` is unique in its dataset.

    If `lines` is None, the picture is a single line. Otherwise it is a page, and `text` is the text
    of its lines in reading order, joined by spaces.
    """

    name: str
    source: ImageSource
    text: str
    lines: tuple[TrueLine, ...] | None = None


@dataclass(frozen=True)
class Dataset:
    """A named set of samples. `kind` is "lines" if every picture is a single line of text. `origin`
    names the public repository that the dataset comes from, if it is known."""

    name: str
    path: Path
    kind: Literal["lines", "pages"]
    samples: Sequence[Sample]
    origin: str = ""


def limited(dataset: Dataset, limit: int | None) -> Dataset:
    """The dataset with at most `limit` samples, evenly spread over it; all of them for None."""
    count = len(dataset.samples)
    if limit is None or limit >= count:
        return dataset
    return replace(dataset, samples=[dataset.samples[i * count // limit] for i in range(limit)])


@dataclass(frozen=True)
class ReadLine:
    """A line as a reader read it. `polygon` is in pixels of the picture."""

    polygon: Polygon
    text: str


@dataclass(frozen=True)
class Answer:
    """What a reader read in one sample: the text of the page or line, and a page's lines.

    `confidence` is the probability, by the reader, that all of a single line is right, 0 to 1; None
    if the reader says nothing of it.
    """

    text: str
    lines: tuple[ReadLine, ...] = ()
    confidence: float | None = None


@dataclass(frozen=True)
class DatasetInfo:
    """What a result says of its dataset. `digest` is the sha256 of names, pictures and truth."""

    name: str
    kind: Literal["lines", "pages"]
    samples: int
    path: str = ""
    origin: str = ""
    digest: str = ""
