"""Texts in our own letter forms as masks: dots, seven segments, strokes, and stencils."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx_training.synth.dice import Dice
from ocrx_training.synth.glyphs import Mask, scaled, trimmed
from ocrx_training.synth.shapes import (
    COLUMNS,
    DOTS,
    PEN_HEIGHT,
    PEN_WIDTH,
    SEGMENT_MARKS,
    SEGMENTS,
    STROKES,
    ZEROS,
)

Points: TypeAlias = NDArray[np.float64]
"""Points (x, y), in pixels: float64 (n, 2)."""

SHIFT = 4
"""Fractional bits of coordinates: OpenCV draws on a grid of sixteenths of a pixel."""

DOT_CHARACTERS = frozenset(DOTS)
PEN_CHARACTERS = frozenset(STROKES)
SEGMENT_CHARACTERS = frozenset(SEGMENTS) | frozenset(SEGMENT_MARKS)


@dataclass(frozen=True)
class DotPrinter:
    """How a printer of dots fails. Lengths are in the distance between dots.

    `size` is a dot's diameter, `strewn` how far dots land from their place (standard deviation),
    `missing` the share of dots that are not there, `uneven` how much their sizes differ.
    """

    size: float = 0.9
    strewn: float = 0.0
    missing: float = 0.0
    uneven: float = 0.0


def dot_places(text: str, dice: Dice) -> list[tuple[float, float]]:
    """Where the dots of a text are, (x, y), in distances between dots, from (0, 0) on."""
    zero = dice.pick(ZEROS)
    gap = dice.pick((1, 1, 1, 2))
    places: list[tuple[float, float]] = []
    for number, char in enumerate(text):
        rows = zero if char == "0" else DOTS[char]
        left = number * (COLUMNS + gap)
        for y, bits in enumerate(rows):
            places += [(left + x, y) for x in range(COLUMNS) if bits >> (COLUMNS - 1 - x) & 1]
    return places


def raster_places(mask: Mask, rows: int) -> list[tuple[float, float]]:
    """The dots of a printer with so many rows of nozzles that prints the mask."""
    small = scaled(mask, rows / mask.shape[0])
    ys, xs = np.nonzero(small > 110)
    return list(zip(xs.tolist(), ys.tolist(), strict=True))


def dots(
    places: Sequence[tuple[float, float]], height: float, rows: int, printer: DotPrinter, dice: Dice
) -> Mask:
    """Round dots at those places, `height` pixels high for so many rows."""
    pitch = height / (rows - 1 + printer.size)
    spots = np.array(places, np.float64).reshape(-1, 2)
    spots = spots[dice.generator.random(len(spots)) >= printer.missing]
    noise = dice.generator.standard_normal((len(spots), 3))
    spots = spots + noise[:, :2] * printer.strewn
    radii = printer.size / 2 * pitch * np.clip(1 + noise[:, 2] * printer.uneven, 0.4, 1.6)
    edge = pitch * 2
    width = int((spots[:, 0].max(initial=0) + 1) * pitch + 2 * edge)
    canvas = np.zeros((int(height + 2 * edge), width), np.uint8)
    centres = (spots * pitch + edge).tolist()
    for (x, y), radius in zip(centres, radii.tolist(), strict=True):
        _dot(canvas, x, y, radius)
    return trimmed(canvas)


def pen(text: str, height: float, thickness: float, spacing: float = 0.35) -> Mask:
    """Lines of a pen. `thickness` and `spacing` are in heights."""
    unit = 1 << SHIFT
    edge = max(2.0, height * thickness)
    step = height / PEN_HEIGHT
    lines, left = [], edge
    for char in text:
        for stroke in STROKES[char]:
            points = np.array(stroke, np.float64) * step * (0.85, 1) + (left, edge)
            lines.append((points * unit).astype(np.int32))
        left += PEN_WIDTH * step * 0.85 + spacing * height
    canvas = np.zeros((int(height + 2 * edge + step), int(left + edge)), np.uint8)
    width = max(1, round(height * thickness))
    cv2.polylines(canvas, lines, False, 255, width, cv2.LINE_AA, SHIFT)
    return trimmed(canvas)


def pen_places(text: str, per_height: int) -> list[tuple[float, float]]:
    """Where a dot peen strikes along the strokes of a text, with so many strikes to a height."""
    step = per_height / PEN_HEIGHT
    places: dict[tuple[float, float], None] = {}
    left = 0.0
    for char in text:
        for stroke in STROKES[char]:
            points = np.array(stroke, np.float64) * step
            for start, end in zip(points, [*points[1:], points[-1]], strict=True):
                count = max(1, round(float(np.hypot(*(end - start)))))
                for share in range(count + 1):
                    x, y = start + (end - start) * share / count
                    places[round(float(x + left), 1), round(float(y), 1)] = None
        left += PEN_WIDTH * step + per_height * 0.4
    return list(places)


def segments(text: str, height: float, dice: Dice) -> tuple[Mask, Mask]:
    """Seven-segment digits as two masks of one size: the lit segments, and the dark ones.

    Points and colons stand between digits.
    """
    wide = height * dice.between(0.46, 0.6)
    thick = height * dice.between(0.09, 0.15)
    gap = thick * dice.between(0.04, 0.2)
    lean = dice.pick((0.0, 0.0, 0.08, 0.14))
    step = wide + thick * dice.between(1.0, 2.2)
    size = int(height + 2 * thick), int(len(text) * step + height * lean + 3 * thick)
    lit, dark = np.zeros(size, np.uint8), np.zeros(size, np.uint8)
    left = thick
    for char in text:
        if char in ".:":
            for share in (0.96,) if char == "." else (0.3, 0.7):
                x = left - thick * 0.6 + height * (1 - share) * lean
                _dot(lit, x, thick + height * share, thick * 0.55)
            left += thick * 0.9
            continue
        for name, shape in _bars(wide, height, thick, gap).items():
            corners = shape + np.array((left, thick))
            corners[:, 0] += (height + thick - corners[:, 1]) * lean
            target = lit if name in SEGMENTS.get(char, "") else dark
            points = (corners * (1 << SHIFT)).astype(np.int32)
            cv2.fillConvexPoly(target, points, 255, cv2.LINE_AA, SHIFT)
        left += step
    return lit, dark


def _dot(mask: Mask, x: float, y: float, radius: float) -> None:
    """Draw a round dot into the mask, in place."""
    centre = int(x * (1 << SHIFT)), int(y * (1 << SHIFT))
    cv2.circle(mask, centre, int(radius * (1 << SHIFT)), 255, -1, cv2.LINE_AA, SHIFT)


def _bars(wide: float, height: float, thick: float, gap: float) -> dict[str, Points]:
    """The corners of each segment, (6, 2), with (0, 0) at the digit's top left."""
    half, middle = thick / 2, height / 2
    long = middle - half
    flat = _bar(half, wide - half, half, gap)
    tall = _bar(0, long, half, gap)[:, ::-1]
    places = {
        "a": (flat, 0, half),
        "g": (flat, 0, middle),
        "d": (flat, 0, height - half),
        "f": (tall, half, half),
        "e": (tall, half, middle),
        "b": (tall, wide - half, half),
        "c": (tall, wide - half, middle),
    }
    return {name: shape + np.array((x, y)) for name, (shape, x, y) in places.items()}


def _bar(start: float, end: float, half: float, gap: float) -> Points:
    """A lying segment that is pointed at both ends, around y = 0."""
    a, b = start + gap, end - gap
    corners = [(a, 0), (a + half, -half), (b - half, -half), (b, 0)]
    return np.array([*corners, (b - half, half), (a + half, half)], np.float64)


CLOSED = frozenset("ABDOPQR04689abdegopq")
"""Letters with a hole, which would fall out of a stencil without bridges."""


def bridged(glyph: Mask, bridge: float) -> Mask:
    """The glyph with an upright gap through its middle, `bridge` heights wide."""
    width = max(1, round(bridge * glyph.shape[0]))
    middle = (glyph.shape[1] - width) // 2
    cut: Mask = glyph.copy()
    cut[:, middle : middle + width] = 0
    return cut
