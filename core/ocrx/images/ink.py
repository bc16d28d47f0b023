"""Whether there is anything on a page at all."""

from __future__ import annotations

import cv2
import numpy as np

from ocrx.types import Image

CONTRAST = 24
"""How far, of 255, a mark differs from what is around it."""

NEIGHBOURHOOD = 31
MARK = 12
"""Pixels; fewer are dust."""


def has_ink(image: Image) -> bool:
    """Whether marks stand out from their surroundings: text, drawings, or what a photograph shows.

    Uneven light and the grain of a scan are no ink. `image` is uint8 (H, W, 3) RGB.
    """
    grey = cv2.blur(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (3, 3))
    marks = cv2.absdiff(grey, cv2.blur(grey, (NEIGHBOURHOOD, NEIGHBOURHOOD))) > CONTRAST
    return int(np.count_nonzero(marks)) >= MARK
