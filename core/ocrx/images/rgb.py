"""Conversion of PIL images of any mode, and of arrays, to RGB uint8."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray

from ocrx.images.bands import in_bands
from ocrx.images.depth import eight_bits
from ocrx.images.transparency import flatten
from ocrx.types import Image


def to_rgb(picture: PIL.Image.Image) -> tuple[Image, tuple[str, ...]]:
    """A PIL image of any mode as RGB uint8 (H, W, 3), as stored, and notes about the conversion."""
    # Loading comes first, because it may turn a frame of a GIF from RGB into RGBA.
    picture.load()
    if picture.mode == "F" or picture.mode.startswith("I"):
        grey, notes = eight_bits(np.asarray(picture))
        return cast("Image", cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)), notes
    if picture.mode == "LAB":
        picture = picture.getchannel("L")
    if picture.has_transparency_data:
        return flatten(picture)
    if picture.mode == "1":
        picture = picture.convert("L")
    if picture.mode == "L":
        return cast("Image", cv2.cvtColor(np.asarray(picture), cv2.COLOR_GRAY2RGB)), ()
    return in_bands(picture, lambda band: band if band.mode == "RGB" else band.convert("RGB")), ()


def array_to_rgb(array: NDArray[np.uint8]) -> tuple[Image, tuple[str, ...]]:
    """An array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) as (H, W, 3), and notes about the
    conversion. A contiguous array of three channels is returned as it is, without a copy."""
    array = np.ascontiguousarray(array)
    if array.shape[2:] == (3,):
        return array, ()
    if array.shape[2:] == (4,):
        return flatten(PIL.Image.fromarray(array))
    return cast("Image", cv2.cvtColor(array, cv2.COLOR_GRAY2RGB)), ()
