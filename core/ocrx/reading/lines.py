"""Makes the lines of a page, in reading order, of what was read in each place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ocrx.names import Order
from ocrx.page.geometry import span_quad, span_quads
from ocrx.page.order import arranged
from ocrx.page.paragraphs import paragraphs
from ocrx.types import Char, Line, Quad, Text, Word


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read in one quad. `text` is not empty."""

    quad: Quad
    text: Text
    detection_score: float


def in_order(readings: Sequence[Reading], order: Order) -> tuple[Line, ...]:
    """The lines of a page in reading order, with the numbers of their rows, paragraphs and
    blocks."""
    page = arranged([_inked(one) for one in readings], [one.text.text for one in readings], order)
    lines: list[Line] = []
    row = paragraph = 0
    for block, whole in enumerate(page.blocks):
        for rows in paragraphs(page.boxes, whole):
            for indexes in rows:
                lines += [_line(readings[i], row, paragraph, block) for i in indexes]
                row += 1
            paragraph += 1
    return tuple(lines)


def _inked(reading: Reading) -> Quad:
    """The quad without the margin that a detector leaves before and after the text."""
    starts, ends = zip(*reading.text.spans, strict=True)
    return span_quad(reading.quad, (min(starts), max(ends)))


def _line(reading: Reading, row: int, paragraph: int, block: int) -> Line:
    text = reading.text
    places = span_quads(reading.quad, text.spans)
    chars = tuple(map(Char, text.chars, text.scores, text.spans, places))
    return Line(
        text.text,
        text.score,
        reading.quad,
        _words(chars, reading.quad),
        chars,
        reading.detection_score,
        row,
        paragraph,
        block,
    )


def _words(chars: Sequence[Char], quad: Quad) -> tuple[Word, ...]:
    runs = [list(run) for blank, run in groupby(chars, lambda c: c.text.isspace()) if not blank]
    spans = [(min(c.span[0] for c in run), max(c.span[1] for c in run)) for run in runs]
    return tuple(
        Word("".join(c.text for c in run), sum(c.score for c in run) / len(run), place)
        for run, place in zip(runs, span_quads(quad, spans), strict=True)
    )
