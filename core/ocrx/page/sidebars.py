"""Decides whether short lines beside long ones are a sidebar, or the names in a table.

Both may stand at the same heights as the long lines. But a name in a table stands beside the first
line of what is said of it, or beside its middle, while a line of a sidebar stands beside any line
of running text. Most lines of running text continue the one above: they begin with a small letter,
and their first word had no room there.
"""

from __future__ import annotations

from unicodedata import east_asian_width

import numpy as np

from ocrx.page.boxes import Boxes, Lines, Mask
from ocrx.page.quantiles import median, quantile

MIN_BESIDE = 3
BESIDE_PART = 0.3
"""So many lines of a sidebar, and this part of those that stand beside a line at all, stand beside
one that continues the line above."""

LOOSE_PART = 0.25
"""Of the lines of running text that begin with a small letter, the most whose first word had room
in the line above, as a part of the others."""

MIN_ASPECT = 10.0
MIN_FILL = 0.8
"""The median line of running text is at least so many heights long, and fills this part of its
column."""

OFF = 0.35
"""A line stands beside another if they are at most this part of the distance from line to line
apart."""

PITCH = 1.9
"""The lines of a sidebar are at most so many times as far apart as those of the running text. In a
table whose cells have several lines, the names are further apart."""


def is_sidebar(left: Boxes, right: Boxes) -> bool:
    """Whether one of two groups of lines side by side is a sidebar, the other one running text."""
    if min(len(left), len(right)) < MIN_BESIDE:
        return False
    return _is_beside(left, right) or _is_beside(right, left)


def _is_beside(beside: Boxes, boxes: Boxes) -> bool:
    """Whether boxes are running text, and those beside them a sidebar."""
    least = MIN_ASPECT * boxes.typical
    if boxes.x1.max() - boxes.x0.min() < least:
        return False
    text = boxes.lines
    length = median(text.x1 - text.x0)
    width = float(text.x1.max() - text.x0.min())
    if len(text.y) < MIN_BESIDE or length < least or length < MIN_FILL * width:
        return False
    side = beside.lines
    return len(side.y) >= MIN_BESIDE and _is_sidebar_of(side, text)


def _is_sidebar_of(side: Lines, text: Lines) -> bool:
    """Whether some lines are a sidebar of others that are long."""
    if side.pitch > PITCH * text.pitch:
        return False
    room, small = had_room(text), np.array([one[:1].islower() for one in text.texts])
    if (small & room).sum() > LOOSE_PART * (small & ~room).sum():
        return False
    continued = ~room & [_may_continue(one) for one in text.texts]
    off = np.abs(side.y[:, None] - text.y)
    begun = np.array([not one[:1].islower() for one in side.texts])
    beside = begun & (off.min(axis=1) <= OFF * text.pitch)
    count = int((beside & continued[off.argmin(axis=1)]).sum())
    return count >= max(MIN_BESIDE, BESIDE_PART * int(beside.sum()))


def _may_continue(text: str) -> bool:
    """Whether a line begins with a small letter, or with one of a script without capitals."""
    return text[:1].isalpha() and text[:1] == text[:1].lower()


def had_room(text: Lines) -> Mask:
    """Whether the first word of each line would have fitted at the end of the line above."""
    end = quantile(text.x1, 0.9)
    size = (text.x1 - text.x0) / [max(len(one), 1) for one in text.texts]
    words = np.array([_length_of_word(one) for one in text.texts])
    return np.append(True, text.x1[:-1] + (size * words)[1:] < end)


def _length_of_word(text: str) -> int:
    """The characters of the first word. Chinese and Japanese may be broken at any character."""
    return 1 if east_asian_width(text[:1] or " ") == "W" else len(text.split(" ", 1)[0])
