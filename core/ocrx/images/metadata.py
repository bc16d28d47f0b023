"""The metadata of picture files: orientation, shape of the pixels, and resolution.

Pillow parses untrusted data here. Whatever it raises is caught, because damaged metadata must not
make a picture unreadable.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import PIL.Image

_ORIENTATION = 0x0112
_X_RESOLUTION, _Y_RESOLUTION = 0x011A, 0x011B

Dpi: TypeAlias = tuple[float, float]
"""Pixels per inch, horizontal and vertical."""


def orientation(picture: PIL.Image.Image) -> int:
    """The EXIF orientation of the picture, 1 to 8; 1, upright, if it has none."""
    try:
        value = picture.getexif().get(_ORIENTATION, 1)
    except Exception:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def pixel_aspect(picture: PIL.Image.Image, gif_byte: int = 0) -> float:
    """The height of the upright picture's pixels divided by their width; 1 if the file does not
    say. Call it after the picture has been decoded.

    Sources are the resolutions in a TIFF, JPEG (JFIF or EXIF), PNG, BMP or JPEG 2000, those in the
    EXIF data of other formats, and the aspect ratio of a GIF, which is byte 12 of its header. If
    several disagree, the first that is not square wins: it was set on purpose.
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
    """The pairs of horizontal and vertical resolution in the file. Their values may be anything."""
    for key in ("dpi", "resolution", "jfif_density", "aspect"):
        value = picture.info.get(key)
        if isinstance(value, tuple) and len(value) == 2:
            yield value
    try:
        exif = picture.getexif()
    except Exception:
        return
    yield exif.get(_X_RESOLUTION), exif.get(_Y_RESOLUTION)


def resolution(picture: PIL.Image.Image, turned: bool) -> Dpi | None:
    """The resolution in the picture's header; None if it has none, or none that makes sense.

    `turned` says that the upright page is a quarter turn from the stored picture, so that
    horizontal and vertical change places.
    """
    try:
        across, down = map(float, picture.info["dpi"])
        claimed = _is_claimed(picture)
    except Exception:
        return None
    dpi = round(across, 3), round(down, 3)  # a file in pixels per metre has 96.012 for 96
    if not claimed or not all(math.isfinite(one) and one > 1 for one in dpi):
        return None
    return dpi[::-1] if turned else dpi


def _is_claimed(picture: PIL.Image.Image) -> bool:
    """Whether the resolution is the file's own. For a JPEG with EXIF data and no resolution Pillow
    makes up 72."""
    if picture.format != "JPEG" or picture.info.get("jfif_unit") or "exif" not in picture.info:
        return True
    return _X_RESOLUTION in picture.getexif()
