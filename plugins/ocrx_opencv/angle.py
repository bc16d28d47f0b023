"""The angle at which the lines of text in a picture run: the one at which rows differ most.

Summed along the lines of text, rows of ink and rows of paper differ sharply. At any other angle
they blur into each other. This is the projection profile of Postl, "Detection of linear oblique
structures and skew scan in digitized documents", 1986.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.types import Image

SIDE = 1200
"""Larger pictures are reduced to this longer side, in pixels. A page is still legible then."""

AROUND = 31
"""Ink is what differs from the mean of the square around it, whose side is so many pixels."""

FAINTEST = 12
"""A difference of fewer grey levels is the grain of the paper, not ink."""

STRIP = 8
"""The width of a strip in pixels. To sum at an angle, whole strips are shifted up or down."""

STEP, FINE_STEP = 0.5, 0.1
"""Degrees between the angles tried: first all of them, then those around the best."""

SURE = 4.0
"""How many times sharper the rows must be than at the median angle. Pages of text, tilted or not,
reach at least 4.3, and 15 in the median. Most scenes with little text stay below."""

Floats = NDArray[np.float64]


def text_angle(image: Image, max_angle: float) -> float:
    """Degrees by which text runs down to the right (up, if negative).

    0.0 if no angle within `max_angle` stands out from the others.
    """
    strips = _strips(_ink(image))
    if not strips.any():
        return 0.0
    # One step further than asked, because a maximum at the very end is no maximum.
    steps = int(max_angle / STEP) + 2
    coarse = STEP * np.arange(-steps, steps + 1.0)
    rough = _sharpness(strips, coarse)
    fine = float(coarse[rough.argmax()]) + FINE_STEP * np.arange(-6.0, 7.0)
    sharp = _sharpness(strips, fine)
    angle = float(fine[sharp.argmax()])
    sure = sharp.max() >= SURE * np.median(rough)
    return angle if sure and abs(angle) <= max_angle else 0.0


def _ink(image: Image) -> NDArray[np.bool_]:
    """What is darker or lighter than its surroundings, in the reduced picture: (H, W)."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    scale = SIDE / max(grey.shape)
    if scale < 1:
        size = [max(1, round(side * scale)) for side in grey.shape[::-1]]
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    contrast = cv2.absdiff(grey, cv2.blur(grey, (AROUND, AROUND)))
    threshold, _ = cv2.threshold(contrast, 0, 255, cv2.THRESH_OTSU)
    return np.asarray(contrast > max(threshold, FAINTEST))


def _strips(ink: NDArray[np.bool_]) -> Floats:
    """The number of ink pixels in each row of each strip: (strips, height)."""
    height, width = ink.shape
    count = -(-width // STRIP)
    whole = np.pad(ink, ((0, 0), (0, count * STRIP - width)))
    return np.ascontiguousarray(whole.reshape(height, count, STRIP).sum(axis=2, dtype=np.float64).T)


def _sharpness(strips: Floats, angles: Floats) -> Floats:
    """How much the ink differs from row to row at each of the angles: (angles,)."""
    count, height = strips.shape
    middles = STRIP * (np.arange(count) - (count - 1) / 2)
    falls = np.rint(np.outer(np.tan(np.deg2rad(angles)), middles)).astype(int)
    margin = int(np.abs(falls).max()) + 1
    rows = np.empty((len(angles), height + 2 * margin))
    for row, fall in zip(rows, margin - falls, strict=True):
        row[:] = 0
        for strip, start in zip(strips, fall.tolist(), strict=True):
            row[start : start + height] += strip
    return np.asarray((np.diff(rows, axis=1) ** 2).sum(axis=1))
