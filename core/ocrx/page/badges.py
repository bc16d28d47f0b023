"""Finds badges: discs and pills with a count in them, as beside the entries of a list.

A detector sees the shape and not the digit in it, if there is but one. So the shape is looked for:
it is of one colour, stands on plain ground, and has ink well inside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.types import Image, Quad, frozen_quad

COLOURED = 60
"""A pixel whose channels differ by more than this, of 255, is coloured."""

GLANCE = 4
"""A picture is taken to have no coloured badges if every fourth pixel of every fourth row has no
colour."""

GROUND = 0.3
OFF = 10
"""Badges in grey, black or white are looked for if at least this part of the picture is of exactly
one grey, as that of a screen. What is off it by more than OFF, of 255, may be such a badge."""

FINE = 12.0
PIXELS = 24_000_000
"""Shapes are looked for in a picture whose lines are reduced to about FINE pixels, if it then has
at most so many pixels: for more it would take a second, and hundreds of megabytes."""

LOWEST = 12
HIGH = 0.7, 3.0
"""The height of a badge: at least so many pixels, and within so many heights of a line."""

LONG = 0.85, 3.0
FILLED = 0.74
CONVEX = 0.93
"""Its shape: its width in heights, and the part of its box and of its hull that it fills. A disc
fills 0.785 of its box."""

INK = 80
ALIKE = 30
"""In a badge, a pixel is ink if a channel is off the badge's colour by at least INK, of 255, and of
that colour if none is by more than ALIKE."""

INK_HIGH = 0.3, 0.72
INK_AREA = 0.03, 0.4
"""How high its ink is and how much of its inside that takes, as parts of the badge's. The knob of a
switch is higher."""

PLAIN = 0.8
EVEN = 0.5
"""At least these parts of what is around a badge and of its inside are of one colour."""

MOST = 200
"""So many shapes of a picture are looked into, at most: a photograph in colour has thousands."""

EDGE = 2
"""So many pixels around a shape are looked at."""

AROUND = np.array((-1, -1, 2, 2))
"""What is added to a box (left, top, width, height) to look around it."""

ROOM = 0.3
"""The room around the ink, in its heights."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Badge:
    """A badge: the quad of its `shape`, that of the ink with some room, and a crop of that which
    shows nothing of what is around the shape."""

    shape: Quad
    quad: Quad
    crop: Image


Marks: TypeAlias = Callable[[Image], NDArray[np.uint8]]
"""Which pixels of a picture may belong to a badge, as bytes other than 0."""


def find_badges(image: Image, lines: Sequence[Quad], line_height: float) -> list[Badge]:
    """The badges of a picture, RGB uint8 (H, W, 3), that have their middle in none of the lines
    that were read. These are mostly so high."""
    step = max(1, round(line_height / FINE))
    coarse = np.ascontiguousarray(image[::step, ::step])
    if coarse.shape[0] * coarse.shape[1] > PIXELS:
        return []
    found: list[Badge] = []
    for marks in _kinds(image):
        _, stats = _parts(marks(coarse))
        boxes = step * stats[_fit(stats, line_height / step, slack=min(step - 1, 1)), :4]
        boxes = boxes[~_in_quads(boxes, [*lines, *(badge.shape for badge in found)])][:MOST]
        badges = [_within(image, marks, box + step * AROUND, line_height) for box in boxes]
        found += [badge for badge in badges if badge is not None]
    return found


def _in_quads(boxes: NDArray[np.int32], quads: Sequence[Quad]) -> Mask:
    """Which boxes (left, top, width, height) have their middle in the upright box around a quad."""
    corners = np.array(quads).reshape(-1, 4, 2)
    low, high = corners.min(axis=1), corners.max(axis=1)
    middles = (boxes[:, :2] + boxes[:, 2:] / 2)[:, None]
    return np.asarray(((low <= middles) & (middles <= high)).all(axis=2).any(axis=1))


def _kinds(image: Image) -> Iterator[Marks]:
    """The marks of coloured badges and of those in grey, as far as a picture may have them."""
    glance = np.ascontiguousarray(image[::GLANCE, ::GLANCE])
    if (_chroma(glance) > COLOURED).any():
        yield _coloured
    counts = np.bincount(cv2.cvtColor(glance, cv2.COLOR_RGB2GRAY).ravel(), minlength=256)
    if counts.max() >= GROUND * counts.sum():
        ground = int(counts.argmax())
        yield lambda part: _off(part, ground)


def _coloured(image: Image) -> NDArray[np.uint8]:
    return np.asarray(cv2.threshold(_chroma(image), COLOURED, 1, cv2.THRESH_BINARY)[1], np.uint8)


