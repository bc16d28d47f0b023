"""Puts the lines of a page in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from ocrx.names import Order
from ocrx.page.bidi import in_direction_of_page
from ocrx.page.boxes import Rows
from ocrx.page.directions import by_turn
from ocrx.page.geometry import each_span_quad
from ocrx.page.lines import joined, line_of
from ocrx.page.order import arranged
from ocrx.page.paragraphs import paragraphs
from ocrx.types import Line, Quad, Text

Bounds: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read in one quad. `text` is not empty."""

    quad: Quad
    text: Text
    detection_score: float


def in_order(readings: Sequence[Reading], order: Order) -> tuple[Line, ...]:
    """The lines of a page in reading order, with the numbers of their rows, paragraphs and
    blocks. What lies on its side or upside down is put in order by itself."""
    if len(readings) < 2:
        return tuple(_line(one, 0, 0, 0) for one in readings)
    texts = in_direction_of_page([one.text for one in readings])
    readings = [replace(one, text=text) for one, text in zip(readings, texts, strict=True)]
    quads = _inked(readings)
    main, *turned = by_turn(quads, [one.text.text for one in readings])
    blocks = _blocks(main, readings, quads, order)
    for group in turned:
        own = _bounds(group, quads)
        later = (n for n, block in enumerate(blocks) if _is_before(own, _of_block(block, quads)))
        place = next(later, len(blocks))
        blocks[place:place] = _blocks(group, readings, quads, order)
    lines: list[Line] = []
    row = paragraph = 0
    for number, block in enumerate(blocks):
        for rows in block:
            for indexes in rows:
                lines += [_line(readings[i], row, paragraph, number) for i in indexes]
                row += 1
            paragraph += 1
    return tuple(lines)


def _blocks(
    group: Sequence[int], readings: Sequence[Reading], quads: Sequence[Quad], order: Order
) -> list[list[Rows]]:
    """The blocks that those readings form, as paragraphs of rows of their indices. `quads` are
    those of all readings."""
    texts = [readings[i].text.text for i in group]
    page = arranged([quads[i] for i in group], texts, order)
    return [
        [[[group[i] for i in row] for row in rows] for rows in paragraphs(page.boxes, whole)]
        for whole in page.blocks
    ]


def _is_before(one: Bounds, other: Bounds) -> bool:
    """Whether what has these bounds is above the other, or beside it on the left."""
    left, top, _, bottom = other
    return one[3] <= top or (one[2] <= left and one[1] < bottom)


def _of_block(block: Sequence[Rows], quads: Sequence[Quad]) -> Bounds:
    return _bounds([i for rows in block for row in rows for i in row], quads)


def _bounds(group: Sequence[int], quads: Sequence[Quad]) -> Bounds:
    corners = np.concatenate([quads[i] for i in group])
    (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return left, top, right, bottom


def _line(reading: Reading, row: int, paragraph: int, block: int) -> Line:
    return line_of(
        reading.quad,
        reading.text,
        detection_score=reading.detection_score,
        row=row,
        paragraph=paragraph,
        block=block,
    )


def _inked(readings: Sequence[Reading]) -> list[Quad]:
    """The quads without the margin that a detector leaves before and after the text."""
    return each_span_quad([r.quad for r in readings], [joined(r.text.spans) for r in readings])
