"""The stage that reads signs that stand alone in a row: see `ocrx.page.marks`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from ocrx.interfaces.components import Recognizer
from ocrx.page.geometry import crop, each_span_quad, quad_size
from ocrx.page.lines import joined
from ocrx.page.marks import Mark, find_marks
from ocrx.page.views import View, certainty
from ocrx.reading.calling import Held
from ocrx.reading.icons import forget_icons, forget_photographs
from ocrx.reading.pipeline import Candidate, Work, read_crops
from ocrx.reading.scripts import (
    CERTAIN,
    is_east_asian,
    is_read,
    is_word,
    translated,
)
from ocrx.types import Quad, Text, frozen_quad

SURE = 0.75
"""A sign that the detector did not see and that reads with lower certainty is taken for a stain."""

WELL = 0.9
"""A single character that the detector found is read again if its certainty is lower. A Latin
letter or a digit that it did not see and that reads with lower certainty is a stain or a piece of a
rule as often as not: detectors seldom overlook those."""

CLEAR = 0.95
"""A letter or digit of this certainty stands for a word on a page of single characters."""

LONG = 0.36
"""From this width on, in heights of its row, a dash is an em dash. In sixteen fonts hyphens and
dashes are 0.16 to 0.28 wide, em dashes 0.41 to 0.74."""

LARGE = 0.42
"""From this width on, in heights of its row, a bullet is a large one."""

MARGIN = 0.3
"""In heights of a line."""

FOUND = "signs were found beside lines, where the detector saw nothing"

BARS = frozenset("1Il")
"""What recognisers take a dash for."""

LETTERS = str.maketrans({"0": "O", "1": "I", "l": "I", "|": "I"})
DIGITS = str.maketrans({"O": "0", "o": "0", "I": "1", "l": "1", "|": "1"})
KINDRED = 4
"""From so many clear ones of one kind on, single characters decide what those are that look like a
letter and like a digit: `0` on a page of letters is an `O`."""

PLUS_MINUS = re.compile(r"(?<!\S)\+[1Il|]-(?!\S)")
"""What recognisers take `+/-` for."""

ROUND = frozenset("oO0Q")
"""What recognisers take a bullet for."""

STAINS = frozenset(".,:;'`·•")

Found: TypeAlias = tuple[Candidate | None, Mark, View]
"""A mark, in the view that it is read in, and the single character found there already, if any."""


def read_marks(works: Sequence[Work], recognizer: Held[Recognizer]) -> None:
    """Read the signs that the detector overlooked in rows of text, and read single characters of
    low certainty again, in crops as high as their row.

    A dash is recognised by its shape, because recognisers take its crop for a one or a box as often
    as not.
    """
    asked: list[tuple[Work, _Signs, Found]] = []
    for work in works:
        if work.layout == "page":
            signs = _Signs(is_east_asian([c.text for c in work.candidates]), _alike(work))
            asked += [(work, signs, found) for found in _doubtful_marks(work)]
            signs.translate(work.candidates)
            signs.plus = any(set(c.text.text.strip()) == {"+"} for c in work.candidates)
            forget_photographs(work, east_asian=signs.east_asian)
    crops = [view.crop for *_, (_, _, view) in asked]
    texts = read_crops([work for work, *_ in asked], crops, recognizer)
    for (work, signs, (known, found, view)), text in zip(asked, texts, strict=True):
        letter = known is not None and _is_letter(known.text)
        mark = replace(found, dot=0.0) if letter else found
        is_dash = mark.bar > 0 and not signs.east_asian
        sign = signs.of(mark, text)
        if known is not None:
            if is_dash or mark.dot or certainty(sign) > certainty(known.text):
                known.view, known.text = view, sign
        elif certainty(sign) >= signs.least(sign.text) and _is_likely(mark, sign.text):
            work.candidates.append(Candidate(view, 0.0, text=sign))
            work.notes.append(FOUND)
    for work in works:
        if work.layout == "page":
            forget_icons(work)


@dataclass
class _Signs:
    """What is to be known of a page to tell its signs: whether it has words in an `east_asian`
    script, how single characters are written that are `alike`, and whether there is a `plus`, or
    several, beside which a long dash is a minus."""

    east_asian: bool
    alike: dict[int, str]
    plus: bool = False

    def of(self, mark: Mark, text: Text) -> Text:
        """The sign that a mark is, read as `text`."""
        width, height = quad_size(mark.quad)
        half = mark.width * height / width / 2
        span = max(0.0, 0.5 - half), min(1.0, 0.5 + half)
        if mark.dot:
            return Text(("•" if mark.width < LARGE else "●",), (1.0,), (span,))
        if self.east_asian:
            return text
        if not mark.bar:
            return self.plain(text)
        return Text(("-" if mark.width < LONG or self.plus else "—",), (mark.bar,), (span,))

    def translate(self, candidates: Sequence[Candidate]) -> None:
        """Write what was read as it is meant, unless the page is Chinese, Japanese or Korean."""
        for candidate in () if self.east_asian else candidates:
            candidate.text = self.plain(candidate.text)

    def plain(self, text: Text) -> Text:
        """A text with the signs and characters that are meant by those that look like them."""
        text = translated(text)
        if len(text.chars) > 1:
            return _with_slash(text)
        return replace(text, chars=tuple(char.translate(self.alike) for char in text.chars))

    def least(self, text: str) -> float:
        """The least certainty for what the detector did not see."""
        if (self.plus and text == "+") or text in self.alike.values():
            return CERTAIN
        return WELL if text.isascii() and any(map(str.isalnum, text)) else SURE


def _with_slash(text: Text) -> Text:
    """A text with `+/-` where `+1-` was read."""
    if text.match is not None or not (found := PLUS_MINUS.search(text.text)):
        return text
    place = found.start() + 1
    return replace(text, chars=(*text.chars[:place], "/", *text.chars[place + 1 :]))


def _is_likely(mark: Mark, text: str) -> bool:
    """Whether a mark is no stain, and no piece of a photograph, in which only words are read."""
    if mark.dot or mark.number:
        return mark.dot > 0 or text.isdecimal()
    return not STAINS.issuperset(text) and (mark.plain or (len(text) > 1 and text.isalnum()))


def _doubtful_marks(work: Work) -> list[Found]:
    words = [c for c in work.candidates if is_word(c.text)]
    singles = [c for c in work.candidates if len(c.text.text.strip()) <= 1]
    middles = np.array([c.quad.mean(axis=0) for c in singles]).reshape(-1, 2)
    clear = [_bounds(c.quad) for c in singles if _is_clear(c.text)]
    quads = _inked(words)
    rows = quads if len(quads) > len(clear) else quads + clear
    found = []
    for mark in find_marks(work.image, rows, [c.quad for c in singles if is_read(c.text)]):
        within = ((mark.quad[0] <= middles) & (middles <= mark.quad[2])).all(axis=1)
        candidate = singles[int(np.argmax(within))] if within.any() else None
        if candidate is None or mark.bar or mark.dot or certainty(candidate.text) < WELL:
            view = View(mark.quad, crop(work.image, mark.quad))
            found.append((candidate, mark, view))
    return found


def _inked(lines: Sequence[Candidate]) -> list[Quad]:
    """The quads of lines without more than MARGIN before and after their texts. Detectors draw a
    line out to a bullet before it, even if they do not reach it."""
    spans = []
    for line in lines:
        width, height = quad_size(line.quad)
        margin = MARGIN * height / max(width, 1.0)
        start, end = joined(line.text.spans)
        spans.append((max(0.0, start - margin), min(1.0, end + margin)))
    return each_span_quad([line.quad for line in lines], spans)


def _is_clear(text: Text) -> bool:
    sign = text.text.strip()
    return sign.isalnum() and sign not in BARS and certainty(text) >= CLEAR


def _is_letter(text: Text) -> bool:
    """Whether it is no bullet: a bold H in small print looks like one."""
    return _is_clear(text) and text.text.strip() not in ROUND


def _bounds(quad: Quad) -> Quad:
    """The upright box around a single character, whose own slope says nothing."""
    (x0, y0), (x1, y1) = quad.min(axis=0), quad.max(axis=0)
    return frozen_quad([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


def _alike(work: Work) -> dict[int, str]:
    """How characters are written that look like a letter and like a digit, on a page of nothing but
    single letters or single digits; nothing on others."""
    signs = [c.text.text.strip() for c in work.candidates if _is_clear(c.text)]
    single = [sign for sign in signs if len(sign) == 1 and sign not in "0Oo"]
    if len(single) < max(KINDRED, 1 + sum(is_word(c.text) for c in work.candidates)):
        return {}
    for kind, alike in ((str.isupper, LETTERS), (str.isdecimal, DIGITS)):
        if all(map(kind, single)):
            return alike
    return {}
