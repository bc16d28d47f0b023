"""Labels as a camera above a belt sees them: dark print on white, in Pillow's own typeface."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

from ocrx.types import Image

LEFT, TOP, PITCH, SIZE = 30, 24, 60, 36


def label(
    texts: Sequence[str],
    size: tuple[int, int] = (420, 160),
    *,
    quarters: int = 0,
    height: int = SIZE,
) -> Image:
    """Lines of text, `height` pixels high and PITCH apart, on a picture of `size` (width, height),
    which is then turned clockwise by `quarters`."""
    picture = PIL.Image.new("RGB", size, "white")
    draw = PIL.ImageDraw.Draw(picture)
    font = PIL.ImageFont.load_default(height)
    for row, text in enumerate(texts):
        draw.text((LEFT, TOP + row * PITCH), text, (20, 20, 20), font)
    return np.ascontiguousarray(np.rot90(np.asarray(picture), -quarters))
