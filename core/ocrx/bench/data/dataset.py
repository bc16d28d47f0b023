"""Pictures with their truth, whatever form they lie in on disk."""

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
    """A text on a page and where it stands; `text` None marks one that is not to be scored."""

    polygon: Polygon
    text: str | None


@dataclass(frozen=True)
class Sample:
    """One picture and its truth. `name` is unique in its dataset. `lines` None: the picture is one
    line; else it is a page, and `text` its lines' text in reading order, joined by blanks."""

    name: str
    source: ImageSource
    text: str
    lines: tuple[TrueLine, ...] | None = None


@dataclass(frozen=True)
class Dataset:
    """`kind` "lines" if every picture is one line of text. `origin` names the public repository it
    comes from, if known."""

    name: str
    path: Path
    kind: Literal["lines", "pages"]
    samples: Sequence[Sample]
    origin: str = ""


def limited(dataset: Dataset, limit: int | None) -> Dataset:
    """At most `limit` samples, evenly spread over the set; all of them for None."""
    count = len(dataset.samples)
    if limit is None or limit >= count:
        return dataset
    return replace(dataset, samples=[dataset.samples[i * count // limit] for i in range(limit)])


@dataclass(frozen=True)
class ReadLine:
    """A line as it was read: `polygon` in pixels of the picture."""

    polygon: Polygon
    text: str


@dataclass(frozen=True)
class Answer:
    """What a reader made of one sample: the text of the page or line, and its lines."""

    text: str
    lines: tuple[ReadLine, ...] = ()


@dataclass(frozen=True)
class DatasetInfo:
    """A dataset as a result names it. `digest` is the sha256 of its pictures and truth."""

    name: str
    kind: Literal["lines", "pages"]
    samples: int
    path: str = ""
    origin: str = ""
    digest: str = ""
