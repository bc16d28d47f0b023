"""Decides whether columns go on below figures that stand side by side in them.

Below a blank across columns a new part of the page may begin. But where each column has a caption
of its own beside the blank, the figure is the column's, and so is the text below it, if it
continues the text above.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from ocrx.page.boxes import Boxes, Floats
from ocrx.page.quantiles import lower_median
from ocrx.page.sidebars import Lines, lines_of
from ocrx.page.strips import Strips

MIN_LINES = 3
"""A column has so many lines above its figure, and so many below, without the caption."""

MAX_CAPTION = 6
"""The most lines of a caption."""

APART = 1.4
"""The gap between a caption and the text is so many times that between lines."""

GUTTER = 0.4
"""The least width of the gutters, in heights of a line."""

_CAPTION = re.compile(r"[^\W\d]+\.? ?\d+[a-z]?[.:]")
"""The beginning of a caption: Figure 3: or Abb. 2."""

_FINISHED = re.compile(r"[.!?:;。！？؟][\"'”’»)]*$")
"""The end of a sentence, at the end of a line."""


class _Part(NamedTuple):
    """The lines of a column on one side of a blank: their texts without the caption, from the top,
    and whether there is a caption."""

    texts: list[str]
    captioned: bool


def go_on(above: Boxes, below: Boxes) -> bool:
    """Whether columns above a blank go on below it."""
    if not above.texts.any():
        return False
    ends = np.concatenate((above.x0, below.x0)), np.concatenate((above.x1, below.x1))
    strips = Strips.of(*ends, GUTTER * above.typical)
    first, second = np.split(strips.number, [len(above)])
    links = [
        _link(above.take(first == strip), below.take(second == strip))
        for strip in range(len(strips.widths))
    ]
    return len(links) > 1 and None not in links and sum(filter(None, links)) > 0


def _link(above: Boxes, below: Boxes) -> int | None:
    """How well the text of a column goes on below its figure: 1, 0 or -1. None if the blank is no
    figure of this column."""
    if min(len(above), len(below)) < MIN_LINES:
        return None
    lines = lines_of(above), lines_of(below)
    if min(len(one.y) for one in lines) < MIN_LINES:
        return None
    first, second = _part(lines[0], below=False), _part(lines[1], below=True)
    if not first.captioned and not second.captioned:
        return None
    if min(len(first.texts), len(second.texts)) < MIN_LINES:
        return None
    finished = _FINISHED.search(first.texts[-1]) is not None
    if not second.texts[0][:1].islower():
        return 0
    return -1 if finished else 1


def _part(lines: Lines, *, below: bool) -> _Part:
    """The lines of a column `below` a blank, or above it."""
    gaps, texts = np.diff(lines.y), lines.texts
    if below:
        count = _caption(gaps, texts[0])
        return _Part(texts[count:], count > 0)
    count = _caption(gaps[::-1], "")
    return _Part(texts[: len(texts) - count], count > 0)


def _caption(gaps: Floats, text: str) -> int:
    """How many lines the caption has, whose first line has that text. `gaps` are those that follow
    its lines."""
    far = np.flatnonzero(gaps[:MAX_CAPTION] > APART * lower_median(gaps))
    if len(far):
        return int(far[0]) + 1
    return int(_CAPTION.match(text) is not None)
