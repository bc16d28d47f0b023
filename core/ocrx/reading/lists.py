"""The stage that gives each line of a list its bullet.

Detectors and recognisers overlook some of the stars and dashes of a list and not others, and take
some dashes for longer ones. But the bullets of a list are alike, and stand one below the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from unicodedata import category

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.page.boxes import Floats
from ocrx.page.geometry import quad_size, span_quad
from ocrx.page.ink import ink
from ocrx.page.views import View
from ocrx.reading.pipeline import Candidate, Work
from ocrx.reading.scripts import is_word
from ocrx.types import Text, frozen_quad

BULLETS = frozenset("*•●-–—")
DASHES = frozenset("-–—")

NUMBERS = frozenset({"Nd", "Sc"})
"""The categories of digits and currencies. A dash before one is a minus."""

ALIGNED = 0.4
"""The lines of a list, and its bullets, begin at places that differ by at most so many heights."""

INDENT = 3.0
"""A bullet stands at most so many heights before its line."""

REACH = 6.0
"""The lines of a list are at most so many heights apart."""

AROUND = 0.65
"""In heights: the ink of a bullet is looked for so far to both sides of its place."""

GAP = 0.1
"""Ink belongs to one bullet if its pieces are at most so many heights apart."""

OFF = 0.25
SIZE = 0.3
"""Two bullets are alike if their places differ by at most OFF heights of a line, and their width
and height by at most SIZE times as much and 1.5 pixels."""


@dataclass(frozen=True, eq=False)
class _Line:
    """A line of words, its middle and height, and its bullet. `x` is the middle of that, and
    `start` where the words begin. `holder` has the bullet at its beginning."""

    words: Candidate
    y: float
    high: float
    start: float
    x: float = 0.0
    holder: Candidate | None = None

    @property
    def sign(self) -> str:
        return self.holder.text.chars[0] if self.holder else ""


def read_lists(works: Sequence[Work]) -> None:
    """Add the bullets that were overlooked to the lines of lists, and write the dashes of a list
    alike."""
    for work in works:
        bullets = any(one.text.text[:1] in BULLETS for one in work.candidates if one.text.chars)
        if work.layout == "page" and bullets:
            lines = _lines(work.candidates)
            listed = sorted((one for one in lines if one.holder), key=lambda one: one.y)
            if listed:
                _agree(listed)
                _complete(work, listed, [one for one in lines if not one.holder])


def _lines(candidates: Sequence[Candidate]) -> list[_Line]:
    lone = [one for one in candidates if one.text.text.strip() in BULLETS]
    middles = np.array([one.quad.mean(axis=0) for one in lone]).reshape(-1, 2)
    rest = [one.quad for one in candidates if one.text.text.strip() not in BULLETS]
    boxes = np.array(rest, dtype=np.float64).reshape(-1, 4, 2)
    found = []
    for one in candidates:
        if not is_word(one.text) or not one.is_level or one.text.match is not None:
            continue
        chars, start = one.text.chars, _place(one, 0)[0]
        high, y, x = quad_size(one.quad)[1], float(one.quad[:, 1].mean()), 0.0
        beside = (np.abs(middles[:, 1] - y) < high / 2) & (middles[:, 0] < start)
        beside &= start - middles[:, 0] < INDENT * high
        holder = None
        if chars[0] in BULLETS:
            first = next(i for i in range(1, len(chars)) if not chars[i].isspace())
            if category(chars[first]) not in NUMBERS and chars[first] not in BULLETS:
                start, x, holder = _place(one, first)[0], sum(_place(one, 0)) / 2, one
        elif beside.any():
            nearest = int(np.argmax(np.where(beside, middles[:, 0], -np.inf)))
            if not _is_cell(middles[nearest], boxes, start, high):
                x, holder = float(middles[nearest, 0]), lone[nearest]
        found.append(_Line(one, y, high, start, x, holder))
    return found


def _is_cell(place: Floats, boxes: Floats, start: float, high: float) -> bool:
    """Whether a sign stands in the column of a table: something else stands above or below it that
    ends before the words beside it `start`."""
    (x, y), (lefts, tops), (rights, bottoms) = place, boxes.min(axis=1).T, boxes.max(axis=1).T
    near = (tops - y < REACH * high) & (y - bottoms < REACH * high)
    return bool((near & (lefts < x) & (x < rights) & (rights < start)).any())


def _place(candidate: Candidate, char: int) -> tuple[float, float]:
    """Where a character begins and ends, from the left of the picture."""
    xs = span_quad(candidate.quad, candidate.text.spans[char])[:, 0]
    return float(xs.min()), float(xs.max())


def _agree(listed: Sequence[_Line]) -> None:
    """Write the dashes of each list as most of them are."""
    rest = [one for one in listed if one.sign in DASHES]
    while rest:
        group = [rest[0]]
        for one in rest[1:]:
            last = group[-1]
            if abs(one.x - last.x) <= ALIGNED * last.high and one.y - last.y <= REACH * last.high:
                group.append(one)
        grouped = set(map(id, group))
        rest = [one for one in rest if id(one) not in grouped]
        usual = Counter(one.sign for one in group).most_common(1)[0][0]
        for one in group:
            if one.holder and one.sign != usual:
                text = one.holder.text
                one.holder.text = replace(text, chars=(usual, *text.chars[1:]))


def _complete(work: Work, listed: Sequence[_Line], others: Sequence[_Line]) -> None:
    """Give lines a bullet that begin where those of a list do, and have ink like its bullets."""
    grey = np.asarray(cv2.cvtColor(work.image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    known = list(listed)
    places = [(one.start, one.y, one.high) for one in known]
    for one in sorted(others, key=lambda one: one.y):
        starts, ys, highs = np.array(places).T
        off = np.where(np.abs(starts - one.start) <= ALIGNED * highs, np.abs(ys - one.y), np.inf)
        nearest = int(np.argmin(off))
        if off[nearest] > REACH * highs[nearest]:
            continue
        model = known[nearest]
        found, like = _bullet_ink(grey, one, model.x), _bullet_ink(grey, model, model.x)
        if found is None or like is None or not _are_alike(found, like, model.high):
            continue
        if found[0] >= one.start:  # a letter of the line
            continue
        work.candidates.append(_bullet(work, one, found, model.sign))
        known.append(replace(one, x=model.x, holder=work.candidates[-1]))
        places.append((one.start, one.y, one.high))


def _bullet_ink(grey: NDArray[np.uint8], line: _Line, x: float) -> Floats | None:
    """The middle of the ink around a place in the row of a line, and its width and height; None if
    there is none."""
    high = line.high
    top, left = max(0, round(line.y - high / 2)), max(0, round(x - AROUND * high))
    mask = ink(grey, (line.y, high), (x - AROUND * high, x + AROUND * high))
    columns = np.flatnonzero(mask.any(axis=0))
    if not len(columns):
        return None
    pieces = np.split(columns, np.flatnonzero(np.diff(columns) > GAP * high + 1) + 1)
    piece = min(pieces, key=lambda one: abs(left + one.mean() - x))
    rows = np.flatnonzero(mask[:, piece].any(axis=1))
    size = len(range(piece[0], piece[-1] + 1)), len(range(rows[0], rows[-1] + 1))
    return np.array([left + piece[0] + size[0] / 2, top + rows[0] + size[1] / 2 - line.y, *size])


def _are_alike(found: Floats, like: Floats, high: float) -> bool:
    most = np.array([OFF * high, OFF * high, SIZE * like[2] + 1.5, SIZE * like[3] + 1.5])
    return bool((np.abs(found - like) <= most).all())


def _bullet(work: Work, line: _Line, found: Floats, sign: str) -> Candidate:
    x0, x1 = found[0] - found[2] / 2, found[0] + found[2] / 2
    top, bottom = line.y - line.high / 2, line.y + line.high / 2
    quad = frozen_quad([[x0, top], [x1, top], [x1, bottom], [x0, bottom]])
    rows, columns = slice(max(0, round(top)), round(bottom)), slice(max(0, round(x0)), round(x1))
    view = View(quad, work.image[rows, columns])
    return Candidate(view, 0.0, text=Text((sign,), (1.0,), ((0.0, 1.0),)))
