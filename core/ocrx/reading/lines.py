"""Puts the lines of a page in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocrx.names import Order
from ocrx.page.geometry import span_quad
from ocrx.page.lines import line_of
from ocrx.page.order import arranged
from ocrx.page.paragraphs import paragraphs
from ocrx.types import Line, Quad, Text


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


def _line(reading: Reading, row: int, paragraph: int, block: int) -> Line:
    return line_of(
        reading.quad,
        reading.text,
        detection_score=reading.detection_score,
        row=row,
        paragraph=paragraph,
        block=block,
    )


def _inked(reading: Reading) -> Quad:
    """The quad without the margin that a detector leaves before and after the text."""
    starts, ends = zip(*reading.text.spans, strict=True)
    return span_quad(reading.quad, (min(starts), max(ends)))
