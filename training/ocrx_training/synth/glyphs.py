"""Runs of text as masks of ink. Glyphs are drawn once and kept, since drawing takes the time."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from ocrx_training.synth.fonts import Font

Mask: TypeAlias = NDArray[np.uint8]
"""The share of ink in each pixel, 0 to 255: uint8 of shape (height, width)."""

SIZES = (32, 72)
"""Heights of capitals, in pixels, in which glyphs are kept."""

_KEPT = 12_000
"""Glyphs kept at once: about 50 MB."""

TALL, BASELINE = 2, 1.45
"""A strip has room for accents above capitals, and for what hangs below the line."""

MISSING = "\uffff"
"""A code that is no character. What a font draws for it, it draws for all that it lacks."""


def knows(font: Font, text: str) -> bool:
    """Whether the font has all of these characters."""
    return all(_has(font, char) for char in set(text) - {" "})


def run(
    font: Font,
    text: str,
    height: float,
    *,
    spacing: float = 0.0,
    stretch: float = 1.0,
    weight: int = 0,
    jitter: tuple[float, ...] = (),
) -> Mask:
    """The text as a mask without margins, with capitals `height` pixels high.

    `spacing` is added between characters, in heights. `stretch` is the width over the natural one.
    `weight` thickens (above 0) or thins the strokes by a few hundredths of the height. `jitter`
    moves the characters down, in heights; the first of them again after the last.
    """
    size = next((one for one in SIZES if one >= height), SIZES[-1])
    glyphs = [_glyph(font, char, size) for char in text]
    gap = round(spacing * size)
    pad = size // 2
    places, at = [], pad
    for _, advance in glyphs:
        places.append(at)
        at += max(1, round(advance) + gap)
    last = max((p + g.shape[1] for p, (g, _) in zip(places, glyphs, strict=True)), default=at)
    canvas = np.zeros((TALL * size, last + pad), np.uint8)
    for number, (x, (glyph, _)) in enumerate(zip(places, glyphs, strict=True)):
        y = round(jitter[number % len(jitter)] * size) if jitter else 0
        y = max(-size // 4, min(y, size // 4))
        rows = canvas[max(0, y) : TALL * size + min(0, y), x : x + glyph.shape[1]]
        part = glyph[max(0, -y) : TALL * size - max(0, y)]
        np.maximum(rows, part, out=rows)
    return scaled(trimmed(_weighed(canvas, weight)), height / size, stretch)


def _weighed(mask: Mask, weight: int) -> Mask:
    """The mask with thicker or thinner strokes."""
    if not weight:
        return mask
    brush = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    change = cv2.dilate if weight > 0 else cv2.erode
    return np.asarray(change(mask, brush, iterations=abs(weight)), np.uint8)


def trimmed(mask: Mask) -> Mask:
    """The mask without rows and columns at its edges that have no ink; one pixel if none has."""
    x, y, width, height = cv2.boundingRect(mask)
    return mask[y : y + height, x : x + width] if width and height else mask[:1, :1]


def scaled(mask: Mask, factor: float, stretch: float = 1.0) -> Mask:
    """The mask in another size."""
    size = (
        max(1, round(mask.shape[1] * factor * stretch)),
        max(1, round(mask.shape[0] * factor)),
    )
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(mask, size, interpolation=how), np.uint8)


@lru_cache(maxsize=256)
def _loaded(font: Font, size: int) -> tuple[ImageFont.FreeTypeFont, float]:
    """The font with capitals `size` pixels high, and the height of its baseline above the top of
    what it draws."""
    probe = _opened(font, 100)
    top, bottom = probe.getbbox("H", anchor="ls")[1::2]
    face = _opened(font, 100 * size / max(1.0, bottom - top))
    return face, size * BASELINE


def _opened(font: Font, size: float) -> ImageFont.FreeTypeFont:
    if font.path:
        return ImageFont.truetype(font.path, size, layout_engine=ImageFont.Layout.BASIC)
    face = ImageFont.load_default(size)
    if not isinstance(face, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType")
    return face


@lru_cache(maxsize=_KEPT)
def _glyph(font: Font, char: str, size: int) -> tuple[Mask, float]:
    """A character on a strip TALL sizes high, its baseline at BASELINE, and its advance."""
    face, baseline = _loaded(font, size)
    left, _, right, _ = face.getbbox(char, anchor="ls")
    canvas = PilImage.new("L", (max(1, int(right - min(0, left)) + 2), TALL * size))
    ImageDraw.Draw(canvas).text((1 - min(0, left), baseline), char, 255, face, anchor="ls")
    return np.asarray(canvas, np.uint8), face.getlength(char)


@lru_cache(maxsize=4096)
def _has(font: Font, char: str) -> bool:
    face, _ = _loaded(font, SIZES[0])
    drawn, missing = (face.getmask(one) for one in (char, MISSING))
    return drawn.size != missing.size or bytes(drawn) != bytes(missing)
