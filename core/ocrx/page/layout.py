"""Decides whether a picture is a page or a single line of text, for the layout "auto".

The rules follow from measurements with PP-OCRv6 on some 600 tight crops of single lines (number
plates, receipts, words in street scenes), and on crops of two and three rows:

- If the detector finds text, its box is mostly a better crop than the whole picture: it straightens
  the line, and leaves out frames and screws. Reading such pictures whole costs number plates 12
  points of exact reads.
- It finds nothing in about one crop in eighteen, mostly words of a few characters. Nearly all of
  these read well as a whole.
- A box that fills the picture from top to bottom, but ends short of its left or right edge, was cut
  off in the middle of the text. This happens mostly with dot-matrix print.
- It found several rows in every crop of two or three, so several rows are a page, however small.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocrx.page.geometry import TALL, along_text
from ocrx.page.order import reading_order
from ocrx.types import Region

SMALL = 128
"""Crops of a single line are rarely thicker than this, in pixels (1 in 100 of those measured)."""

STRIP = 6.0
"""A picture at least this many times as long as thick may be a line, whatever its resolution."""

FULL = 0.9
"""A box that covers at least this fraction of a side leaves only a margin."""


def looks_like_strip(height: int, width: int) -> bool:
    """Whether a picture of that size in pixels may be a tight crop of a single line."""
    thickness, length = sorted((height, width))
    return thickness <= SMALL or length >= STRIP * thickness


def is_single_line(height: int, width: int, regions: Sequence[Region]) -> bool:
    """Whether a picture that looks like a strip is to be read as a single line.

    `regions` are what a detector found in it, in its pixels. It is a single line if there are none,
    or if they are one row that is as thick as the picture and stops short of its ends.
    """
    if not regions:
        return True
    quads = [region.quad for region in regions]
    if len(reading_order([along_text(quad) for quad in quads])) > 1:
        return False
    size = np.array([width, height], dtype=np.float64)
    corners = np.clip(np.concatenate(quads), 0, size)
    along, across = (np.ptp(corners, axis=0) / size).tolist()
    if height >= TALL * width:
        along, across = across, along
    return bool(across >= FULL > along)
