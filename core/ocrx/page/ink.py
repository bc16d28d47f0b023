"""Finds the ink in a strip of a picture, such as a piece of a line."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrx.page.boxes import Mask
from ocrx.page.quantiles import byte_quantile

CONTRAST = 24
STRENGTH = 0.4
"""A pixel is ink if it differs from the paper by at least CONTRAST, of 255, and by at least
STRENGTH times as much as the darkest one around."""


def ink(grey: NDArray[np.uint8], row: tuple[float, float], span: tuple[float, float]) -> Mask:
    """What is ink of the row with that middle and height, between two places. Most of the strip is
    taken for paper. It is smaller where it reaches beyond the picture, and may be empty."""
    (y, high), (start, end) = row, span
    rows = slice(max(0, round(y - high / 2)), max(0, round(y + high / 2)))
    strip = grey[rows, max(0, round(start)) : max(0, round(end))]
    if not strip.size:
        return np.zeros(strip.shape, dtype=np.bool_)
    off = np.abs(strip - byte_quantile(strip, 0.5))
    return np.asarray(off >= max(CONTRAST, STRENGTH * float(off.max())), dtype=np.bool_)
