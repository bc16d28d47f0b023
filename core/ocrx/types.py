"""The data that flows through a reader: pictures in, pages with lines and other items out.

Coordinates are in pixels of the original picture, with x to the right and y down. (0, 0) is the
outer corner of the top left pixel. Times are in milliseconds. Scores are from 0 to 1.
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
"""Four corners (x, y), float32 of shape (4, 2), clockwise from the top left of the text itself."""

Tensor: TypeAlias = NDArray[Any]
"""An input or output of a network, of any shape and dtype."""

Span: TypeAlias = tuple[float, float]
"""Start and end along the length of a line, as fractions of that length."""


def frozen_quad(points: Any) -> Quad:
    """A read-only float32 copy of `points`, shape (4, 2). Raises ValueError for another shape."""
    quad = np.array(points, dtype=np.float32)
    if quad.shape != (4, 2):
        raise ValueError(f"a quad has shape (4, 2), not {quad.shape}")
    quad.setflags(write=False)
    return quad


@dataclass(frozen=True, eq=False)
class Region:
    """A place on a page where a detector sees one line of text: `quad`, in pixels of the page, and
    a `score` from 0 to 1."""

    quad: Quad
    score: float


@dataclass(frozen=True)
class Match:
    """What a decoder that knows patterns says of a line.

    `pattern` is the one that the text matches, by its name or its expression. It is "" if the
    picture shows no text that matches; the line then has the text that is read without patterns,
    which is always in `unconstrained`. `probability` is that of the text among all that match, from
    0 to 1; 0 if none does. `check` says whether its check digits hold; None if it has none.
    `alternatives` are other texts that match and their probabilities, the most probable first.
    """

    pattern: str
    probability: float
    unconstrained: str
    check: bool | None = None
    alternatives: tuple[tuple[str, float], ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the text matches a pattern and its check digits, if it has any, hold."""
        return bool(self.pattern) and self.check is not False


@dataclass(frozen=True)
class Text:
    """What a recogniser reads in one crop: characters, each with its score and span.

    The three tuples must have the same length, or ValueError is raised. Spans are fractions of the
    crop's width. `match` says more if it was read under patterns.
    """

    chars: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()
    spans: tuple[Span, ...] = ()
    match: Match | None = None

    def __post_init__(self) -> None:
        if not len(self.chars) == len(self.scores) == len(self.spans):
            raise ValueError(
                f"{len(self.chars)} characters, {len(self.scores)} scores, {len(self.spans)} spans"
            )

    @classmethod
    def uniform(cls, text: str, score: float) -> Text:
        """A text whose characters all get the same score and width, for engines that score only
        whole lines."""
        count = len(text)
        return cls(
            tuple(text),
            (score,) * count,
            tuple((i / count, (i + 1) / count) for i in range(count)),
        )

    @property
    def text(self) -> str:
        """The characters as one string."""
        return "".join(self.chars)

    @property
    def score(self) -> float:
        """The mean of the characters' scores; 0 for an empty text."""
        return sum(self.scores) / len(self.scores) if self.scores else 0.0


@dataclass(frozen=True)
class Orientation:
    """How far a crop is turned from upright, clockwise: 0, 90, 180 or 270 degrees."""

    degrees: int
    score: float


@dataclass(frozen=True, eq=False)
class Char:
    """A character of a line. `span` is its place along the line, as fractions of the line's
    length; `quad` is in pixels of the picture."""

    text: str
    score: float
    span: Span
    quad: Quad


@dataclass(frozen=True, eq=False)
class Word:
    """A run of characters without white space. `score` is the mean of theirs, `quad` is in pixels
    of the picture."""

    text: str
    score: float
    quad: Quad


@dataclass(frozen=True, eq=False)
class Line:
    """One line of text as it was detected and read.

    `score` is the mean of its characters' scores, `detection_score` how sure the detector was that
    there is a line; both are from 0 to 1. `quad` is in pixels of the picture. `row`, `paragraph`
    and `block` are numbered from 0 over the whole page, in reading order. Lines side by side share
    a row. `match` says more if the line was read under patterns.

    `confidence` is the probability that the whole line is right, from 0 to 1 (`ocrx calibrate`);
    None for engines that read pages by themselves. `refused` is what was read of a line that is
    empty because its confidence is too low to be accepted; "" for any other.
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
    match: Match | None = None
    confidence: float | None = None
    refused: str = ""


@dataclass(frozen=True, eq=False)
class Paragraph:
    """Rows of one block that follow each other at an even pitch. `quad` is the bounding box of
    its lines."""

    quad: Quad
    lines: tuple[Line, ...]


@dataclass(frozen=True, eq=False)
class Block:
    """A part of a page that is read as a whole, such as a column, an address, or a heading above
    columns. `quad` is the bounding box of its lines."""

    quad: Quad
    paragraphs: tuple[Paragraph, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of all paragraphs, in reading order."""
        return tuple(line for paragraph in self.paragraphs for line in paragraph.lines)


@dataclass(frozen=True, eq=False)
class Item:
    """Something other than a line of text that was found on a page, such as a bar code.

    `type` names its kind in lower case ("qr", "ean-13"). `value` is its content, "" if it has
    none. `fields` holds further facts by name. `quad` is in pixels of the picture, clockwise from
    the top left of the item itself; `score` is from 0 to 1.
    """

    type: str
    value: str
    quad: Quad
    score: float = 1.0
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Timing:
    """Milliseconds spent per stage on one page. Work done for several pages at once is divided
    among them by their pixels.

    `recognize` ends with the network's outputs; `decode_text` turns them into characters. Engines
    that do not measure the two separately count all of it as `recognize`.
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
        """The milliseconds of all stages together."""
        return float(sum(getattr(self, f.name) for f in fields(self)))


@dataclass(frozen=True)
class Used:
    """What ran one task: what was opened, which may differ from what was asked for.

    Pictures for which bf16 leaves the result undecided are run again in fp32, and still count as
    bf16 here. `decoder` names the decoder of a CTC network; it is "" for everything else.
    """

    task: str
    model: str
    backend: str
    device: str
    precision: str
    decoder: str = ""


@dataclass(frozen=True, eq=False)
class Page:
    """The result of reading one picture.

    `lines` and `items` are in reading order; items are what finders found. `width` and `height`
    are in pixels. `source` names the picture: a path, "-", "bytes", "image" or "array". `index` is
    the page's number in its document, from 0. `layout` says how it was read. `dpi` is the page's
    resolution in pixels per inch, horizontal and vertical, or None if the file does not say.
    `orientation` is how far the page as a whole was turned, clockwise: 0, 90, 180 or 270 degrees.
    `notes` say in plain sentences what was reduced, cut, dropped or guessed on the way, and may
    therefore be missing or wrong.
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
        """The lines grouped into blocks and paragraphs, in reading order."""
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
        """The text of the page, one line per row. Lines of the same row are joined by a space."""
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
    """Name, shape and NumPy dtype ("float32") of one input or output of a session. Dynamic
    dimensions are None."""

    name: str
    shape: tuple[int | None, ...]
    dtype: str


@dataclass(frozen=True, eq=False)
class Batch:
    """The input of one call of a network.

    `feeds` maps input names to tensors whose first axis counts the pictures, N. `context` holds one
    entry per picture, in the same order: whatever the model's `decode` needs to know of it, such as
    its (height, width) before it was scaled, or which part of the input is picture and not padding.
    The model alone reads it; what an entry is, is the model's own affair.
    """

    feeds: Mapping[str, Tensor]
    context: Sequence[Any]
