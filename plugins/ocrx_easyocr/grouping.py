"""Joins the boxes of words to those of lines: `group_text_box` of easyocr/utils.py."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrx.types import Region, frozen_quad
from ocrx_easyocr.settings import DetectionOptions

LEAST_RUN = 10
"""A side is taken for at least this many pixels wide when its slope is computed."""


@dataclass(frozen=True)
class _Word:
    """An upright box, in whole pixels, and its score."""

    left: int
    right: int
    top: int
    bottom: int
    score: float

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return 0.5 * (self.top + self.bottom)


def lines_of(
    words: Sequence[tuple[NDArray[np.int32], float]],
    size: tuple[int, int],
    options: DetectionOptions,
) -> list[Region]:
    """The lines that the words form, on a page of `size` (height, width).

    A word is its corners (4, 2), in whole pixels, clockwise from the top left, and its score. The
    score of a line is the mean of its words'.
    """
    upright: list[_Word] = []
    slanted: list[Region] = []
    for corners, score in words:
        if _slope(corners) < options.slope_ths:
            (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
            upright.append(_Word(int(left), int(right), int(top), int(bottom), score))
        else:
            slanted.append(Region(frozen_quad(_grown(corners, options.add_margin)), score))
    lines = [
        _line(words, options.add_margin)
        for row in _rows(sorted(upright, key=lambda word: word.middle), options)
        for words in _joined(sorted(row, key=lambda word: word.left), options)
    ]
    large = [one for one in lines if max(one.right - one.left, one.height) > options.min_size]
    found = [Region(_within(one, size), one.score) for one in large]
    return found + [r for r in slanted if np.ptp(r.quad, axis=0).max() > options.min_size]


def _slope(corners: NDArray[np.int32]) -> float:
    """The steeper slope of the upper and the lower side. A side that runs to the left counts as
    LEAST_RUN wide, as in EasyOCR."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners.tolist()
    up = (y1 - y0) / max(LEAST_RUN, x1 - x0)
    down = (y2 - y3) / max(LEAST_RUN, x2 - x3)
    return float(max(abs(up), abs(down)))


def _grown(corners: NDArray[np.int32], margin: float) -> NDArray[np.float64]:
    """A slanted box with its corners moved outwards along its diagonals."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners.tolist()
    height = np.hypot(x3 - x0, y3 - y0)
    width = np.hypot(x1 - x0, y1 - y0)
    by = int(1.44 * margin * min(width, height))
    first = abs(np.arctan((y0 - y2) / max(LEAST_RUN, x0 - x2)))
    second = abs(np.arctan((y1 - y3) / max(LEAST_RUN, x1 - x3)))
    (a, b), (c, d) = ((by * np.cos(angle), by * np.sin(angle)) for angle in (first, second))
    return np.array([[x0 - a, y0 - b], [x1 + c, y1 - d], [x2 + a, y2 + b], [x3 - c, y3 + d]])


def _rows(words: Sequence[_Word], options: DetectionOptions) -> Iterator[list[_Word]]:
    """Words at the same height. They come from the top to the bottom."""
    row: list[_Word] = []
    for word in words:
        if row:
            middle = np.mean([one.middle for one in row])
            height = np.mean([one.height for one in row])
            if abs(middle - word.middle) >= options.ycenter_ths * height:
                yield row
                row = []
        row.append(word)
    if row:
        yield row


def _joined(row: Sequence[_Word], options: DetectionOptions) -> Iterator[list[_Word]]:
    """Words of a row that are close to each other and of a height. They come from the left."""
    line: list[_Word] = []
    for word in row:
        if line:
            height = np.mean([one.height for one in line])
            alike = abs(height - word.height) < options.height_ths * height
            if not (alike and word.left - line[-1].right < options.width_ths * word.height):
                yield line
                line = []
        line.append(word)
    if line:
        yield line


def _line(words: Sequence[_Word], margin: float) -> _Word:
    left, right = min(one.left for one in words), max(one.right for one in words)
    top, bottom = min(one.top for one in words), max(one.bottom for one in words)
    by = int(margin * min(right - left, bottom - top))
    score = float(np.mean([one.score for one in words]))
    return _Word(left - by, right + by, top - by, bottom + by, score)


def _within(line: _Word, size: tuple[int, int]) -> NDArray[np.float32]:
    left, right = max(0, line.left), min(size[1], line.right)
    top, bottom = max(0, line.top), min(size[0], line.bottom)
    return frozen_quad([[left, top], [right, top], [right, bottom], [left, bottom]])