def _off(image: Image, ground: int) -> NDArray[np.uint8]:
    """Which pixels are off the grey of the ground."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    off = cv2.absdiff(grey, np.full_like(grey, ground))
    return np.asarray(cv2.threshold(off, OFF, 1, cv2.THRESH_BINARY)[1], np.uint8)


def _parts(marks: NDArray[np.uint8]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The parts of the marks that hang together: the number of that which each pixel belongs to,
    and their left, top, width, height and area. Part 0 is what is not marked."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(marks, connectivity=8)
    return np.asarray(labels, np.int32), np.asarray(stats, np.int32)


def _within(image: Image, marks: Marks, box: NDArray[np.int32], line_height: float) -> Badge | None:
    """The badge that the largest marked part in a box (left, top, width, height) is, if it is one
    and has room around it."""
    left, top = np.maximum(box[:2], 0).tolist()
    inside = np.ascontiguousarray(image[top : sum(box[1::2]), left : sum(box[::2])])
    labels, stats = _parts(marks(inside))
    number = int(np.argmax(stats[1:, cv2.CC_STAT_AREA])) + 1 if len(stats) > 1 else 0
    x, y, width, height = stats[number, :4].tolist()
    if height < LOWEST or not _fit(stats, line_height)[number]:
        return None
    part = np.pad(labels[y : y + height, x : x + width] == number, EDGE)
    x, y = x + left - EDGE, y + top - EDGE
    around = image[max(0, y) : y + part.shape[0], max(0, x) : x + part.shape[1]]
    return _badge(around, part, (x, y)) if around.shape[:2] == part.shape else None


def _chroma(image: Image) -> NDArray[np.uint8]:
    channels = cv2.split(image)
    return np.asarray(cv2.subtract(reduce(cv2.max, channels), reduce(cv2.min, channels)), np.uint8)


def _fit(stats: NDArray[np.int32], line_height: float, slack: int = 0) -> Mask:
    """Which marked parts have the size of a badge, if each may be `slack` pixels larger."""
    width, height, area = stats[:, 2:].T
    (low, high), (short, long) = HIGH, LONG
    fit: Mask = (height + slack >= low * line_height) & (height <= high * line_height)
    fit &= (width + slack >= short * height) & (width <= long * (height + slack))
    fit &= area >= FILLED * (1 - INK_AREA[1]) * (width - slack) * (height - slack)
    fit[0] = False  # what is not marked
    return fit


def _badge(around: Image, part: Mask, corner: tuple[int, int]) -> Badge | None:
    """The badge that a marked part is, if it is one. `around` shows it with its edge, and has its
    `corner` there in the picture."""
    shape = _outlined(part)
    if shape is None or not _is_even(around[~shape], PLAIN):
        return None
    colour = np.median(around[part], axis=0)
    height, width = (length - 2 * EDGE for length in part.shape)
    rim = np.ones((3, 3), np.uint8)
    inner = cv2.erode(shape.astype(np.uint8), rim, iterations=max(1, height // 12)) > 0
    ink = inner & (np.abs(around - colour).max(axis=2) >= INK)
    if not _is_even(around[inner], EVEN, colour) or not _is_count(ink, inner, height):
        return None
    left, top, across, down = cv2.boundingRect(ink.astype(np.uint8))
    room = max(2, round(ROOM * down))
    alone = np.where(shape[..., None], around, np.rint(colour).astype(np.uint8))
    wider = np.pad(alone, ((room, room), (room, room), (0, 0)), mode="edge")
    x, y = corner
    return Badge(
        _box(x + EDGE, y + EDGE, width, height),
        _box(x + left - room, y + top - room, across + 2 * room, down + 2 * room),
        np.ascontiguousarray(wider[top : top + down + 2 * room, left : left + across + 2 * room]),
    )


def _outlined(part: Mask) -> Mask | None:
    """The part with its holes, if it is as solid as a disc or a pill."""
    outlines, _ = cv2.findContours(part.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = cv2.drawContours(np.zeros(part.shape, np.uint8), outlines, -1, (1,), cv2.FILLED) > 0
    height, width = (length - 2 * EDGE for length in part.shape)
    hull = cv2.contourArea(cv2.convexHull(np.concatenate(outlines)))
    solid = np.count_nonzero(filled) >= max(FILLED * height * width, CONVEX * hull)
    return filled if solid else None


def _is_even(pixels: NDArray[np.uint8], share: float, colour: NDArray[Any] | None = None) -> bool:
    """Whether that share of the pixels (n, 3) has one colour: the one given, or their median."""
    off = np.abs(pixels - (np.median(pixels, axis=0) if colour is None else colour)).max(axis=1)
    return bool((off <= ALIKE).mean() >= share) if len(pixels) else False


def _is_count(ink: Mask, inner: Mask, height: int) -> bool:
    """Whether the ink in a shape of that height is as high and as much as digits are."""
    rows = np.flatnonzero(ink.any(axis=1))
    if not len(rows):
        return False
    high = float(rows[-1] + 1 - rows[0]) / height
    share = np.count_nonzero(ink) / np.count_nonzero(inner)
    return bool(INK_HIGH[0] <= high <= INK_HIGH[1] and INK_AREA[0] <= share <= INK_AREA[1])


def _box(left: float, top: float, width: float, height: float) -> Quad:
    right, bottom = left + width, top + height
    return frozen_quad([[left, top], [right, top], [right, bottom], [left, bottom]])
