"""Decides whether columns go on below figures that stand side by side in them.

Below a blank across columns a new part of the page may begin. But where each column has a caption
of its own beside the blank, the figure is the column's, and so is the text below it, if it
continues the text above.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise, starmap
from typing import NamedTuple

import numpy as np

from ocrx.page.boxes import Boxes, Floats
from ocrx.page.quantiles import lower_median
from ocrx.page.strips import GUTTER, Strips

MIN_LINES = 3
"""A column has so many lines above its figure, and so many below, without the caption."""

MAX_CAPTION = 6
"""The most lines of a caption."""

APART = 1.4
"""The gap between a caption and the text is so many times that between lines."""

_CAPTION = re.compile(r"[^\W\d]+\.? ?\d+[a-z]?[.:]")
"""The beginning of a caption: Figure 3: or Abb. 2."""

_FINISHED = re.compile(r"[.!?:;。！？؟][\"'”’»)]*$")
"""The end of a sentence, at the end of a line."""


class _Part(NamedTuple):
    """The lines of a column on one side of a blank: their texts without the caption, from the top,
    what stands last in the last of them, and whether there is a caption."""

    texts: list[str]
    end: str
    captioned: bool


def go_on(above: Boxes, below: Boxes) -> bool:
    """Whether columns above a blank go on below it.

    They do if each column has a caption beside the blank and most texts go on, or if sentences go
    on better so than from each column to the next.
    """
    if not above.texts.any():
        return False
    ends = np.concatenate((above.x0, below.x0)), np.concatenate((above.x1, below.x1))
    strips = Strips.of(*ends, GUTTER * above.typical)
    first, second = np.split(strips.number, [len(above)])
    columns = [
        _parts(above.take(first == strip), below.take(second == strip))
        for strip in range(len(strips.widths))
    ]
    parts = [part for column in columns for part in column]
    if len(columns) < 2 or any(len(part.texts) < MIN_LINES for part in parts):
        return False
    if all(before.captioned or after.captioned for before, after in columns):
        pairs = [(before, after) for before, after in columns if after.texts[0][:1].islower()]
        return sum(_fits(*pair) for pair in pairs) > 0
    return _flow(parts) > _flow(parts[::2] + parts[1::2])


def _flow(parts: Sequence[_Part]) -> int:
    """How well the text goes on from each part to the next."""
    return sum(starmap(_fits, pairwise(parts)))


def _fits(before: _Part, after: _Part) -> int:
    """How well a text goes on with another: 1, -1, or 0 if it may be either."""
    small = after.texts[0][:1].islower()
    if _FINISHED.search(before.end):
        return -1 if small else 1
    return 1 if small else 0


def _parts(above: Boxes, below: Boxes) -> tuple[_Part, _Part]:
    """The parts of a column above a blank and below it."""
    return _part(above, below=False), _part(below, below=True)


def _part(boxes: Boxes, *, below: bool) -> _Part:
    """The lines of a column `below` a blank, or above it."""
    lines = boxes.lines if len(boxes) >= MIN_LINES else None
    if lines is None or len(lines.y) < MIN_LINES:
        return _Part([], "", captioned=False)
    gaps, texts = np.diff(lines.y), lines.texts
    count = _caption(gaps, texts[0]) if below else _caption(gaps[::-1], "")
    first, stop = (count, len(texts)) if below else (0, len(texts) - count)
    ends = [*lines.starts[1:].tolist(), len(lines.pieces)]  # words may be far apart in a last line
    return _Part(texts[first:stop], str(lines.pieces[ends[stop - 1] - 1]), count > 0)


def _caption(gaps: Floats, text: str) -> int:
    """How many lines the caption has, whose first line has that text. `gaps` are those that follow
    its lines."""
    far = np.flatnonzero(gaps[:MAX_CAPTION] > APART * lower_median(gaps))
    if len(far):
        return int(far[0]) + 1
    return int(_CAPTION.match(text) is not None)
