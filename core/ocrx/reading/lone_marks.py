"""The stage that reads signs that stand alone in a row: see `ocrx.page.marks`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocrx.interfaces.components import Recognizer
from ocrx.page.geometry import crop, quad_size
from ocrx.page.marks import Mark, find_marks
from ocrx.page.views import View, certainty
from ocrx.reading.calling import Held
from ocrx.reading.pipeline import Candidate, Work, read_crops
from ocrx.types import Quad, Text, frozen_quad

CERTAIN = 0.5
"""A text of lower certainty is not taken for a word."""

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

FOUND = "signs were found beside lines, where the detector saw nothing"

BARS = frozenset("1Il")
"""What recognisers take a dash for."""

STAINS = frozenset(".,:;'`·•")

LOOKALIKES = str.maketrans("一十士土米", "—+±±*")
"""Chinese characters for which recognisers take lone signs, and the signs. They are replaced on
pages without Chinese, Japanese or Korean."""


def read_marks(works: Sequence[Work], recognizer: Held[Recognizer]) -> None:
    """Read the signs that the detector overlooked in rows of text, and read single characters of
    low certainty again, in crops as high as their row.

    A dash is recognised by its shape, because recognisers take its crop for a one or a box as often
    as not.
    """
    asked: list[tuple[Work, Candidate | None, Mark, View]] = []
    for work in works:
        if work.layout == "page":
            asked += _doubtful_marks(work)
            _translate_lookalikes(work)
    texts = read_crops([work for work, *_ in asked], [view.crop for *_, view in asked], recognizer)
    for (work, known, mark, view), text in zip(asked, texts, strict=True):
        is_dash = mark.bar > 0 and not _is_east_asian(work)
        sign = _dash(mark) if is_dash else text if _is_east_asian(work) else _translated(text)
        if known is not None:
            if is_dash or certainty(sign) > certainty(known.text):
                known.view, known.text = view, sign
        elif certainty(sign) >= _least(sign.text) and not STAINS.issuperset(sign.text):
            work.candidates.append(Candidate(view, 0.0, text=sign))
            work.notes.append(FOUND)


def _least(text: str) -> float:
    """The least certainty for what the detector did not see."""
    return WELL if text.isascii() and any(map(str.isalnum, text)) else SURE


def _doubtful_marks(work: Work) -> list[tuple[Work, Candidate | None, Mark, View]]:
    words = [c for c in work.candidates if _is_word(c)]
    singles = [c for c in work.candidates if len(c.text.text.strip()) <= 1]
    middles = np.array([c.quad.mean(axis=0) for c in singles]).reshape(-1, 2)
    clear = [_bounds(c.quad) for c in singles if _is_clear(c.text)]
    quads = [c.quad for c in words]
    found = []
    for mark in find_marks(work.image, quads if len(quads) > len(clear) else quads + clear):
        within = ((mark.quad[0] <= middles) & (middles <= mark.quad[2])).all(axis=1)
        candidate = singles[int(np.argmax(within))] if within.any() else None
        if candidate is None or mark.bar or certainty(candidate.text) < WELL:
            view = View(mark.quad, crop(work.image, mark.quad))
            found.append((work, candidate, mark, view))
    return found


def _is_word(candidate: Candidate) -> bool:
    return len(candidate.text.text.strip()) > 1 and certainty(candidate.text) >= CERTAIN


def _is_clear(text: Text) -> bool:
    sign = text.text.strip()
    return sign.isalnum() and sign not in BARS and certainty(text) >= CLEAR


def _bounds(quad: Quad) -> Quad:
    """The upright box around a single character, whose own slope says nothing."""
    (x0, y0), (x1, y1) = quad.min(axis=0), quad.max(axis=0)
    return frozen_quad([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


def _dash(mark: Mark) -> Text:
    width, height = quad_size(mark.quad)
    half = mark.width * height / width / 2
    span = max(0.0, 0.5 - half), min(1.0, 0.5 + half)
    return Text(("—" if mark.width >= LONG else "-",), (mark.bar,), (span,))


def _translate_lookalikes(work: Work) -> None:
    if not _is_east_asian(work):
        for candidate in work.candidates:
            candidate.text = _translated(candidate.text)


def _translated(text: Text) -> Text:
    """A single character as the sign that it looks like; any other text unchanged."""
    if len(text.chars) != 1:
        return text
    return Text((text.chars[0].translate(LOOKALIKES),), text.scores, text.spans)


def _is_east_asian(work: Work) -> bool:
    """Whether a word on the page has Chinese, Japanese or Korean characters."""
    return any(
        "\u3040" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7af"
        for candidate in work.candidates
        if _is_word(candidate)
        for sign in candidate.text.text
    )
