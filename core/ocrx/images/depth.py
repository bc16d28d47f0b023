"""Conversion of pictures with more than 8 bits per value to 0 to 255."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

LEAST_USED = 0.25
"""Values that span a smaller part of their type's range than this are stretched to all of it. A
quarter leaves 64 shades of grey, in which text is read as well as in 256."""

_CHUNK = 4_000_000
"""The number of values converted at once, which keeps intermediate arrays small."""

_NATIVE = "B" if sys.byteorder == "little" else "L"
_OTHER_BYTE = {
    f"{mode};16{order}": f"{mode};16{other}"
    for mode in ("RGB", "RGBA", "RGBX")
    for order, other in (("B", "L"), ("L", "B"), ("N", _NATIVE))
}
"""Pillow's raw modes that keep the more significant byte, with those that keep the other. Modes
with transparency are included, but not stretched: on a background they span enough of the range."""


def eight_bits(values: NDArray[Any]) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Integers or floats of shape (H, W) or (H, W, channels) scaled to uint8, and notes about it.

    Integers are taken to range up to 65535, or up to 4095 if all fit into 12 bits, as in pictures
    of cameras and scanners. Floats are taken to range from 0 to 1. Values outside these ranges, or
    that span less than a quarter of theirs, are stretched from the smallest to the largest.
    """
    notes: tuple[str, ...] = ()
    whole = values.dtype.kind in "ui"
    if not whole:
        values = _finite(values)
    low, high = used_range(values)
    tops = (4095.0, 65535.0) if whole else (1.0,)
    top = next((top for top in tops if low >= 0 and high <= top), None)
    if top is not None and 0 < high - low < LEAST_USED * top:
        notes = (f"its values lie between {low:g} and {high:g}; they were stretched to full range",)
        top = None
    if top is not None:
        low, high = 0.0, top
    scaled = np.empty(values.shape, np.uint8)
    rows = max(1, _CHUNK // max(1, values[0].size))
    for first in range(0, len(values), rows):
        part = (values[first : first + rows].astype(np.float64) - low) * (255 / ((high - low) or 1))
        scaled[first : first + rows] = np.rint(part.clip(0, 255))
    return scaled, notes


def _finite(values: NDArray[Any]) -> NDArray[Any]:
    """The values, with infinity replaced by the largest finite one; NaN and minus infinity by the
    smallest."""
    known = np.isfinite(values)
    if known.all():
        return values
    low, high = (values[known].min(), values[known].max()) if known.any() else (0.0, 0.0)
    return np.where(known, values, np.where(values == np.inf, high, low))


def used_range(values: NDArray[Any]) -> tuple[float, float]:
    """The smallest and the largest value that two neighbouring pixels share. A single dead or hot
    pixel is thus ignored. If these two are equal, those of all pixels."""
    pairs = [(values[:-1], values[1:]), (values[:, :-1], values[:, 1:])]
    pairs = [pair for pair in pairs if pair[0].size]
    low = min((float(np.maximum(*pair).min()) for pair in pairs), default=0.0)
    high = max((float(np.minimum(*pair).max()) for pair in pairs), default=0.0)
    return (low, high) if low < high else (float(values.min()), float(values.max()))


def uses_little(image: NDArray[np.uint8]) -> bool:
    """Whether a picture would be stretched. `image` holds the upper eight bits of its values."""
    low, high = used_range(image)
    return high - low < LEAST_USED * 255


def is_deep_colour(picture: ImageFile) -> bool:
    """Whether it is a colour picture of 16 bits per channel, of which Pillow keeps the upper eight.
    Call it before the picture is decoded."""
    return bool(picture.tile) and all(_raw_mode(tile)[0] in _OTHER_BYTE for tile in picture.tile)


def keep_other_byte(picture: ImageFile) -> None:
    """Make Pillow keep the lower eight bits of such a picture. Call it before the picture is
    decoded."""
    tiles = []
    for tile in picture.tile:
        mode, *rest = _raw_mode(tile)
        tiles.append(tile._replace(args=(_OTHER_BYTE[mode], *rest)))
    picture.tile = tiles


def _raw_mode(tile: Any) -> tuple[Any, ...]:
    """The raw mode of a tile, and the other arguments of its decoder."""
    return tile.args if isinstance(tile.args, tuple) else (tile.args,)
