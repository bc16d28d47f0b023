"""Turns pictures upright and makes their pixels square."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

import cv2

from ocrx.images.document import Raster

if TYPE_CHECKING:
    from ocrx.types import Image

SQUARE = 1.1
"""Pixels whose sides differ by at most this factor are left as they are. A fax of 204 x 196 dots
per inch reads as well."""

FARTHEST = 4.0
"""A larger claimed factor is an error in the file: no device makes such pixels."""


def turned(image: Image, orientation: int) -> Image:
    """The picture upright, for an EXIF orientation of 1 to 8."""
    if orientation in (5, 7):
        image = cast("Image", cv2.transpose(image))
    if orientation in (3, 7):
        return cast("Image", cv2.rotate(image, cv2.ROTATE_180))
    if orientation == 2:
        return cast("Image", cv2.flip(image, 1))
    if orientation == 4:
        return cast("Image", cv2.flip(image, 0))
    if orientation == 6:
        return cast("Image", cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE))
    if orientation == 8:
        return cast("Image", cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE))
    return image


def squared(image: Image, aspect: float, max_pixels: int) -> tuple[Image, tuple[str, ...]]:
    """The picture (H, W, 3) with square pixels, and notes about it. No side is reduced unless the
    picture would exceed `max_pixels`. `aspect` is the height of its pixels divided by their
    width."""
    if 1 / SQUARE <= aspect <= SQUARE:
        return image, ()
    if not 1 / FARTHEST <= aspect <= FARTHEST:
        return image, (f"its pixels claim to be {aspect:.3g} times as tall as wide: not believed",)
    height, width = image.shape[:2]
    tall, wide = max(1.0, aspect), max(1.0, 1 / aspect)
    room = min(1.0, math.sqrt(max_pixels / (height * tall * width * wide)))
    size = (max(1, int(width * wide * room)), max(1, int(height * tall * room)))
    stretched = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC)
    note = f"its pixels are {aspect:.3g} times as tall as wide; it was read with square ones"
    return cast("Image", stretched), (note,)


def upright(
    image: Image, stored: int, aspect: float, max_pixels: int, notes: tuple[str, ...]
) -> Raster:
    """The page of a picture with the EXIF orientation `stored`, 1 to 8. `aspect` is the height of
    the upright picture's pixels divided by their width. Coordinates on the page are in pixels of
    the upright picture, square or not."""
    image = turned(image, stored)
    square, more = squared(image, aspect, max_pixels)
    return Raster(square, image.shape[1], image.shape[0], (*notes, *more))
