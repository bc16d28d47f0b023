"""Takes back single characters that are icons, radio buttons or pieces of photographs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import cv2
import numpy as np

from ocrx.page.boxes import Floats
from ocrx.page.geometry import quad_size
from ocrx.page.views import certainty
from ocrx.reading.pipeline import Candidate, Work
from ocrx.reading.scripts import has_east_asian, is_word
from ocrx.types import Image, Text

WELL = 0.9
"""A single character of lower certainty may be something else."""

HUGE = 4.0
"""A single character so many times as high as the lines of its page that reads with lower certainty
than WELL is a photograph, and so is a Chinese one on a page in other scripts."""

UNLIKELY = 0.6
"""Beside words, a single character of lower certainty is a piece of a photograph or an emoji: of 17
such characters on drawn pages none was right, five were misread, and twelve were none. Digits that
look like the words around them stay: fonts for code have a 0 with a dot or a stroke, which reads
worse. So do a plus and the like, for which little else is taken."""

SIGNS = frozenset("+±")

HIGH = 1.1
"""The ink of a single character is at most so many times as high as that of the words in its row.
In fifteen fonts it is as high at most; icons and radio buttons are 1.1 to 1.5 times as high."""

ROUND = frozenset("0OoQ●○□")
"""What radio buttons, checkboxes, dots and magnifiers are taken for, however certainly."""

DOTS = frozenset("●•")
COLOURED = 60
"""A pixel whose channels differ by more than this, of 255, is coloured."""

BARS = "三"
"""What the sign of a menu is taken for."""

CONTRAST = 24
INK = 0.25
"""A row of pixels has ink if its contrast is above CONTRAST, of 255, and above this part of the
highest one."""


def forget_photographs(work: Work, *, east_asian: bool) -> None:
    """Take back single characters that are most likely pieces of photographs."""
    words, singles = _parted(work)
    if len(words) < 2:
        return
    huge = HUGE * float(np.median([min(quad_size(c.quad)) for c in words]))
    for one in singles:
        strange = not east_asian and has_east_asian(_sign(one))
        if certainty(one.text) < WELL and (strange or min(quad_size(one.quad)) > huge):
            one.text = Text()


def forget_icons(work: Work) -> None:
    """Take back single characters of a page with words that read too badly, are higher than the
    words beside them, are coloured dots beside black text, or are the bars of a menu."""
    words, singles = _parted(work)
    if len(words) < 2 or not singles:
        return
    look = _Look.of(words)
    chinese = {sign for c in work.candidates for sign in c.text.text if has_east_asian(sign)}
    for one in singles:
        sign, sure = _sign(one), certainty(one.text)
        high, coloured = look.compare(one)
        odd = coloured or high > HIGH
        wrong = sure < UNLIKELY and sign not in SIGNS and (odd or not sign.isdecimal())
        wrong |= sure < WELL and (high > HIGH and (sign.isalnum() or sign in ROUND))
        wrong |= sign in ROUND and (high > HIGH or (coloured and (sign in DOTS or sure < WELL)))
        if wrong or chinese == {sign} == {BARS}:
            one.text = Text()


@dataclass(frozen=True)
class _Look:
    """What the words of a page look like: the heights of their ink, their middles, and whether
    most are black, white or grey."""

    inks: Floats
    middles: Floats
    grey: bool

    @classmethod
    def of(cls, words: Sequence[Candidate]) -> _Look:
        return cls(
            np.array([ink_height(one.crop) for one in words], dtype=float),
            np.array([one.quad[:, 1].mean() for one in words]),
            float(np.median([chroma(one.crop) for one in words])) <= COLOURED,
        )

    def compare(self, single: Candidate) -> tuple[float, bool]:
        """How many times as high the ink of a single character is as that of most words and of all
        in its row, 0 if there are none, and whether it is coloured and they are not."""
        near = np.abs(self.middles - single.quad[:, 1].mean()) < min(quad_size(single.quad)) / 2
        row = self.inks[near]
        usual = max(float(np.median(self.inks)), *row.tolist(), 1.0) if len(row) else np.inf
        return ink_height(single.crop) / usual, self.grey and chroma(single.crop) > COLOURED


def _parted(work: Work) -> tuple[list[Candidate], list[Candidate]]:
    """The words of a page, and its single characters."""
    words = [one for one in work.candidates if is_word(one.text)]
    return words, [one for one in work.candidates if len(_sign(one)) == 1]


def ink_height(crop: Image) -> int:
    """How many rows of pixels the text of a crop takes, from the first with ink to the last."""
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    contrast = (grey.max(axis=1) - grey.min(axis=1)).astype(float)
    rows = np.flatnonzero(contrast > max(CONTRAST, INK * contrast.max()))
    return int(rows[-1] - rows[0]) + 1 if len(rows) else 0


def chroma(crop: Image) -> int:
    """By how much the channels of a pixel differ, at most, the most coloured hundredth aside."""
    channels = cv2.split(crop)  # numpy is four times slower along the last axis
    spread = cv2.subtract(reduce(cv2.max, channels), reduce(cv2.min, channels))
    return int(np.percentile(spread, 99))


def _sign(candidate: Candidate) -> str:
    return candidate.text.text.strip()
