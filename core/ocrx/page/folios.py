"""Finds ink that may be a page number: what stands alone above or below all lines of a page.

Detectors overlook a small number in the blank margin of a page as often as not.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.page.quantiles import byte_quantile, median, quantile
from ocrx.types import Image, Quad, frozen_quad

LINES = 8
"""The fewest level lines of a page that may have a number."""

MARGIN = 6
"""Page numbers stand in the first or the last so-many-th part of a page."""

LEVEL = 0.05
"""Lines that rise by more than this over their length are not level."""

CONTRAST = 24
STRENGTH = 0.4
"""A pixel is ink if it differs from its surroundings by at least CONTRAST, of 255, and by at least
STRENGTH times as much as the text of the page."""

SMALL, HIGH, WIDE = 0.3, 1.1, 4.0
"""In heights of a line: how high a digit is at least and at most, and how wide a number is."""

ROOM = 0.6
"""The room left on each side of a number, in heights of a line, which may show dashes."""

MANY = 3
"""If more things stand in a margin, it is no margin."""


def find_page_numbers(image: Image, lines: Sequence[Quad], others: Sequence[Quad]) -> list[Quad]:
    """The places in the margins of a page where a number may stand.

    `image` is RGB uint8 (H, W, 3), `lines` are quads in its pixels, and so are the `others`, which
    are not lines, but not in the margins either.
    """
    quads = np.array(lines, dtype=np.float64).reshape(-1, 4, 2)
    along = quads[:, 1] - quads[:, 0]
    level = (along[:, 0] > 0) & (np.abs(along[:, 1]) <= LEVEL * along[:, 0])
    if int(level.sum()) < max(LINES, len(quads) / 2):
        return []
    high = median(np.ptp(quads[level][..., 1], axis=1))
    y = np.concatenate([quads, np.array(others, dtype=np.float64).reshape(-1, 4, 2)])[..., 1]
    height = len(image)
    top, bottom = min(y.min(), height / MARGIN), max(y.max(), height - height / MARGIN)
    by_height = quads[level][np.argsort(quads[level][:, 0, 1])]
    found = []
    for start, end, nearest in (
        (0, round(top), by_height[0]),
        (round(bottom), height, by_height[-1]),
    ):
        if end - start >= high > 0:
            limit = max(CONTRAST, STRENGTH * _strength(image, nearest))
            boxes = _alone(image[start:end], high, limit)
            found += [_around(box, start, high) for box in boxes]
    return found


def _strength(image: Image, line: NDArray[np.float64]) -> float:
    """How much the text of a line differs from its paper, of 255."""
    (x0, y0), (x1, y1) = line.min(axis=0).clip(0).astype(int), line.max(axis=0).astype(int) + 1
    inside = image[y0:y1, x0:x1]
    if not inside.size:
        return 255.0
    grey = np.asarray(cv2.cvtColor(inside, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    return quantile(np.abs(grey - byte_quantile(grey, 0.5)).ravel(), 0.95)


def _alone(strip: Image, high: float, limit: float) -> list[tuple[int, int, int, int]]:
    """The (x0, y0, x1, y1) of what is as large as a number in a margin."""
    grey = cv2.cvtColor(strip, cv2.COLOR_RGB2GRAY)
    around = cv2.blur(grey, (4 * round(high) + 1, 2 * round(high) + 1))
    ink = (cv2.absdiff(grey, around) > int(limit)).view(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    pieces = stats[np.argsort(stats[:, 0], kind="stable")]
    _, y, width, height, _ = pieces.T
    whole = (y > 0) & (y + height < len(strip))
    pieces = pieces[whole & (height >= SMALL * high) & (np.maximum(width, height) <= HIGH * high)]
    groups: list[list[int]] = []
    for x, y, width, height, _ in pieces.tolist():
        last = groups[-1] if groups else None
        if last and x - last[2] < high / 2 and y < last[3] and last[1] < y + height:
            last[:] = last[0], min(last[1], y), max(last[2], x + width), max(last[3], y + height)
        else:
            groups.append([x, y, x + width, y + height])
    if len(groups) > MANY:
        return []
    return [(x0, y0, x1, y1) for x0, y0, x1, y1 in groups if x1 - x0 <= WIDE * high]


def _around(box: tuple[int, int, int, int], top: int, high: float) -> Quad:
    """The quad around a number in a margin that begins at `top`, as high as a line."""
    x0, y0, x1, y1 = box
    middle = top + (y0 + y1) / 2
    left, right = max(0.0, x0 - ROOM * high), x1 + ROOM * high
    above, below = max(0.0, middle - high / 2), middle + high / 2
    return frozen_quad([[left, above], [right, above], [right, below], [left, below]])
