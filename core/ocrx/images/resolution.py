"""How many pixels an inch of paper has in a picture, by what its file says."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import PIL.Image

Dpi: TypeAlias = tuple[float, float]
"""Pixels per inch, across and down."""

_X_RESOLUTION = 0x011A


def resolution(picture: PIL.Image.Image, turned: bool) -> Dpi | None:
    """What the header of a picture says, None if it says nothing that can be meant. `turned` says
    that the page is seen a quarter turn from how its file lies: then across and down change
    places."""
    try:
        across, down = map(float, picture.info["dpi"])
        claimed = _is_claimed(picture)
    # Pillow parses untrusted data here; damaged metadata must not cost the picture.
    except Exception:
        return None
    dpi = round(across, 3), round(down, 3)  # a file in pixels per metre has 96.012 for 96
    if not claimed or not all(math.isfinite(one) and one > 1 for one in dpi):
        return None
    return dpi[::-1] if turned else dpi


def _is_claimed(picture: PIL.Image.Image) -> bool:
    """Whether the file says it: of a JPEG with EXIF data and no resolution, Pillow says 72."""
    if picture.format != "JPEG" or picture.info.get("jfif_unit") or "exif" not in picture.info:
        return True
    return _X_RESOLUTION in picture.getexif()
