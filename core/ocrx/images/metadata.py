"""What a picture file says of how its pixels are to be seen.

Pillow parses untrusted data here; damaged metadata must not cost the picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import PIL.Image

_ORIENTATION = 0x0112
_X_RESOLUTION, _Y_RESOLUTION = 0x011A, 0x011B


def orientation(picture: PIL.Image.Image) -> int:
    """How the picture is stored, 1 to 8, by its EXIF data; 1 is upright."""
    try:
        value = picture.getexif().get(_ORIENTATION, 1)
    except Exception:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def pixel_aspect(picture: PIL.Image.Image, gif_byte: int = 0) -> float:
    """How many times as tall as wide the pixels of the upright picture are; 1 if nothing says so.
    Both are to be asked when it has been decoded.

    Told by the resolutions in a TIFF, JPEG (JFIF or EXIF), PNG, BMP, JPEG 2000 and in the EXIF data
    of others, and by the aspect ratio in the header of a GIF, its byte 12. Where some are square
    and others are not, those that are not were set on purpose.
    """
    for horizontal, vertical in _resolutions(picture):
        try:
            aspect = float(horizontal) / float(vertical)
        except (TypeError, ValueError, ZeroDivisionError):
            continue
        if math.isfinite(aspect) and aspect > 0 and aspect != 1:
            return 1 / aspect if orientation(picture) >= 5 else aspect
    # GIF89a, section 18: width of a pixel by its height, in 64ths above 15.
    return 64 / (gif_byte + 15) if gif_byte else 1.0


def _resolutions(picture: PIL.Image.Image) -> Iterator[tuple[Any, Any]]:
    """What there is, horizontal and vertical; it may be anything, since files are not trusted."""
    for key in ("dpi", "resolution", "jfif_density", "aspect"):
        value = picture.info.get(key)
        if isinstance(value, tuple) and len(value) == 2:
            yield value
    try:
        exif = picture.getexif()
    except Exception:
        return
    yield exif.get(_X_RESOLUTION), exif.get(_Y_RESOLUTION)
