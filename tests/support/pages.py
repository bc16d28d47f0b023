"""Pages made of boxes, and the order in which they are read."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import numpy as np

from ocrx.page.order import reading_order
from ocrx.types import Quad, frozen_quad

ANGLES = [0, 3, -4, 90, 180, 270, 93]
"""Degrees by which pages are turned."""


def box(x: float, y: float, width: float, height: float = 20) -> Quad:
    return frozen_quad([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])


def rotated(quads: Sequence[Quad], degrees: float) -> list[Quad]:
    """The page turned clockwise as one looks at it."""
    turn = math.radians(degrees)
    cos, sin = math.cos(turn), math.sin(turn)
    matrix = np.array([[cos, sin], [-sin, cos]])
    return [frozen_quad((quad - 500.0) @ matrix + 500.0) for quad in quads]


def read(quads: Sequence[Quad], seed: int = 1) -> list[list[int]]:
    """The order of the quads when they are handed over shuffled, as indexes into `quads`."""
    places = list(range(len(quads)))
    random.Random(seed).shuffle(places)
    return [[places[i] for i in row] for row in reading_order([quads[i] for i in places])]


def one_by_one(count: int) -> list[list[int]]:
    return [[i] for i in range(count)]


def in_rows(*counts: int) -> list[list[int]]:
    numbers = iter(range(sum(counts)))
    return [[next(numbers) for _ in range(count)] for count in counts]


def column(x: float, y: float, lines: int, width: float, pitch: float = 26) -> list[Quad]:
    """Lines of prose: most fill the column, every sixth ends a paragraph."""
    chance = random.Random(int(x))
    widths = [width * chance.uniform(0.4 if i % 6 == 5 else 0.75, 1) for i in range(lines)]
    return [box(x, y + i * pitch, part) for i, part in enumerate(widths)]
