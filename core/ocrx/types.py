"""What flows through a reader: pictures in, pages of lines and other items out.

Coordinates are pixels of the original picture, x to the right and y down, with (0, 0) at the outer
corner of the top left pixel. Times are milliseconds. Scores lie between 0 and 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import groupby
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Image: TypeAlias = NDArray[np.uint8]
"""A picture, uint8 of shape (height, width, 3), RGB."""

Quad: TypeAlias = NDArray[np.float32]
"""Four corners, float32 of shape (4, 2): (x, y), clockwise from the text's own top left."""

Tensor: TypeAlias = NDArray[Any]
"""Whatever a network takes or gives."""

Span: TypeAlias = tuple[float, float]
"""Start and end along the reading direction of a line, as fractions of its length."""


def frozen_quad(points: Any) -> Quad:
    """A read-only (4, 2) float32 copy of `points`; ValueError for any other shape."""
    quad = np.array(points, dtype=np.float32)
    if quad.shape != (4, 2):
        raise ValueError(f"a quad has shape (4, 2), not {quad.shape}")
    quad.setflags(write=False)
    return quad


@dataclass(frozen=True, eq=False)
class Region:
    """A place on a page where a detector sees one line of text."""

    quad: Quad
    score: float


@dataclass(frozen=True)
class Text:
    """What a recogniser reads in one crop: characters, each with its score and span.

    The three tuples have the same length. A span is a fraction of the crop's width.
    """

    chars: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()
    spans: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if not len(self.chars) == len(self.scores) == len(self.spans):
            raise ValueError(
                f"{len(self.chars)} characters, {len(self.scores)} scores, {len(self.spans)} spans"
            )

    @classmethod
    def uniform(cls, text: str, score: float) -> Text:
        """For engines that know only the line: the same score and width for every character."""
        count = len(text)
        return cls(
            tuple(text),
            (score,) * count,
            tuple((i / count, (i + 1) / count) for i in range(count)),
        )

    @property
    def text(self) -> str:
        return "".join(self.chars)

    @property
    def score(self) -> float:
        """Mean of the characters' scores, 0 for an empty text."""
        return sum(self.scores) / len(self.scores) if self.scores else 0.0


@dataclass(frozen=True)
class Orientation:
    """How far a crop is turned from upright, clockwise: 0, 90, 180 or 270 degrees."""

    degrees: int
    score: float


@dataclass(frozen=True, eq=False)
class Char:
    text: str
    score: float
    span: Span
    quad: Quad


@dataclass(frozen=True, eq=False)
class Word:
    """A run of characters without white space; its score is their mean."""

    text: str
    score: float
    quad: Quad


@dataclass(frozen=True, eq=False)
class Line:
    """One line of text as it was detected and read.

    `row`, `paragraph` and `block` count those of a page in reading order. Lines that stand side by
    side share a row.
    """

    text: str
    score: float
    quad: Quad
    words: tuple[Word, ...] = ()
    chars: tuple[Char, ...] = ()
    detection_score: float = 1.0
    row: int = 0
    paragraph: int = 0
    block: int = 0


@dataclass(frozen=True, eq=False)
class Paragraph:
    """Rows of one block that follow each other at an even pitch. `quad` is the upright box around
    its lines."""

    quad: Quad
    lines: tuple[Line, ...]


@dataclass(frozen=True, eq=False)
class Block:
    """A part of a page that is read as a whole, such as a column, an address, or what stands above
    the columns. `quad` is the upright box around its lines."""

    quad: Quad
    paragraphs: tuple[Paragraph, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for paragraph in self.paragraphs for line in paragraph.lines)


@dataclass(frozen=True, eq=False)
class Item:
    """Something found on a page beside its lines, such as a bar code.

    `type` names what it is, in lower case ("qr", "ean-13"); `value` is what it says, "" for
    something that says nothing; `fields` hold what else is known of it, by name. The quad is
    clockwise from the item's own top left.
    """

    type: str
    value: str
    quad: Quad
    score: float = 1.0
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Timing:
    """Milliseconds spent per stage on one page; shared work is split by its share of pixels.

    `recognize` ends with the network's outputs, `decode_text` makes characters of them; engines
    that do not tell the two apart have all of it in `recognize`.
    """

    decode: float = 0.0
    preprocess: float = 0.0
    find: float = 0.0
    detect: float = 0.0
    rectify: float = 0.0
    orient: float = 0.0
    recognize: float = 0.0
    decode_text: float = 0.0

    @property
    def total(self) -> float:
        return float(sum(getattr(self, f.name) for f in fields(self)))


@dataclass(frozen=True)
class Used:
    """What really ran one task: never what was asked for, always what was opened. What bf16 leaves
    undecided is run again in fp32, and told as bf16. `decoder` is what made text of a CTC network's
    outputs, "" for all else."""

    task: str
    model: str
    backend: str
    device: str
    precision: str
    decoder: str = ""


@dataclass(frozen=True, eq=False)
class Page:
    """One picture, read. `lines` are in reading order, and so are `items`: what finders found.

    `source` names the picture (a path, "-", "bytes", "image" or "array"), `index` counts pages of
    a document from 0, `layout` says how it was read. `dpi` are the page's pixels per inch across
    and down, None where the file does not say. `orientation` is how far the page as a whole was
    found turned, clockwise: 0, 90, 180 or 270 degrees. `notes` say in plain sentences what was
    reduced, cut, dropped or guessed on the way, and so may be missing or wrong.
    """

    lines: tuple[Line, ...]
    width: int
    height: int
    source: str = ""
    index: int = 0
    layout: Literal["page", "line"] = "page"
    timing: Timing = field(default_factory=Timing)
    used: tuple[Used, ...] = ()
    notes: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    dpi: tuple[float, float] | None = None
    orientation: int = 0

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The lines by blocks and paragraphs, in reading order."""
        return tuple(
            Block(
                _around(inside),
                tuple(
                    Paragraph(_around(lines), lines)
                    for _, run in groupby(inside, lambda line: line.paragraph)
                    for lines in [tuple(run)]
                ),
            )
            for _, block in groupby(self.lines, lambda line: line.block)
            for inside in [tuple(block)]
        )

    @property
    def text(self) -> str:
        """The text of the page's lines: a line per row, lines of one row joined by a space."""
        rows: dict[int, list[str]] = {}
        for line in self.lines:
            rows.setdefault(line.row, []).append(line.text)
        return "\n".join(" ".join(texts) for texts in rows.values())


def _around(lines: Sequence[Line]) -> Quad:
    corners = np.concatenate([line.quad for line in lines])
    (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
    return frozen_quad([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


@dataclass(frozen=True)
class TensorSpec:
    """One input or output of a session. `shape` holds None where a dimension is dynamic."""

    name: str
    shape: tuple[int | None, ...]
    dtype: str


@dataclass(frozen=True, eq=False)
class Batch:
    """One call's worth of network input.

    `feeds` maps input names to tensors whose first axis is the picture; `context` holds, for each
    picture, whatever the model's `decode` must remember of it.
    """

    feeds: Mapping[str, Tensor]
    context: Sequence[Any]
