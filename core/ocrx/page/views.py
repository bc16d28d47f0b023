"""Other views of a crop, in which its line may read better."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ocrx.page.geometry import band_quad, span_quad, turned
from ocrx.types import Image, Quad, Text

DOUBTFUL = 0.9
"""A line is read again if any of its characters scores less than this. Of number plates, 81 % come
out exactly with 0.8, and 85 % with 0.9; 0.95 brings no more."""

LOOSE = 0.4
"""A line that takes less than this fraction of its crop's height is read again, whatever its
scores: only nine in ten of such lines were read right, but nearly all others."""

STROKES = 0.35
"""A row belongs to the line if its strokes reach this fraction of the line's strength. Values from
0.3 to 0.4 read the same number plates and dot-matrix codes right."""

MARGIN = 0.1
"""The room left above and below the line, in heights of the line. Values from 0.05 to 0.14 read as
well."""

INKED = 0.2
"""A column belongs to the line if its contrast reaches this fraction of the line's."""

SIDE = 1.0
"""The room left before and after the line, in heights of the line, where more than twice as much is
blank. In wider blanks recognisers read things, and lose signs beside them."""

LEAST_HEIGHT = 8
"""A crop of fewer pixels in height is not cut down."""


@dataclass(frozen=True, eq=False)
class View:
    """A crop, RGB uint8 (height, width, 3), and the quad of the picture that it was cut from."""

    quad: Quad
    crop: Image


def certainty(text: Text) -> float:
    """The mean score of the characters other than white space; 0 if there are none. A text that
    does not match the patterns it was read under is less certain than any that does."""
    scores = _inked(text)
    mean = sum(scores) / len(scores) if scores else 0.0
    return mean - 1 if text.match is not None and not text.match.holds else mean


def is_doubtful(text: Text) -> bool:
    """Whether a character other than white space scores below DOUBTFUL, there is none, or the text
    does not match the patterns that it was read under."""
    if text.match is not None and not text.match.holds:
        return True
    return min(_inked(text), default=0.0) < DOUBTFUL


def _inked(text: Text) -> list[float]:
    return [s for char, s in zip(text.chars, text.scores, strict=True) if not char.isspace()]


def turned_view(view: View, quarters: int) -> View:
    """The view in which text is upright that is turned clockwise by that many quarters."""
    return View(turned(view.quad, quarters), np.ascontiguousarray(np.rot90(view.crop, quarters)))


def line_view(view: View) -> View:
    """The view cut down to the rows of its line, which `line_rows` finds, and to its columns if
    there are wide blanks beside it."""
    height, width = view.crop.shape[:2]
    top, bottom = line_rows(view.crop)
    left, right = line_columns(view.crop[top:bottom])
    quad = band_quad(view.quad, (top / height, bottom / height))
    return View(
        span_quad(quad, (left / width, right / width)),
        np.ascontiguousarray(view.crop[top:bottom, left:right]),
    )


def line_rows(crop: Image) -> tuple[int, int]:
    """The first row of the line of text in a crop, and the row after its last; all rows if none
    stand out. `crop` is RGB uint8 (height, width, 3), with its text running to the right.

    A row of pixels crosses many strokes of text, but none of frames, rules and shadows, which run
    along it. So the rows of the line are those with strong edges in reading direction. Of several
    stretches of such rows, the strongest is the line.
    """
    height, width = crop.shape[:2]
    if height < LEAST_HEIGHT or width < 2:
        return 0, height
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    edges = cv2.absdiff(grey[:, 1:], grey[:, :-1])
    strength = cv2.reduce(edges, 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F)
    strength = cv2.blur(strength, (1, 2 * max(1, height // 24) + 1))[:, 0]
    ordered = np.sort(strength)
    least = float(ordered[height // 20])
    # If the line has only few rows, the percentile misses it.
    most = max(float(ordered[height * 9 // 10]), float(ordered[-1]) / 2)
    rows = np.flatnonzero(strength > least + STROKES * (most - least))
    if not len(rows):
        return 0, height
    gaps = np.flatnonzero(np.diff(rows) > max(1, height // 16)) + 1
    line = max(np.split(rows, gaps), key=lambda run: float(strength[run].sum()))
    start, end = int(line[0]), int(line[-1]) + 1
    margin = round((end - start) * MARGIN)
    return max(0, start - margin), min(height, end + margin)


def line_columns(rows: Image) -> tuple[int, int]:
    """The first column of a line of text with its room, and the column after that; all columns if
    no side is wide. `rows` are those of the line."""
    height, width = rows.shape[:2]
    if height < LEAST_HEIGHT or width < height:
        return 0, width
    grey = cv2.blur(cv2.cvtColor(rows, cv2.COLOR_RGB2GRAY), (3, 3))
    spread = np.ptp(grey, axis=0)
    least, most = float(np.sort(spread)[width // 20]), float(spread.max())
    inked = np.flatnonzero(spread > least + INKED * (most - least))
    if not len(inked):
        return 0, width
    room = round(SIDE * height)
    start, end = int(inked[0]), int(inked[-1]) + 1
    return start - room if start > 2 * room else 0, end + room if width - end > 2 * room else width
