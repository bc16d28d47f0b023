"""Processing large pictures in bands, so that intermediate results need little memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import PIL.Image

    from ocrx.types import Image

BAND_PIXELS = 4_000_000


def bands(picture: PIL.Image.Image) -> Iterator[tuple[int, PIL.Image.Image]]:
    """The picture in bands of full width, each with the index of its first row."""
    width, height = picture.size
    rows = max(1, BAND_PIXELS // width)
    if rows >= height:
        yield 0, picture
        return
    for top in range(0, height, rows):
        yield top, picture.crop((0, top, width, min(top + rows, height)))


def in_bands(
    picture: PIL.Image.Image, convert: Callable[[PIL.Image.Image], PIL.Image.Image]
) -> Image:
    """The picture converted band by band, as one uint8 array (H, W, 3). `convert` must return an
    RGB picture of its band's size."""
    image = np.empty((picture.height, picture.width, 3), np.uint8)
    for top, band in bands(picture):
        image[top : top + band.height] = np.asarray(convert(band))
    return image
