"""Painting in uint8: the few operations that everything is drawn with."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.types import Image
from ocrx_training.synth.glyphs import Mask

Colour: TypeAlias = tuple[float, float, float]
"""Red, green and blue, 0 to 255 each."""

Size: TypeAlias = tuple[int, int]
"""Height and width, in pixels."""

Pixels: TypeAlias = NDArray[np.uint8]
"""A picture or a mask."""

Shade: TypeAlias = NDArray[np.int16]
"""What is added to each pixel: int16 (height, width)."""


def size_of(picture: Pixels) -> Size:
    """The height and width of a picture or mask."""
    return picture.shape[0], picture.shape[1]


def blurred(picture: Pixels, sigma: float) -> Pixels:
    """The picture or mask blurred by a Gaussian with that standard deviation, in pixels."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def levelled(mask: Pixels, factor: float, offset: float) -> Pixels:
    """The mask times `factor` and plus `offset`, cut off at 0 and 255."""
    table = np.clip(np.arange(256) * factor + offset, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(mask, table), np.uint8)


def filled(size: Size, colour: Colour) -> Image:
    """A picture of one colour."""
    return np.asarray(cv2.add(np.zeros((*size, 3), np.uint8), _scalar(colour)), np.uint8)


def blended(below: Image, above: Image | Colour, mask: Mask) -> Image:
    """`above` laid over `below` where the mask says so."""
    share = cv2.merge((mask, mask, mask))
    kept = cv2.multiply(below, cv2.bitwise_not(share), scale=1 / 255)
    laid = _scalar(above) if isinstance(above, tuple) else above
    return np.asarray(cv2.add(kept, cv2.multiply(share, laid, scale=1 / 255)), np.uint8)


def _scalar(colour: Colour) -> NDArray[np.float64]:
    """The colour as OpenCV takes one in place of a picture."""
    return np.array((*colour, 0.0))


def dimmed(mask: Mask, factor: float) -> Mask:
    """The mask times `factor`."""
    return np.asarray(cv2.convertScaleAbs(mask, alpha=factor), np.uint8)


def product(mask: Mask, other: Mask) -> Mask:
    """Two masks multiplied."""
    return np.asarray(cv2.multiply(mask, other, scale=1 / 255), np.uint8)


def placed(mask: Mask, size: Size, left: int, top: int) -> Mask:
    """The mask on an empty one of `size` (height, width), with what lies outside cut off."""
    whole = np.zeros(size, np.uint8)
    put(whole, mask, left, top)
    return whole


def put(whole: Mask, mask: Mask, left: int, top: int) -> None:
    """Draw the mask into a larger one, in place, with what lies outside cut off."""
    y0, x0 = max(0, top), max(0, left)
    y1 = min(whole.shape[0], top + mask.shape[0])
    x1 = min(whole.shape[1], left + mask.shape[1])
    if y1 > y0 and x1 > x0:
        window = whole[y0:y1, x0:x1]
        np.maximum(window, mask[y0 - top : y1 - top, x0 - left : x1 - left], out=window)


def shaded(picture: Image, shade: Shade) -> Image:
    """The picture with `shade`, int16 (height, width), added to all of its colours."""
    each = cv2.merge((shade, shade, shade))
    return np.asarray(cv2.add(picture, each, dtype=cv2.CV_8U), np.uint8)


def lit_relief(height: Mask, angle: float, depth: float) -> Shade:
    """What light from `angle` (radians) adds to a surface of that height: int16 of its shape.

    `depth` is the light on a slope from nothing to full height within three pixels.
    """
    kernel = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], np.float32)
    kernel = kernel * np.sin(angle) + kernel.T * np.cos(angle)
    return np.asarray(cv2.filter2D(height, cv2.CV_16S, kernel * np.float32(depth / 1020)), np.int16)


def luminance(colour: Colour) -> float:
    """How bright a colour is, 0 to 255."""
    red, green, blue = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue
