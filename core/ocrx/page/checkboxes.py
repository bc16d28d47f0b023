"""Finds the checkboxes of a form: squares of the size of a letter, empty, crossed or ticked.

Detectors overlook them, and recognisers take them for a one, a nought or a D.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.page.boxes import Floats
from ocrx.page.quantiles import byte_quantile
from ocrx.types import Image, Quad, frozen_quad

EMPTY, CROSSED, TICKED = "☐☒☑"

CONTRAST = 24
STRENGTH = 0.35
"""A pixel is ink if it differs from its surroundings by more than CONTRAST, of 255, and by more
than STRENGTH times as much as text does."""

SAMPLE = 12
"""So many lines are enough to know how strong text is."""

SIZE = 0.5, 1.3
"""The size of a checkbox, in heights of its line."""

SMALLEST = 8
"""Smaller squares, in pixels, may be letters."""

SQUARE = 0.85
"""A box is a square if its shorter side is at least so many times as long as its longer one."""

EDGE = 0.1
MIDDLE = 0.125
"""Each edge of the square, so many times its size wide, has ink all along, but for so much at both
ends. A ring has none there, and round corners are smaller."""

APART = 1.5
"""A checkbox is at most so many heights away from its line."""

CORNER = 1.6
"""What is so many half sizes away from the middle, across and down together, is a corner."""

ALONE = 0.2
SPECKS = 0.1
"""Beside the square, so many times its size wide, less than this part is ink."""

BLANK = 0.04
"""At most this part of an empty checkbox is ink, its frame aside."""

FULL = 0.5
"""From this part on, the tick is the blank in a full square."""

STROKE = 0.45
"""Each column of a tick has ink over at most this part of the square's height."""

ROUND = 0.18
"""Ink comes so close to each corner, in sizes of the square, across and down together. Corners that
are round by a quarter of the size come to 0.15, and a ring to 0.29."""

RAGGED = 12
"""From this size on, in pixels, an edge is at least two pixels wide: noise may move it by one."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Checkbox:
    """A square beside or in a line, and the character for it."""

    quad: Quad
    sign: str


def find_checkboxes(image: Image, lines: Sequence[Quad]) -> list[Checkbox]:
    """The checkboxes beside lines, or within them, from top to bottom.

    `image` is RGB uint8 (H, W, 3), and `lines` are quads of level lines in its pixels.
    """
    corners = np.array(lines, dtype=np.float64).reshape(-1, 4, 2)
    if not len(corners):
        return []
    (starts, tops), (ends, bottoms) = corners.min(axis=1).T, corners.max(axis=1).T
    highs = bottoms - tops
    found = []
    for x, y, wide, high, ink in _squares(_ink(image, corners, highs), highs):
        middle, size = y + high / 2, max(wide, high)
        beside = np.abs((tops + bottoms) / 2 - middle) < highs / 2
        beside &= (starts - x - wide < APART * highs) & (x - ends < APART * highs)
        beside &= (size >= SIZE[0] * highs) & (size <= SIZE[1] * highs)
        sign = _sign(ink) if beside.any() else ""
        if sign:
            box = [[x, y], [x + wide, y], [x + wide, y + high], [x, y + high]]
            found.append(Checkbox(frozen_quad(box), sign))
    return found


def _ink(image: Image, corners: Floats, highs: Floats) -> NDArray[np.uint8]:
    """Which pixels are ink, 1 or 0. `corners` are those of the lines, (n, 4, 2)."""
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    reach = 2 * round(2 * float(np.median(highs))) + 1
    differs = np.asarray(cv2.absdiff(grey, cv2.blur(grey, (reach, reach))), dtype=np.uint8)
    boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1).clip(0).round()
    text = [differs[y0:y1, x0:x1].ravel() for x0, y0, x1, y1 in boxes.astype(int)[:SAMPLE].tolist()]
    inked = np.concatenate(text)
    strength = byte_quantile(inked, 0.95) if len(inked) else 0.0
    return (differs > int(max(CONTRAST, STRENGTH * strength))).view(np.uint8)


def _squares(mask: NDArray[np.uint8], highs: Floats) -> Iterator[tuple[int, int, int, int, Mask]]:
    """Squares of ink that are about as high as lines: left, top, width, height, and what of them is
    ink."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    _, _, wide, high, _ = stats.T
    large, small = np.maximum(wide, high), np.minimum(wide, high)
    likely = (small >= SMALLEST) & (small >= SQUARE * large - 1)
    likely &= (large >= SIZE[0] * highs.min()) & (large <= SIZE[1] * highs.max())
    for label in np.flatnonzero(likely).tolist():
        x, y, across, down, _ = stats[label].tolist()
        part = slice(y, y + down), slice(x, x + across)
        room = max(2, round(ALONE * across))
        sides = [slice(max(0, x - room), x), slice(x + across, x + across + room)]
        alone = all(mask[part[0], side].mean() < SPECKS for side in sides if mask[:1, side].size)
        if alone and _is_framed(labels[part] == label):
            yield x, y, across, down, mask[part] > 0


