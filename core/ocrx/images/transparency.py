"""Lays transparent pictures on a background from which everything visible stands out."""

from __future__ import annotations

from itertools import product

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray

from ocrx.images.bands import bands, in_bands
from ocrx.types import Image

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
BACKGROUNDS = np.array(
    [WHITE, BLACK, *(c for c in product((0, 128, 255), repeat=3) if c not in (WHITE, BLACK))]
)
USUAL = 0.6
"""White is preferred, as most pictures are meant to lie on it, if its contrast is at least this
part of the best one's. PP-OCRv6 small then finds spaces better than with a fixed least contrast."""

LEGIBLE = 20
"""The least contrast, of 255, at which text is read."""

REACH = 7
"""The side in pixels of the square in which visible parts must meet transparent ones."""

FAINT = 128
"""A picture whose largest alpha is below this is meant to be translucent as a whole."""

OVERLOOKED = 12
"""This many pixels, plus one in 2000, may have less contrast."""


def flatten(picture: PIL.Image.Image) -> tuple[Image, tuple[str, ...]]:
    """A picture with transparency as RGB uint8 (H, W, 3), and notes about the background.

    The background is white if that contrasts well enough, or else the colour that contrasts best
    with everything next to it: black for white text, another colour for white and black text in one
    picture. A picture that nowhere reaches half opacity is made more opaque.
    """
    counts, most = np.zeros(2**15, np.int64), 0
    opaque = True
    for _, band in bands(picture):
        rgba = np.asarray(band.convert("RGBA"))
        alpha = np.ascontiguousarray(rgba[..., 3])
        opaque = opaque and int(alpha.min()) == 255
        most = max(most, int(alpha.max()))
        counts += _edge_colours(rgba, alpha)
    if opaque:
        return in_bands(picture, lambda band: band.convert("RGB")), ()
    background, contrast = _background(counts)
    gain = 255 / most if 0 < most < FAINT else 1.0

    def laid(band: PIL.Image.Image) -> PIL.Image.Image:
        band = band.convert("RGBA")
        canvas = PIL.Image.new("RGB", band.size, background)
        mask = band.getchannel("A")
        canvas.paste(band, mask=mask.point([round(a * gain) for a in range(256)]))
        return canvas

    return in_bands(picture, laid), _notes(background, contrast * gain)


def _edge_colours(rgba: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.int64]:
    """A histogram of the colours next to the background, with 4 bits each for red, green and blue
    and 3 for alpha. Pixels inside an opaque area are left out: the background does not change how
    they stand out."""
    square = np.ones((REACH, REACH), np.uint8)
    peak, least = cv2.dilate(alpha, square), cv2.erode(alpha, square)
    # Divided on the larger side, because twice or four times a byte overflows.
    seen = (alpha >= 8) & (alpha >= peak // 2) & (least <= alpha // 4)
    red, green, blue, opacity = (rgba[seen] >> np.array([4, 4, 4, 5], np.uint8)).astype(np.int64).T
    return np.bincount(red << 11 | green << 7 | blue << 3 | opacity, minlength=2**15)


def _background(counts: NDArray[np.int64]) -> tuple[tuple[int, int, int], float]:
    """The best background, and its contrast with nearly all colours next to it."""
    codes = np.flatnonzero(counts)
    if not len(codes):
        return WHITE, 255.0
    counts = counts[codes]
    colours = np.stack([codes >> 11 & 15, codes >> 7 & 15, codes >> 3 & 15], axis=1) * 17
    opacity = ((codes & 7) + 1) / 8
    overlooked = OVERLOOKED + counts.sum() // 2000
    contrasts = []
    for background in BACKGROUNDS:
        apart = np.abs(colours - background)
        light = np.abs((colours - background) @ (0.299, 0.587, 0.114))
        contrast = opacity * (apart.max(axis=1) + light) / 2
        order = np.argsort(contrast)
        within = int(np.searchsorted(np.cumsum(counts[order]), overlooked))
        contrasts.append(float(contrast[order[min(within, len(order) - 1)]]))
    best = max(contrasts)
    chosen = 0 if contrasts[0] >= USUAL * best else contrasts.index(best)
    red, green, blue = (int(value) for value in BACKGROUNDS[chosen])
    return (red, green, blue), contrasts[chosen]


def _notes(background: tuple[int, int, int], contrast: float) -> tuple[str, ...]:
    name = {WHITE: "white", BLACK: "black"}.get(
        background, "#{:02x}{:02x}{:02x}".format(*background)
    )
    if contrast < LEGIBLE:
        return (f"it is transparent and was laid on {name}, from which not all stands out",)
    return () if background == WHITE else (f"it is transparent and was laid on {name}",)
