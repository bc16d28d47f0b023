"""The angle at which a picture's lines of text run, from how its ink falls into rows.

Seen along the lines of text, ink and white alternate sharply; seen at any other angle they blur.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.types import Image

SIDE = 1200
"""Pictures are reduced to this longer side, in pixels. The print of a page is still legible."""

AROUND = 31
"""Ink is what differs from the mean of a square with sides of this many pixels around it."""

FAINTEST = 12
"""A difference of fewer grey levels is taken for the grain of the paper, not for ink."""

STRIP = 8
"""Columns of pixels that are moved together when the picture is seen at an angle."""

STEP, FINE_STEP = 0.5, 0.1

SURE = 4.0
"""How many times sharper than at the median angle the rows must be. Pages of text, turned or not,
reach 4.3 at the least and 15 at the median; scenes with little text mostly stay below."""

Floats = NDArray[np.float64]


def text_angle(image: Image, max_angle: float) -> float:
    """Degrees by which text runs down to the right (up, if negative); 0.0 if no one angle within
    `max_angle` stands out."""
    strips = _strips(_ink(image))
    if not strips.any():
        return 0.0
    # One step further than asked: a maximum at the very end is none.
    steps = int(max_angle / STEP) + 2
    coarse = STEP * np.arange(-steps, steps + 1.0)
    rough = _sharpness(strips, coarse)
    fine = float(coarse[rough.argmax()]) + FINE_STEP * np.arange(-6.0, 7.0)
    sharp = _sharpness(strips, fine)
    angle = float(fine[sharp.argmax()])
    sure = sharp.max() >= SURE * np.median(rough)
    return angle if sure and abs(angle) <= max_angle else 0.0


def _ink(image: Image) -> NDArray[np.bool_]:
    """What stands out from its surroundings, darker or lighter, in the reduced picture."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    scale = SIDE / max(grey.shape)
    if scale < 1:
        size = [max(1, round(side * scale)) for side in grey.shape[::-1]]
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    contrast = cv2.absdiff(grey, cv2.blur(grey, (AROUND, AROUND)))
    threshold, _ = cv2.threshold(contrast, 0, 255, cv2.THRESH_OTSU)
    return np.asarray(contrast > max(threshold, FAINTEST))


def _strips(ink: NDArray[np.bool_]) -> Floats:
    """The ink in each row of each strip: shape (strips, height)."""
    height, width = ink.shape
    count = -(-width // STRIP)
    whole = np.pad(ink, ((0, 0), (0, count * STRIP - width)))
    return np.ascontiguousarray(whole.reshape(height, count, STRIP).sum(axis=2, dtype=np.float64).T)


def _sharpness(strips: Floats, angles: Floats) -> Floats:
    """How much the ink differs from row to row, with the picture seen at each of the angles."""
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
