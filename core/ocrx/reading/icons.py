"""Takes back single characters that are icons, radio buttons or pieces of photographs."""

from __future__ import annotations

import cv2
import numpy as np

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
such characters on drawn pages none was right, five were misread, and twelve were none. Digits stay:
fonts for code have a 0 with a dot or a stroke, which reads worse. So do a plus and the like, which
are no letters that something else could be taken for."""

SIGNS = frozenset("+±")

HIGH = 1.1
"""The ink of a single character is at most so many times as high as that of the words in its row.
In fifteen fonts it is as high at most; icons and radio buttons are 1.1 to 1.5 times as high."""

ROUND = frozenset("0OoQ●○")
"""What radio buttons, dots and magnifiers are taken for, however certainly."""

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
    inks = np.array([ink_height(one.crop) for one in words])
    middles = np.array([one.quad[:, 1].mean() for one in words])
    grey = float(np.median([chroma(one.crop) for one in words]))
    chinese = {sign for c in work.candidates for sign in c.text.text if has_east_asian(sign)}
    for one in singles:
        sign, sure = _sign(one), certainty(one.text)
        wrong = not sign.isdecimal() and sign not in SIGNS and sure < UNLIKELY
        wrong |= sign in DOTS and chroma(one.crop) > COLOURED >= grey
        if not wrong and (sign in ROUND or (sign.isalnum() and sure < WELL)):
            row = np.abs(middles - one.quad[:, 1].mean()) < min(quad_size(one.quad)) / 2
            usual = max(float(np.median(inks)), *inks[row].tolist()) if row.any() else np.inf
            wrong = ink_height(one.crop) > HIGH * usual
        if wrong or chinese == {sign} == {BARS}:
            one.text = Text()


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
    return int(np.percentile(np.ptp(crop, axis=2), 99))


def _sign(candidate: Candidate) -> str:
    return candidate.text.text.strip()
