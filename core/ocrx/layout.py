"""Whether a picture is a page or one line of text, where `layout` is "auto"."""

from __future__ import annotations

from collections.abc import Sequence

from ocrx.order import reading_order
from ocrx.types import Region

SMALL = 64
"""A picture no higher than this may be the crop of one line, whatever its width, in pixels."""

STRIP = 5.0
"""So may any picture so many times wider than high."""


def looks_like_strip(height: int, width: int) -> bool:
    """Whether a picture of that size in pixels may well be a tight crop of one line."""
    return height <= SMALL or width >= STRIP * height


def is_single_line(height: int, width: int, regions: Sequence[Region]) -> bool:
    """Whether such a picture is to be read as one line, given what a detector found in it."""
    return len(reading_order([region.quad for region in regions])) <= 1
