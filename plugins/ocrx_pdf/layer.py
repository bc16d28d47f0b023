"""The text of a page as a content stream: invisible, with every word at its place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ocrx.output.places import words_of
from ocrx.output.strings import plain
from ocrx.page.bidi import reordered
from ocrx_pdf.font import ADVANCE, DESCENT, GlyphlessFont

if TYPE_CHECKING:
    from ocrx.types import Line, Quad, Word

LEAST_GAP = 0.02
"""The width of a space between words that touch, in font sizes."""


MOST_RISE = 0.5
"""Words of a tilted line stand level, each at its height, if none of them rises by more than this
over its length, in font sizes. Poppler takes the letters of text that climbs for words."""


@dataclass(frozen=True)
class Placed:
    """A word on its line: where it begins and ends along the line's axis, in points from its
    middle."""

    text: str
    start: float
    end: float

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2

    @property
    def width(self) -> float:
        return self.end - self.start


def text_layer(
    lines: Sequence[Line], matrix: NDArray[np.float64], font: GlyphlessFont, name: str
) -> bytes:
    """The content stream that writes the lines in the font of that resource name.

    `matrix` (2, 3) leads from pixels of the page to its default user space, with y pointing up.
    """
    parts = [_line(line, matrix, font, name) for line in lines]
    return ("q\n" + "".join(parts) + "Q\n").encode("ascii")


def _line(line: Line, matrix: NDArray[np.float64], font: GlyphlessFont, name: str) -> str:
    """One text object, with words of one size, so that readers see one line. Each is scaled to its
    width and stands in the middle of the line's height."""
    corners = _moved(line.quad, matrix)
    along = corners[1] - corners[0] + corners[2] - corners[3]
    length = float(np.hypot(*along))
    size = _height(corners)
    if not length > 0 or not size > 0:
        return ""
    axis, centre = along / length, corners.mean(axis=0)
    words = _placed(words_of(line), matrix, centre, axis)
    if not words:
        return ""
    right = _level(axis, max(word.width for word in words), size)
    up = np.array([-right[1], right[0]])
    turn = " ".join(_number(value) for value in (*right, *up))
    shown = ["BT", f"3 Tr /{name} {_number(size)} Tf"]
    for word, following in zip(words, [*words[1:], None], strict=True):
        width = max(word.width, LEAST_GAP * size)
        middle = centre + axis * word.middle
        origin = middle - right * (width / 2) + up * ((DESCENT - 0.5) * size)
        shown.append(f"{turn} {_number(origin[0])} {_number(origin[1])} Tm")
        shown.append(_show(word.text, width, size, font))
        if following:
            gap = max(following.start - word.end, LEAST_GAP * size)
            shown.append(_show(" ", gap, size, font))
    return "\n".join([*shown, "ET\n"])


def _level(axis: NDArray[np.float64], longest: float, size: float) -> NDArray[np.float64]:
    """The direction in which words are written: that of the page's nearest side if they rise little
    from it, or that of the line."""
    nearest: NDArray[np.float64] = np.rint(axis)
    rise = abs(float(axis[0] * nearest[1] - axis[1] * nearest[0]))
    if abs(nearest).sum() == 1 and longest * rise <= MOST_RISE * size:
        return nearest
    return axis


def _placed(
    words: Sequence[Word],
    matrix: NDArray[np.float64],
    centre: NDArray[np.float64],
    axis: NDArray[np.float64],
) -> list[Placed]:
    """The words in the order in which they stand on paper, and so do their characters: readers of
    PDF put text that runs leftwards in order themselves."""
    placed = []
    for word in words:
        text = "".join(plain(word.text).split())
        if text:
            steps = (_moved(word.quad, matrix) - centre) @ axis
            ends = sorted((float(steps[[0, 3]].mean()), float(steps[[1, 2]].mean())))
            placed.append(Placed(reordered(text)[1], *ends))
    return sorted(placed, key=lambda word: word.start)


def _moved(quad: Quad, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    moved: NDArray[np.float64] = quad.astype(np.float64) @ matrix[:, :2].T + matrix[:, 2]
    return moved


def _show(text: str, width: float, size: float, font: GlyphlessFont) -> str:
    scale = 100 * width / (len(text) * ADVANCE * size)
    return f"{_number(scale)} Tz <{font.encode(text)}> Tj"


def _height(corners: NDArray[np.float64]) -> float:
    """The mean height of a quad across its text."""
    left, right = corners[0] - corners[3], corners[1] - corners[2]
    return (math.hypot(*left) + math.hypot(*right)) / 2


def _number(value: float) -> str:
    """A number as PDF writes it: without exponent."""
    return f"{round(value, 4) + 0:.4f}".rstrip("0").rstrip(".") or "0"
