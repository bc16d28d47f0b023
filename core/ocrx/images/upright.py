"""Pictures as a person holds them: turned upright, with square pixels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

import cv2

from ocrx.images.document import Raster

if TYPE_CHECKING:
    from ocrx.types import Image

SQUARE = 1.1
"""Up to so many times as tall as wide, or as wide as tall, pixels are left as they are: a fax of
204 x 196 dots per inch reads as well."""

FARTHEST = 4.0
"""What claims more than this is mistaken: no device made such pixels."""


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
    """The picture with square pixels, no side reduced unless it would have more than `max_pixels`,
    and what to note of it. `aspect` is how many times as tall as wide its pixels are."""
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
    """The page of a picture as it is `stored`, 1 to 8, with pixels `aspect` times as tall as wide
    when it is upright. Its own pixels are those of the upright picture, square or not."""
    image = turned(image, stored)
    square, more = squared(image, aspect, max_pixels)
    return Raster(square, image.shape[1], image.shape[0], (*notes, *more))
