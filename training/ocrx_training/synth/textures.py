"""Grey patterns of surfaces, each on a large tile that pictures cut their piece out of.

Tiles are the same in every process. They are centred at 128, and as strong as uint8 holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx_training.synth.dice import Dice
from ocrx_training.synth.glyphs import Mask

HEIGHT, WIDTH = 512, 1024
SEED = 2011

Values: TypeAlias = NDArray[np.float32]
"""Brightness without unit: float32 (HEIGHT, WIDTH)."""


def texture(name: str, size: tuple[int, int], dice: Dice, zoom: float = 1.0) -> Mask:
    """A random piece of a tile, `zoom` times larger, of `size` (height, width)."""
    whole, (height, width) = tile(name), size
    rows = min(HEIGHT, max(1, round(height / zoom)))
    columns = min(WIDTH, max(1, round(width / zoom)))
    top, left = dice.whole(0, HEIGHT - rows), dice.whole(0, WIDTH - columns)
    piece = whole[top : top + rows, left : left + columns]
    if dice.chance(0.5):
        piece = piece[:, ::-1]
    if piece.shape != (height, width):
        large = cv2.resize(np.ascontiguousarray(piece), (width, height))
        piece = np.asarray(large, np.uint8)
    return np.ascontiguousarray(piece)


@cache
def tile(name: str) -> Mask:
    """The tile of that name, one of TILES: uint8 (HEIGHT, WIDTH)."""
    random = np.random.Generator(np.random.PCG64([SEED, list(TILES).index(name)]))
    values = TILES[name](random)
    values = (values - values.mean()) / max(float(values.std()), 1e-6)
    return np.asarray(np.clip(128 + values * 40, 0, 255), np.uint8)


def _white(random: np.random.Generator, height: int = HEIGHT, width: int = WIDTH) -> Values:
    return random.standard_normal((height, width)).astype(np.float32)


def _stretched(values: Values) -> Values:
    large = cv2.resize(values, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, np.float32)


def _clouds(random: np.random.Generator) -> Values:
    """Noise whose strength falls with its frequency."""
    found = np.zeros((HEIGHT, WIDTH), np.float32)
    for size in (4, 8, 16, 32, 64, 128):
        found += _stretched(_white(random, size, 2 * size)) / np.float32(size**0.7)
    return found


def _soft(values: Values, sigma: float) -> Values:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float32)


def _smeared(values: Values, size: tuple[int, int]) -> Values:
    return np.asarray(cv2.blur(values, size), np.float32)


def _paper(random: np.random.Generator) -> Values:
    return _soft(_white(random), 1.0) * 3 + _clouds(random)


def _fibres(random: np.random.Generator) -> Values:
    """The short, dark fibres of cardboard."""
    drawn = np.zeros((HEIGHT, WIDTH), np.float32)
    for x, y, angle, length in random.random((2500, 4)) * (WIDTH, HEIGHT, 0.8, 14):
        end = int(x + length * np.cos(angle - 0.4)), int(y + length * np.sin(angle - 0.4))
        cv2.line(drawn, (int(x), int(y)), end, float(random.normal(0, 1)), 1)
    return _soft(drawn, 0.8) * 3 + _clouds(random) + _white(random) * 0.1


def _corrugated(random: np.random.Generator) -> Values:
    waves = np.sin(np.arange(WIDTH, dtype=np.float32) / 3.5)[None]
    return np.asarray(waves * 0.5 + _fibres(random), np.float32)


def _brushed(random: np.random.Generator) -> Values:
    """The long scratches of brushed metal."""
    fine = _smeared(_white(random), (181, 1)) * 13
    return fine + _smeared(_white(random), (41, 2)) * 4 + _clouds(random) * 0.6


def _cast(random: np.random.Generator) -> Values:
    """The grain of cast, sand-blasted or corroded metal, lit from one side."""
    bumps = _soft(_white(random), 1.6) * 4
    bumps += _soft(_white(random), 4) * 8
    return np.asarray(cv2.Sobel(bumps, cv2.CV_32F, 1, 1) + bumps * 0.2, np.float32)


def _crinkled(random: np.random.Generator) -> Values:
    """Foil: facets that mirror different parts of a room."""
    points = (random.random((500, 2)) * (WIDTH, HEIGHT)).astype(np.float32)
    division = cv2.Subdiv2D((0, 0, WIDTH + 1, HEIGHT + 1))
    for x, y in points.tolist():
        division.insert((x, y))
    facets, _ = division.getVoronoiFacetList([])
    drawn = np.zeros((HEIGHT, WIDTH), np.float32)
    for facet, light in zip(facets, random.standard_normal(len(facets)), strict=True):
        cv2.fillConvexPoly(drawn, np.asarray(facet).astype(np.int32), float(light))
    return _soft(drawn, 3) + _clouds(random) * 0.7


def _folds(random: np.random.Generator) -> Values:
    """The soft folds of film, with bright ridges."""
    waves = _stretched(_white(random, 6, 20))
    return np.asarray(np.exp(-np.abs(waves) * 6) * 2 + waves * 0.3, np.float32)


def _leather(random: np.random.Generator) -> Values:
    """The fine grain of moulded plastic."""
    grain = _soft(_white(random), 1.3)
    return np.asarray(np.abs(grain) * 4 + _clouds(random) * 0.3, np.float32)


def _streaks(random: np.random.Generator) -> Values:
    """Upright streaks, as a worn print head leaves."""
    columns = _white(random, 1, WIDTH)
    even = np.repeat(_soft(columns, 1.2), HEIGHT, axis=0)
    return np.asarray(even + _white(random) * 0.1, np.float32)


def _grain(random: np.random.Generator) -> Values:
    """The noise of a sensor, of which neighbours share a little."""
    return _white(random) + _soft(_white(random), 1.0) * 1.5


def _specks(random: np.random.Generator) -> Values:
    """Dust and dirt."""
    drawn = np.zeros((HEIGHT, WIDTH), np.float32)
    for x, y, radius in random.random((700, 3)) * (WIDTH, HEIGHT, 1.0):
        size = int(1 + 3 * radius**4)
        cv2.circle(drawn, (int(x), int(y)), size, float(random.normal(0, 1)), -1)
    return _soft(drawn, 0.7)


TILES: Mapping[str, Callable[[np.random.Generator], Values]] = MappingProxyType(
    {
        "grain": _grain,
        "clouds": _clouds,
        "paper": _paper,
        "fibres": _fibres,
        "corrugated": _corrugated,
        "brushed": _brushed,
        "cast": _cast,
        "crinkled": _crinkled,
        "folds": _folds,
        "leather": _leather,
        "streaks": _streaks,
        "specks": _specks,
    }
)
"""What draws each tile. A new one goes to the end, since the place gives the seed."""
