"""Telling blank pages from those with something on them."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ocrx.types import Image

CONTRAST = 24
"""The least difference of a mark from its surroundings, of 255."""

FAINT = 4
FLAT = 0.9
"""The same on a picture without grain, such as a screenshot: where at least the fraction FLAT of
all pixels are as bright as those around them."""

NEIGHBOURHOOD = 31
MARK = 12
"""The least size of a mark in pixels. Smaller ones are dust."""

GLANCE = 500
"""The longer side, in pixels, of what is looked at first."""


def is_blank(image: Image) -> bool:
    """Whether nothing on it has ink. Quick for a picture that has some in every part of it."""
    step = math.ceil(max(image.shape) / GLANCE)
    return not has_ink(image[::step, ::step]) and not has_ink(image)


def has_ink(image: Image) -> bool:
    """Whether anything stands out from its surroundings: text, drawings, the motif of a photograph.

    Uneven light and the grain of a scan do not count. `image` is RGB uint8 (H, W, 3).
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    smooth = cv2.blur(grey, (3, 3))
    is_flat = np.count_nonzero(grey == smooth) >= FLAT * grey.size
    limit, seen = (FAINT, grey) if is_flat else (CONTRAST, smooth)
    marks = cv2.absdiff(seen, cv2.blur(seen, (NEIGHBOURHOOD, NEIGHBOURHOOD))) > limit
    return int(np.count_nonzero(marks)) >= MARK