def _is_framed(piece: Mask) -> bool:
    """Whether a piece of ink has four straight edges, and corners."""
    for _ in range(4):
        piece = np.rot90(piece)
        high, wide = piece.shape
        deep, off = max(1 + (high >= RAGGED), round(EDGE * high)), round(MIDDLE * wide)
        if not piece[:deep, off : wide - off].any(axis=0).all():
            return False
        rows, columns = np.nonzero(piece)
        if (rows + columns).min() > ROUND * high:
            return False
    return True


def _sign(ink: Mask) -> str:
    """The character for a framed square; none if something else is in it."""
    inside = _inside(ink)
    if min(inside.shape) < 3:
        return ""
    if inside.mean() <= BLANK:
        return EMPTY
    if _is_cross(inside):
        return CROSSED
    if ink.mean() > FULL:
        inset = max(1, round(EDGE * len(ink)))
        inside = ~ink[inset:-inset, inset:-inset]
    return TICKED if _is_tick(_largest(inside)) else ""


def _largest(ink: Mask) -> Mask:
    """The largest piece of ink, without specks of noise."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    largest = int(np.argmax(stats[1:, 4])) + 1 if len(stats) > 1 else -1
    return np.asarray(labels == largest, dtype=np.bool_)


def _inside(ink: Mask) -> Mask:
    """A square without its frame, which is as wide as most of its left edge, and without its
    corners, which may be round."""
    rows = ink[len(ink) // 4 : -(len(ink) // 4)]
    width = int(np.median(np.argmin(rows, axis=1))) + (len(ink) >= RAGGED)
    width = max(1, width)
    inside: Mask = ink[width:-width, width:-width].copy()
    down, across = (np.abs(np.linspace(-1, 1, count)) for count in inside.shape)
    inside[down[:, None] + across > CORNER] = False
    return inside


def _is_cross(ink: Mask) -> bool:
    """Whether both diagonals are ink, and the middles of the edges are not."""
    size = np.array(ink.shape)
    steps = np.linspace(0.25, 0.75, 9)
    down = (steps * size[0]).astype(int)
    across = (steps * size[1]).astype(int)
    thick = cv2.dilate(ink.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    if not (thick[down, across].all() and thick[down, across[::-1]].all()):
        return False
    (y, x), (dy, dx) = size // 2, np.maximum(1, size // 8)
    sides = ink[:dy, x], ink[-dy:, x], ink[y, :dx], ink[y, -dx:]
    return not any(side.any() for side in sides)


def _is_tick(ink: Mask) -> bool:
    """Whether one stroke goes down a little and then up further on."""
    columns = np.flatnonzero(ink.any(axis=0))
    if len(columns) < max(3, 0.4 * ink.shape[1]):
        return False
    inked = ink[:, columns]
    tops = np.argmax(inked, axis=0)
    bottoms = len(ink) - 1 - np.argmax(inked[::-1], axis=0)
    if (bottoms - tops + 1).max() > max(STROKE * len(ink), 3):
        return False
    middles = (tops + bottoms) / 2
    lowest = int(np.argmax(middles))
    fall, rise = middles[lowest] - middles[0], middles[lowest] - middles[-1]
    within = 0 < lowest < 0.7 * (len(columns) - 1)
    return bool(within and rise > 0.3 * len(ink) and 0 < fall < rise)
