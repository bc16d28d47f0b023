"""What seven-segment digits look like: each has a cell of 24 rows and 20 columns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrx.types import Image

HEIGHT, WIDTH, MARGIN = 24, 14, 3
CELL = WIDTH + 2 * MARGIN

SEGMENTS = {  # rows, then columns without the margin
    "a": (slice(0, 4), slice(0, 14)),
    "b": (slice(0, 12), slice(10, 14)),
    "c": (slice(12, 24), slice(10, 14)),
    "d": (slice(20, 24), slice(0, 14)),
    "e": (slice(12, 24), slice(0, 4)),
    "f": (slice(0, 12), slice(0, 4)),
    "g": (slice(10, 14), slice(0, 14)),
}
DIGITS = ("abcdef", "bc", "abdeg", "abcdg", "bcfg", "acdfg", "acdefg", "abc", "abcdefg", "abcdfg")


def glyph(digit: int) -> NDArray[np.bool_]:
    """The digit's ink in its cell, of shape (HEIGHT, CELL)."""
    ink = np.zeros((HEIGHT, CELL), bool)
    inner = ink[:, MARGIN : MARGIN + WIDTH]
    for segment in DIGITS[digit]:
        inner[SEGMENTS[segment]] = True
    return ink


def draw(text: str, scale: int = 2) -> Image:
    """A picture of dark digits on white, with room around them."""
    ink = np.concatenate([glyph(int(digit)) for digit in text], axis=1)
    ink = np.pad(np.kron(ink, np.ones((scale, scale))), 4 * scale)
    return np.repeat(np.where(ink, 30, 250).astype(np.uint8)[..., None], 3, axis=2)
