"""From Tesseract's results to lines and texts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from ocrx.page.bidi import reordered
from ocrx.page.geometry import around
from ocrx.page.lines import line_of, spans_in_order
from ocrx.types import Line, Quad, Span, Text

Box: TypeAlias = tuple[int, int, int, int]
"""Left, top, right and bottom, in pixels."""

Direction: TypeAlias = tuple[float, float]
"""The unit vector (x, y) from the left of a text to its right, with y down."""

LEVEL = 2
"""A baseline that rises by less, in pixels, is level: its ends are whole pixels."""


@dataclass(frozen=True)
class Symbol:
    """A character, its score from 0 to 1, and its box."""

    text: str
    score: float
    box: Box


@dataclass(frozen=True)
class Word:
    """A word: its box, the number of blanks before it, and its symbols as they are read."""

    box: Box
    blanks: int
    symbols: list[Symbol] = field(default_factory=list)

    @property
    def text(self) -> str:
        """A letter for each symbol."""
        return "".join(symbol.text[0] for symbol in self.symbols)


@dataclass(frozen=True)
class Row:
    """A line of text: its words as they are read, and the numbers of its paragraph and block."""

    direction: Direction
    paragraph: int
    block: int
    words: list[Word] = field(default_factory=list)

    @property
    def degrees(self) -> int:
        """How far the row is turned, clockwise, to the nearest of 0, 90, 180 and 270 degrees."""
        x, y = self.direction
        return round(math.degrees(math.atan2(y, x)) / 90) % 4 * 90


def rows_of(handle: Any) -> list[Row]:
    """The lines that a handle has recognised, in Tesseract's reading order."""
    from tesserocr import RIL

    spaced = handle.GetVariableAsString("preserve_interword_spaces") == "1"
    found: list[Row] = []
    block = paragraph = -1
    for place in _places(handle.GetIterator()):
        block += place.IsAtBeginningOf(RIL.BLOCK)
        paragraph += place.IsAtBeginningOf(RIL.PARA)
        if place.IsAtBeginningOf(RIL.TEXTLINE):
            found.append(Row(_direction(place.Baseline(RIL.TEXTLINE)), paragraph, block))
        words = found[-1].words
        if place.IsAtBeginningOf(RIL.WORD):
            blanks = (int(place.BlanksBeforeWord()) if spaced else 1) if words else 0
            words.append(Word(place.BoundingBox(RIL.WORD), blanks))
        text = place.GetUTF8Text(RIL.SYMBOL)
        score = min(max(place.Confidence(RIL.SYMBOL) / 100, 0.0), 1.0)
        words[-1].symbols.append(Symbol(text, score, place.BoundingBox(RIL.SYMBOL)))
    return list(filter(None, map(_with_text, found)))


def _places(iterator: Any) -> Iterator[Any]:
    """The iterator at each symbol. It also stops at blocks without text, such as pictures."""
    from tesserocr import RIL

    more = iterator is not None and not iterator.Empty(RIL.BLOCK)
    while more:
        if not iterator.Empty(RIL.SYMBOL):
            yield iterator
        more = iterator.Next(RIL.SYMBOL)


def _with_text(row: Row) -> Row | None:
    """The row without words of blanks, which Tesseract sees in smudges; None if there are no
    others."""
    words = [word for word in row.words if word.text.strip()]
    return replace(row, words=words) if words else None


def _direction(baseline: tuple[tuple[int, int], tuple[int, int]] | None) -> Direction:
    """The direction of a baseline. It runs along the text, however that is turned."""
    if baseline is None:
        return 1.0, 0.0
    (x0, y0), (x1, y1) = baseline
    across, down = (0 if abs(step) < LEVEL else step for step in (x1 - x0, y1 - y0))
    length = math.hypot(across, down)
    return (across / length, down / length) if length else (1.0, 0.0)


def lines_of(rows: Sequence[Row]) -> tuple[Line, ...]:
    """The lines of a page, each in a row of its own."""
    return tuple(
        line_of(*placed(row), row=number, paragraph=row.paragraph, block=row.block)
        for number, row in enumerate(rows)
    )


def placed(row: Row) -> tuple[Quad, Text]:
    """The quad around a row, along its direction, and its text, with spans along that quad."""
    corners = [
        corner
        for left, top, right, bottom in (word.box for word in row.words)
        for corner in ((left, top), (right, top), (right, bottom), (left, bottom))
    ]
    bounds = [_extent(word.box, row.direction) for word in row.words]
    bound = min(start for start, _ in bounds), max(end for _, end in bounds)
    return around(corners, row.direction), _spelled(row.words, row.direction, bound)


def text_of(rows: Sequence[Row], width: int) -> Text:
    """The text of a crop of `width` pixels, which holds one line, however many rows were seen."""
    words = [
        replace(word, blanks=1) if number and word is row.words[0] else word
        for number, row in enumerate(rows)
        for word in row.words
    ]
    return _spelled(words, (1.0, 0.0), (0, width))


def _spelled(words: Sequence[Word], direction: Direction, bounds: tuple[float, float]) -> Text:
    """The text of words, with the blanks between them. Spans are fractions of the way between two
    bounds in that direction."""
    chars: list[str] = []
    scores: list[float] = []
    places: list[Span | None] = []
    start, length = bounds[0], max(bounds[1] - bounds[0], 1)
    for word in words:
        between = min([word.symbols[0].score, *scores[-1:]])
        chars += [" "] * word.blanks + [symbol.text for symbol in word.symbols]
        scores += [between] * word.blanks + [symbol.score for symbol in word.symbols]
        ends = [[(end - start) / length for end in one] for one in _extents(word, direction)]
        places += [None] * word.blanks
        places += [(low, high) for low, high in ends]
    return Text(tuple(chars), tuple(scores), tuple(spans_in_order(chars, places)))


def _extents(word: Word, direction: Direction) -> list[tuple[float, float]]:
    """How far each symbol of a word reaches in a direction.

    In text that is turned by 90 or 180 degrees, Tesseract's boxes of words are right, but those of
    symbols are not. Such words are divided evenly.
    """
    left, top, right, bottom = word.box
    boxes = [symbol.box for symbol in word.symbols]
    if all(left <= a and top <= b and c <= right and d <= bottom for a, b, c, d in boxes):
        return [_extent(box, direction) for box in boxes]
    start, end = _extent(word.box, direction)
    step = (end - start) / len(boxes)
    ranks = {index: rank for rank, index in enumerate(reordered(word.text)[0])}
    return [
        (start + step * ranks[index], start + step * (ranks[index] + 1))
        for index in range(len(boxes))
    ]


def _extent(box: Box, direction: Direction) -> tuple[float, float]:
    """The least and the greatest distance of a box's corners from the origin, in a direction."""
    (left, top, right, bottom), (x, y) = box, direction
    across, down = sorted((left * x, right * x)), sorted((top * y, bottom * y))
    return across[0] + down[0], across[1] + down[1]
