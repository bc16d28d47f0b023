"""Conversion of pictures with more than 8 bits per value to 0 to 255."""

from __future__ import annotations

import math
import sys
from math import inf
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

LEAST_USED = 0.25
"""Values that span a smaller part of their type's range than this are stretched to all of it. A
quarter leaves 64 shades of grey, in which text is read as well as in 256."""

BORDER = 1 / 64
"""A border differs from the darkest or from the brightest value by at most this part of the range
between them."""

LEAST_INSIDE = 0.25
"""What a border surrounds takes at least this part of the picture."""

BLUR = 3
"""The edge of a border is at most this many pixels wide on each side."""

_SAMPLE = 1_000_000
"""The number of pixels in which a border is looked for."""

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


_STRETCHED = "{} values lie between {:g} and {:g}; they were stretched to full range"


def eight_bits(values: NDArray[Any]) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Integers or floats of shape (H, W) or (H, W, channels) scaled to uint8, and notes about it.

    Integers are taken to range up to 65535, or up to 4095 if all fit into 12 bits, as in pictures
    of cameras and scanners. Floats are taken to range from 0 to 1. Values outside these ranges, or
    that span less than a quarter of theirs, are stretched from the smallest to the largest. If they
    span more only because of a dark or bright border, what it surrounds is stretched.
    """
    whole = values.dtype.kind in "ui"
    if not whole:
        values = _finite(values)
    low, high = used_range(values)
    tops = (4095.0, 65535.0) if whole else (1.0,)
    top = next((top for top in tops if low >= 0 and high <= top), None)
    inside = range_inside_border(values, low, high)
    notes: tuple[str, ...] = ()
    if inside is not None and inside[0] < inside[1]:
        low, high = inside
        notes = (_STRETCHED.format("inside its border, its", low, high),)
    elif top is not None and 0 < high - low < LEAST_USED * top:
        notes = (_STRETCHED.format("its", low, high),)
    elif top is not None:
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
    low, high = _shared(values)
    return (low, high) if low < high else (float(values.min()), float(values.max()))


def range_inside_border(
    values: NDArray[Any], low: float, high: float
) -> tuple[float, float] | None:
    """The used range of what a border surrounds, if it is less than a quarter of that between `low`
    and `high`. A border is as dark or as bright as these. The rest has a convex outline, as a page
    has that was scanned askew."""
    step = math.ceil(math.sqrt(math.prod(values.shape[:2]) / _SAMPLE))
    sample = np.atleast_3d(values[::step, ::step])
    tolerance = BORDER * (high - low)
    for rest in (sample.max(axis=2) > low + tolerance, sample.min(axis=2) < high - tolerance):
        outline = _outline(rest)
        if cv2.contourArea(outline) < LEAST_INSIDE * math.prod(sample.shape[:2]):
            continue
        least, most = _range_within(sample, outline, BLUR)
        if step > 1 and most - least < LEAST_USED * (high - low):  # it may have missed thin strokes
            least, most = _range_within(values, outline * step, BLUR * step)
        if most - least < LEAST_USED * (high - low):
            return least, most
    return None


def _outline(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    """The convex hull of a mask without its single pixels: (points, 1, 2), x before y."""
    solid = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    rows = np.flatnonzero(solid.any(axis=1)).astype(np.int32)
    if not len(rows):
        return np.zeros((1, 1, 2), np.int32)
    ends = solid[rows].argmax(axis=1), solid.shape[1] - 1 - solid[rows, ::-1].argmax(axis=1)
    points = [np.stack((end.astype(np.int32), rows), axis=1) for end in ends]
    return np.asarray(cv2.convexHull(np.concatenate(points)), np.int32)


def _range_within(
    values: NDArray[Any], outline: NDArray[np.int32], margin: int
) -> tuple[float, float]:
    """The used range of the values that are at least `margin` pixels within an outline; infinite if
    there are none."""
    x, y, width, height = cv2.boundingRect(outline)
    rows = max(2, _CHUNK // max(1, values[0].size))
    ranges = []
    for first in range(y, y + height, rows - 1):
        part = values[first : min(first + rows, y + height), x : x + width]
        mask = np.zeros(part.shape[:2], np.uint8)
        moved = outline - np.array((x, first), np.int32)
        cv2.fillConvexPoly(mask, moved, 1)
        cv2.polylines(mask, [moved], True, 0, 2 * margin + 1)
        inside = part[mask > 0]
        if len(inside):
            outside = (mask == 0).reshape(*mask.shape, *[1] * (part.ndim - 2))
            ranges.append(_shared(np.where(outside, np.median(inside), part)))
    return min((low for low, _ in ranges), default=-inf), max(
        (high for _, high in ranges), default=inf
    )


def _shared(values: NDArray[Any]) -> tuple[float, float]:
    """The smallest and the largest value that two neighbouring pixels share, the same if there are
    no neighbours."""
    pairs = [(values[:-1], values[1:]), (values[:, :-1], values[:, 1:])]
    pairs = [pair for pair in pairs if pair[0].size]
    low = min((float(np.maximum(*pair).min()) for pair in pairs), default=0.0)
    high = max((float(np.minimum(*pair).max()) for pair in pairs), default=0.0)
    return low, high


def uses_little(image: NDArray[np.uint8]) -> bool:
    """Whether a picture would be stretched. `image` holds the upper eight bits of its values."""
    low, high = used_range(image)
    return high - low < LEAST_USED * 255 or range_inside_border(image, low, high) is not None


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
