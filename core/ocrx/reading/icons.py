"""Takes back single characters that are icons, radio buttons or pieces of photographs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, reduce

import cv2
import numpy as np

from ocrx.page.boxes import Floats
from ocrx.page.geometry import quad_size
from ocrx.page.quantiles import byte_quantile, median
from ocrx.page.views import certainty
from ocrx.reading.pipeline import Candidate, Work
from ocrx.reading.scripts import has_east_asian, is_word
from ocrx.types import Image, Text

WELL = 0.9
"""A single character of lower certainty may be something else."""

HUGE = 4.0
PAIR = 2
"""One or two characters so many times as high as the lines of their page that read with lower
certainty than WELL are a photograph, and so is a Chinese one on a page in other scripts."""

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
    """Take back characters that are most likely pieces of photographs."""
    words, _ = _parted(work)
    if len(words) < 2:
        return
    huge = HUGE * float(np.median([min(quad_size(c.quad)) for c in words]))
    for one in work.candidates:
        if not 1 <= len(_sign(one)) <= PAIR:
            continue
        strange = not east_asian and len(_sign(one)) == 1 and has_east_asian(_sign(one))
        if certainty(one.text) < WELL and (strange or min(quad_size(one.quad)) > huge):
            one.text = Text()


def forget_icons(work: Work) -> None:
    """Take back single characters of a page with words that read too badly, are higher than the
    words beside them, are coloured dots beside black text, or are the bars of a menu."""
    words, singles = _parted(work)
    if len(words) < 2 or not singles:
        return
    look = _Look(words)
    chinese = {sign for c in work.candidates for sign in c.text.text if has_east_asian(sign)}
    for one in singles:
        if _is_icon(one, look) or chinese == {_sign(one)} == {BARS}:
            one.text = Text()


def _is_icon(single: Candidate, look: _Look) -> bool:
    sign, sure = _sign(single), certainty(single.text)
    if sure >= WELL and sign not in ROUND:
        return False
    high, coloured = look.height_of(single) > HIGH, look.is_coloured(single)
    wrong = sure < UNLIKELY and sign not in SIGNS and (high or coloured or not sign.isdecimal())
    wrong |= sure < WELL and (high and (sign.isalnum() or sign in ROUND))
    wrong |= sign in ROUND and (high or (coloured and (sign in DOTS or sure < WELL)))
    return wrong


class _Look:
    """What the words of a page look like. It is looked at only if a single character is in doubt,
    because most pages have none."""

    def __init__(self, words: Sequence[Candidate]) -> None:
        self._words = words

    @cached_property
    def _inks(self) -> Floats:
        """The heights of the ink of the words."""
        return np.array([ink_height(one.crop) for one in self._words], dtype=float)

    @cached_property
    def _middles(self) -> Floats:
        return np.array([one.quad[:, 1].mean() for one in self._words])

    @cached_property
    def _is_grey(self) -> bool:
        """Whether most words are black, white or grey."""
        return float(np.median([chroma(one.crop) for one in self._words])) <= COLOURED

    def height_of(self, single: Candidate) -> float:
        """How many times as high the ink of a single character is as that of most words and of all
        in its row, 0 if there are none."""
        near = np.abs(self._middles - single.quad[:, 1].mean()) < min(quad_size(single.quad)) / 2
        if not near.any():
            return 0.0
        usual = float(max(median(self._inks), *self._inks[near].tolist(), 1.0))
        return ink_height(single.crop) / usual

    def is_coloured(self, single: Candidate) -> bool:
        """Whether a single character is coloured, and most words are not."""
        return chroma(single.crop) > COLOURED and self._is_grey


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
    return int(byte_quantile(np.asarray(spread, dtype=np.uint8), 0.99))


def _sign(candidate: Candidate) -> str:
    return candidate.text.text.strip()
