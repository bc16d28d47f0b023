"""From the service's answers to pages."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from ocrx.page.geometry import around
from ocrx.page.lines import line_of, spans_in_order
from ocrx.types import Image, Line, Page, Span, Text

Point: TypeAlias = tuple[float, float]

SPACE, SURE_SPACE, LINE_SPACE, HYPHEN, LINE_BREAK = 1, 2, 3, 4, 5
"""What stands before or after a symbol: TextAnnotation.DetectedBreak.BreakType."""

ENDS = (LINE_SPACE, HYPHEN, LINE_BREAK)


@dataclass(frozen=True)
class Glyph:
    """A symbol, its score, and its corners, clockwise from its own top left. A blank has none."""

    text: str
    score: float
    corners: Sequence[Point] = ()


@dataclass(frozen=True)
class Row:
    """The glyphs of a line as they are read, the scores and boxes of words, and where it is."""

    paragraph: int
    block: int
    glyphs: list[Glyph] = field(default_factory=list)


def page_of(response: Any, image: Image, notes: tuple[str, ...]) -> Page:
    """The page that an `AnnotateImageResponse` tells of, in pixels of `image`, RGB uint8
    (H, W, 3)."""
    height, width = image.shape[:2]
    rows = [row for page in response.full_text_annotation.pages for row in rows_of(page)]
    lines = tuple(replace(_line(row), row=number) for number, row in enumerate(rows))
    return Page(lines, width, height, notes=notes, orientation=_orientation(rows))


def rows_of(page: Any) -> Iterator[Row]:
    """The lines of a page. The service tells blocks, paragraphs and words, and where lines end."""
    paragraphs = (
        (block, paragraph)
        for block, one in enumerate(page.blocks)
        for paragraph in one.paragraphs
        if paragraph.words
    )
    blocks: dict[int, int] = {}
    for number, (block, paragraph) in enumerate(paragraphs):
        row = Row(number, blocks.setdefault(block, len(blocks)))
        for end, glyph in _glyphs(paragraph):
            if glyph is not None:
                row.glyphs.append(glyph)
            if end:
                yield from _trimmed(row)
                row = replace(row, glyphs=[])
        yield from _trimmed(row)


def _glyphs(paragraph: Any) -> Iterator[tuple[bool, Glyph | None]]:
    """The glyphs of a paragraph, with their blanks, and after which of them a line ends."""
    for word in paragraph.words:
        for symbol in word.symbols:
            score = min(max(symbol.confidence or word.confidence, 0.0), 1.0)
            mark = symbol.property.detected_break
            kind = int(mark.type_)
            after = _blank(kind, score)
            corners = _corners(symbol.bounding_box) or _corners(word.bounding_box)
            glyph = Glyph(symbol.text, score, corners)
            if mark.is_prefix:
                yield kind in ENDS, after
                yield False, glyph
            else:
                yield False, glyph
                yield kind in ENDS, after


def _blank(kind: int, score: float) -> Glyph | None:
    if kind in (SPACE, SURE_SPACE):
        return Glyph(" ", score)
    return Glyph("-", score) if kind == HYPHEN else None  # which the service leaves out


def _corners(box: Any) -> Sequence[Point]:
    return [(float(corner.x), float(corner.y)) for corner in box.vertices]


def _trimmed(row: Row) -> Iterator[Row]:
    """The row without blanks at its ends, if it has any text."""
    glyphs = row.glyphs
    while glyphs and not glyphs[-1].text.strip():
        glyphs.pop()
    while glyphs and not glyphs[0].text.strip():
        glyphs.pop(0)
    if any(glyph.corners for glyph in glyphs):
        yield row


def _line(row: Row) -> Line:
    direction = x, y = _direction(row)
    points = [corner for glyph in row.glyphs for corner in glyph.corners]
    along = [x * a + y * b for a, b in points]
    start, length = min(along), max(max(along) - min(along), 1.0)
    spans: list[Span | None] = []
    for glyph in row.glyphs:
        places = [(x * a + y * b - start) / length for a, b in glyph.corners]
        spans.append((min(places), max(places)) if places else None)
    chars = tuple(glyph.text for glyph in row.glyphs)
    scores = tuple(glyph.score for glyph in row.glyphs)
    text = Text(chars, scores, tuple(spans_in_order(chars, spans)))
    return line_of(around(points, direction), text, paragraph=row.paragraph, block=row.block)


def _direction(row: Row) -> Point:
    """The unit vector in which a row's text runs: from the first to the second corner of its
    glyphs, and for letters that run leftwards as for others, since each stands upright."""
    boxes = [glyph.corners for glyph in row.glyphs if len(glyph.corners) == 4]
    x = sum(box[1][0] - box[0][0] for box in boxes)
    y = sum(box[1][1] - box[0][1] for box in boxes)
    length = math.hypot(x, y)
    return (x / length, y / length) if length else (1.0, 0.0)


def _orientation(rows: Sequence[Row]) -> int:
    """How far the page is turned, by most of its characters: clockwise, in degrees."""
    votes = dict.fromkeys((0, 90, 180, 270), 0)
    for row in rows:
        x, y = _direction(row)
        votes[round(math.degrees(math.atan2(y, x)) / 90) % 4 * 90] += len(row.glyphs)
    return max(votes, key=votes.__getitem__)
