"""Cheap changes of a line, so that one drawing is worth several.

Drawing a line costs about as much as learning from it ten times. What is changed here leaves a line
as readable as it was.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.types import Image
from ocrx_training.learning.batches import WIDEST, Line, Span
from ocrx_training.networks.crnn import HEIGHT, STEP

KEPT = 40
"""Rows of a line that is kept to be changed: more than the network takes, so that a line that gets
larger stays sharp."""


def changed(line: Line, random: np.random.Generator) -> Line:
    """Another picture of a line, HEIGHT rows high: moved, stretched, slanted, in other colours,
    blurred, with noise."""
    moved, span = _moved(line, random)
    if random.random() < 0.3:
        moved = _grey(moved, random)
    moved = np.asarray(cv2.LUT(moved, _tones(random)), np.uint8)
    if random.random() < 0.2:
        moved = np.asarray(cv2.GaussianBlur(moved, (0, 0), random.uniform(0.4, 0.9)), np.uint8)
    if random.random() < 0.3:
        moved = _noisy(moved, random)
    return Line(moved, line.text, span)


def _moved(line: Line, random: np.random.Generator) -> tuple[Image, Span]:
    """Shifted, stretched and slanted a little, and where the text is then. What comes in at the
    edges is mirrored."""
    height, width = line.picture.shape[:2]
    tall = HEIGHT / height * random.uniform(0.86, 1.08)
    wide = HEIGHT / height * np.exp(random.uniform(-0.2, 0.2))
    columns = min(max(2 * STEP, round(width * wide)), WIDEST)
    wide = min(wide, columns / width)
    slant, lean = random.normal(0, 0.06), random.normal(0, 0.012)
    turn = np.array([[wide, slant * tall], [lean * wide, tall]])
    shift = random.uniform((-2, -1.5), (2, 1.5)) + np.array([columns / 2, HEIGHT / 2])
    move = shift - turn @ (width / 2, height / 2)
    picture = cv2.warpAffine(
        line.picture,
        np.column_stack([turn, move]),
        (columns, HEIGHT),
        borderMode=cv2.BORDER_REFLECT_101,
    )
    start, end = (float(x * width * wide + shift[0] - width / 2 * wide) for x in line.span)
    return np.asarray(picture, np.uint8), (start / columns, end / columns)


def _grey(picture: Image, random: np.random.Generator) -> Image:
    """Without colour, each of the three colours counting more or less."""
    shares = random.dirichlet((2, 4, 2)).astype(np.float32)
    return np.asarray(cv2.transform(picture, np.tile(shares, (3, 1))), np.uint8)


def _tones(random: np.random.Generator) -> NDArray[np.uint8]:
    """A table of levels: other contrast and brightness, sometimes the negative."""
    levels = np.arange(256) / 255
    levels = levels ** np.exp(random.normal(0, 0.2))
    if random.random() < 0.15:
        levels = 1 - levels
    levels = (levels - 0.5) * random.uniform(0.6, 1.2) + 0.5 + random.uniform(-0.12, 0.12)
    return np.asarray(np.clip(levels * 255, 0, 255), np.uint8)


def _noisy(picture: Image, random: np.random.Generator) -> Image:
    noise = random.integers(-128, 128, picture.shape[:2], np.int16)
    noise = (noise * random.uniform(0.02, 0.15)).astype(np.int16)
    return np.asarray(cv2.add(picture, cv2.merge([noise] * 3), dtype=cv2.CV_8U), np.uint8)
