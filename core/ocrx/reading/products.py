"""The stage that writes the spaces around a multiplication sign.

Recognisers are sure of the sign and its numbers, but hardly see how far they are apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ocrx.reading.icons import ink_height
from ocrx.reading.pipeline import Candidate, Work
from ocrx.types import Span, Text

APART = 0.345
"""There are spaces around a sign that is so many heights of a digit away from its numbers, on the
mean of both sides. In 70 fonts it is 0.38 at most without spaces, in all but two 0.34, and 0.35 at
least with spaces."""

BESIDE = 0.25
"""There is a space on one side if there is one on the other and that is so far away."""

STRENGTH = 0.35
"""A column of pixels has ink if its contrast is this part of the highest one."""


def write_products(works: Sequence[Work]) -> None:
    """Write spaces around each × between two numbers that stands apart from them."""
    for work in works:
        for one in work.candidates:
            if "×" in one.text.chars and one.text.match is None:
                one.text = _spaced(one)


def _spaced(candidate: Candidate) -> Text:
    text = candidate.text
    inked = [i for i, char in enumerate(text.chars) if not char.isspace()]
    new: dict[int, Span] = {}
    for left, sign, right in zip(inked, inked[1:], inked[2:], strict=False):
        ends = text.chars[left], text.chars[right]
        if text.chars[sign] != "×" or not all(map(str.isdecimal, ends)):
            continue
        # places after a space have one already
        places = [place for place, before in ((sign, left), (right, sign)) if place - before == 1]
        gaps = [_gap(candidate, place - 1, place) for place in places]
        if gaps and float(np.mean(gaps)) >= (APART if len(gaps) == 2 else BESIDE):
            for place in places:
                new[place] = text.spans[place - 1][1], text.spans[place][0]
    parts = [
        part
        for i, part in enumerate(zip(text.chars, text.scores, text.spans, strict=True))
        for part in ([(" ", part[1], new[i]), part] if i in new else [part])
    ]
    chars, scores, spans = zip(*parts, strict=True)
    return Text(chars, scores, spans)


def _gap(candidate: Candidate, left: int, right: int) -> float:
    """The blank between two characters, in heights of a digit."""
    spans, wide = candidate.text.spans, candidate.crop.shape[1]
    start, end = (round(sum(spans[i]) / 2 * wide) for i in (left, right))
    grey = cv2.cvtColor(candidate.crop, cv2.COLOR_RGB2GRAY).astype(float)
    contrast = np.ptp(grey, axis=0)
    ink = contrast[start:end] > STRENGTH * contrast.max()
    places = np.flatnonzero(ink)
    digit = left if candidate.text.chars[left].isdecimal() else right
    edges = [round(edge * wide) for edge in spans[digit]]
    high = ink_height(candidate.crop[:, edges[0] : max(edges[1], edges[0] + 1)])
    return float(np.diff(places).max() - 1) / high if len(places) > 1 and high else 0.0
