"""From CRAFT's maps to the boxes of words: `getDetBoxes_core` of easyocr/craft_utils.py.

Where EasyOCR looks at the whole map for each word, this looks only at the word's surroundings. The
boxes are the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]
Box = NDArray[np.float32]
"""The four corners (4, 2) of a box, clockwise, beginning at the one with the least x + y."""

LEAST_PIXELS = 10
SQUARE = 0.1
"""A box whose sides differ by at most this fraction is taken for upright."""


@dataclass(frozen=True)
class Thresholds:
    """As in `DetectionOptions`."""

    text: float = 0.7
    low_text: float = 0.4
    link: float = 0.4


def word_boxes(text: Map, link: Map, thresholds: Thresholds) -> Iterator[tuple[Box, float]]:
    """The box of each word, in pixels of the maps, and the largest value of the text map in it.

    Both maps have the shape (H, W).
    """
    inked = text > thresholds.low_text
    linked = link > thresholds.link
    either = (inked | linked).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(either, connectivity=4)
    gaps = linked & ~inked
    for label in range(1, count):
        left, top, width, height, size = stats[label].tolist()
        if size < LEAST_PIXELS:
            continue
        own = (slice(top, top + height), slice(left, left + width))
        peak = float(text[own][labels[own] == label].max())
        if peak < thresholds.text:
            continue
        grow = int(math.sqrt(size * min(width, height) / (width * height)) * 2)
        top, left = max(0, top - grow), max(0, left - grow)
        around = (
            slice(top, own[0].stop + grow + 1),
            slice(left, own[1].stop + grow + 1),
        )
        word = ((labels[around] == label) & ~gaps[around]).astype(np.uint8)
        word = cv2.dilate(word, np.ones((1 + grow, 1 + grow), np.uint8)).astype(np.uint8)
        down, across = np.nonzero(word)
        yield _box(np.stack((across + left, down + top), axis=1).astype(np.int32)), peak


def _box(points: NDArray[np.int32]) -> Box:
    """The smallest rectangle around the points (n, 2); an upright one if that is nearly square."""
    box = np.asarray(cv2.boxPoints(cv2.minAreaRect(points)), dtype=np.float32)
    sides = np.linalg.norm(box[0] - box[1]), np.linalg.norm(box[1] - box[2])
    if abs(1 - max(sides) / (min(sides) + 1e-5)) <= SQUARE:
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        box = np.array(
            [[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float32
        )
    return np.roll(box, -int(box.sum(axis=1).argmin()), axis=0)
