"""Views of a crop: other cuts of it, in which its line may read better."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ocrx.page.geometry import band_quad, turned
from ocrx.types import Image, Quad, Text

DOUBTFUL = 0.7
"""A line is read again if any of its characters is less sure than this."""

LOOSE = 0.4
"""A line that takes less of its crop's height than this is read again however sure it seems: nine
in ten of those read right, of the others nearly all."""

STROKES = 0.35
"""Rows belong to the line from this part of its strokes' strength on. Of number plates the same
were read right from 0.3 to 0.4, and of dot-matrix codes."""

MARGIN = 0.1
"""Room left above and below the line, in heights of it; 0.05 to 0.14 read as well."""

LEAST_HEIGHT = 8
"""Pixels; in lower crops there is nothing to find."""


@dataclass(frozen=True, eq=False)
class View:
    """A crop, and the quad of the picture that it was cut from."""

    quad: Quad
    crop: Image


def certainty(text: Text) -> float:
    """Mean score of the characters that leave ink, 0 if there are none."""
    scores = _inked(text)
    return sum(scores) / len(scores) if scores else 0.0


def is_doubtful(text: Text) -> bool:
    """Whether one of the characters that leave ink is doubtful, or there are none."""
    return min(_inked(text), default=0.0) < DOUBTFUL


def _inked(text: Text) -> list[float]:
    return [s for char, s in zip(text.chars, text.scores, strict=True) if not char.isspace()]


def turned_view(view: View, quarters: int) -> View:
    """The same crop for text turned clockwise by that many quarters."""
    return View(turned(view.quad, quarters), np.ascontiguousarray(np.rot90(view.crop, quarters)))


def line_view(view: View) -> View:
    """The crop cut down to the rows that its line takes: `line_rows`."""
    height = len(view.crop)
    start, end = line_rows(view.crop)
    return View(
        band_quad(view.quad, (start / height, end / height)),
        np.ascontiguousarray(view.crop[start:end]),
    )


def line_rows(crop: Image) -> tuple[int, int]:
    """The first row of a line of text in its crop, and the row after its last: all rows, if none
    stand out. The crop is uint8 (height, width, 3), its text running to the right.

    Text has many strokes across a row. Frames, rules and shadows, which run along it, have none, so
    rows are told by the strength of their edges in the direction of reading; of several stretches
    of such rows the strongest is the line.
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
    # a line of few rows is not seen in a percentile
    most = max(float(ordered[height * 9 // 10]), float(ordered[-1]) / 2)
    rows = np.flatnonzero(strength > least + STROKES * (most - least))
    if not len(rows):
        return 0, height
    gaps = np.flatnonzero(np.diff(rows) > max(1, height // 16)) + 1
    line = max(np.split(rows, gaps), key=lambda run: float(strength[run].sum()))
    start, end = int(line[0]), int(line[-1]) + 1
    margin = round((end - start) * MARGIN)
    return max(0, start - margin), min(height, end + margin)
