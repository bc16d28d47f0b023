"""PIL images of any mode, and arrays, as RGB uint8."""

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
    """A PIL image of any mode as RGB (H, W, 3), as it lies, and what to note of it."""
    # First of all: a frame of a GIF may turn from RGB into RGBA by it.
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
    """(H, W), (H, W, 1), (H, W, 3) or (H, W, 4) as (H, W, 3), not copied if it is that already, and
    what to note of it."""
    array = np.ascontiguousarray(array)
    if array.shape[2:] == (3,):
        return array, ()
    if array.shape[2:] == (4,):
        return flatten(PIL.Image.fromarray(array))
    return cast("Image", cv2.cvtColor(array, cv2.COLOR_GRAY2RGB)), ()
