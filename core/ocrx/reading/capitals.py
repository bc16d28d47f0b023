"""The stage that writes a lone x small that was read as a capital.

Recognisers see the shape of a letter but hardly its size, and there is no word around a lone one:
they take the x of `3 x 4.50` for an X, most of all in fonts in which it is high.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ocrx.page.geometry import quad_size
from ocrx.reading.icons import ink_height
from ocrx.reading.pipeline import Candidate, Work
from ocrx.reading.scripts import is_word
from ocrx.types import Text

SMALL = 0.87
"""An X is small if it is less than so many times as high as the digits and capitals of its
line or row. In 25 fonts and on receipts, a lone x is 0.63 to 0.82 times as high, and an X 0.93 to
1.09."""

SAME_ROW = 0.3
"""Lines are in one row if their middles differ by at most this many heights."""

FEW = 3
"""So many digits and capitals of each line in a row are enough."""


def write_small(works: Sequence[Work]) -> None:
    """Write each lone X small that is lower than the digits and other capitals of its line, or of
    its row if there are none in its line."""
    for work in works:
        for candidate in work.candidates:
            if "X" in candidate.text.text.split() and candidate.text.match is None:
                candidate.text = _with_small(candidate, work.candidates)


def _with_small(candidate: Candidate, page: Sequence[Candidate]) -> Text:
    chars = candidate.text.chars
    blank = [True, *map(str.isspace, chars), True]
    lone = [i for i in range(len(chars)) if chars[i] == "X" and blank[i] and blank[i + 2]]
    others = [(candidate, i) for i in _high(candidate) if i not in lone]
    others = others or [(one, i) for one in _row(candidate, page) for i in _high(one)[:FEW]]
    if not others:
        return candidate.text
    usual = float(np.median([_height(*one) for one in others]))
    small = {i for i in lone if _height(candidate, i) < SMALL * usual}
    return replace(
        candidate.text, chars=tuple(c.lower() if i in small else c for i, c in enumerate(chars))
    )


def _high(candidate: Candidate) -> list[int]:
    """The places of digits and capitals."""
    return [i for i, c in enumerate(candidate.text.chars) if c.isdecimal() or c.isupper()]


def _row(candidate: Candidate, page: Sequence[Candidate]) -> list[Candidate]:
    """The words in the row of a line."""
    y, high = candidate.quad[:, 1].mean(), min(quad_size(candidate.quad))
    near = [one for one in page if abs(one.quad[:, 1].mean() - y) < SAME_ROW * high]
    return [one for one in near if is_word(one.text) and one.is_level]


def _height(candidate: Candidate, place: int) -> int:
    """The height of the ink of a character, in pixels of the crop."""
    start, end = (round(edge * candidate.crop.shape[1]) for edge in candidate.text.spans[place])
    return ink_height(candidate.crop[:, start : max(end, start + 1)])
