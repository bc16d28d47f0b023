"""The stage that writes a lone x small that was read as a capital.

Recognisers see the shape of a letter but hardly its size, and there is no word around a lone one:
they take the x of `3 x 4.50` for an X, most of all in fonts in which it is high.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ocrx.reading.icons import ink_height
from ocrx.reading.pipeline import Candidate, Work
from ocrx.types import Text

SMALL = 0.87
"""An X is small if it is less than so many times as high as the digits and capitals of its
line. In 25 fonts and on receipts, a lone x is 0.63 to 0.82 times as high, and an X 0.93 to 1.09."""


def write_small(works: Sequence[Work]) -> None:
    """Write each lone X small that is lower than the digits and other capitals of its line."""
    for work in works:
        for candidate in work.candidates:
            if "X" in candidate.text.text.split() and candidate.text.match is None:
                candidate.text = _with_small(candidate)


def _with_small(candidate: Candidate) -> Text:
    chars = candidate.text.chars
    blank = [True, *map(str.isspace, chars), True]
    lone = [i for i in range(len(chars)) if chars[i] == "X" and blank[i] and blank[i + 2]]
    others = [i for i, c in enumerate(chars) if i not in lone and (c.isdecimal() or c.isupper())]
    if not others:
        return candidate.text
    usual = float(np.median([_height(candidate, i) for i in others]))
    small = {i for i in lone if _height(candidate, i) < SMALL * usual}
    return replace(
        candidate.text, chars=tuple(c.lower() if i in small else c for i, c in enumerate(chars))
    )


def _height(candidate: Candidate, place: int) -> int:
    """The height of the ink of a character, in pixels of the crop."""
    start, end = (round(edge * candidate.crop.shape[1]) for edge in candidate.text.spans[place])
    return ink_height(candidate.crop[:, start : max(end, start + 1)])
