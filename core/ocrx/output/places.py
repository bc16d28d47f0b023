"""Words, boxes and angles of lines, for formats that ask for them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ocrx.page.bidi import is_right_to_left
from ocrx.page.geometry import span_quads
from ocrx.types import Word

if TYPE_CHECKING:
    from ocrx.types import Line, Page, Quad

_WORD = re.compile(r"\S+")


def words_of(line: Line) -> Sequence[Word]:
    """The words of a line. If the engine gave none, the line is cut into its words, as if all of
    its characters were equally wide; they get its score."""
    if line.words:
        return line.words
    found = list(_WORD.finditer(line.text))
    length = len(line.text)
    spans = [(one.start() / length, one.end() / length) for one in found]
    if is_right_to_left([line.text]):
        spans = [(1 - end, 1 - start) for start, end in spans]
    quads = span_quads(line.quad, spans)
    return [Word(one.group(), line.score, q) for one, q in zip(found, quads, strict=True)]


def box(quad: Quad, page: Page) -> tuple[int, int, int, int]:
    """The upright box around a quad, in whole pixels within the page: left, top, right, bottom."""
    left, top = (math.floor(value) for value in quad.min(axis=0))
    right, bottom = (math.ceil(value) for value in quad.max(axis=0))
    x = sorted(min(max(value, 0), page.width) for value in (left, right))
    y = sorted(min(max(value, 0), page.height) for value in (top, bottom))
    return x[0], y[0], x[1], y[1]


def angle(quad: Quad) -> float:
    """How far text is turned clockwise from upright, in degrees above -180 and up to 180."""
    x, y = (quad[1] - quad[0] + quad[2] - quad[3]).tolist()
    return math.degrees(math.atan2(y, x))


def is_upright(quad: Quad) -> bool:
    """Whether a quad is upright text in a rectangle, within half a pixel."""
    (left, top), (right, bottom) = quad.min(axis=0), quad.max(axis=0)
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return bool(np.abs(quad - corners).max() <= 0.5)
