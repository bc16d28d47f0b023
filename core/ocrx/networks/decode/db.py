"""Boxes from the probability map of a DB text detector.

Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", AAAI 2020: threshold
the map, take each blob's least rectangle, score it by the map's mean inside, and grow it back by
`area * unclip_ratio / perimeter`, since the network is trained on shrunk text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.page.geometry import clipped, quad_size, upright
from ocrx.types import Region

MIN_SIDE = 3.0
"""Blobs thinner than this many pixels of the map are noise (as in PaddleOCR)."""


@dataclass(frozen=True)
class DBParameters:
    threshold: float = 0.3
    box_threshold: float = 0.5
    unclip_ratio: float = 1.6
    max_candidates: int = 1000


def db_regions(
    probability: NDArray[np.float32], size: tuple[int, int], parameters: DBParameters
) -> list[Region]:
    """Text boxes from a map of shape (H, W), in pixels of the picture of `size` (height, width)."""
    height, width = size
    scale = np.array([width / probability.shape[1], height / probability.shape[0]])
    mask = cv2.dilate(
        (probability > parameters.threshold).astype(np.uint8), np.ones((2, 2), np.uint8)
    )
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    # The largest first: an empty stretch of paper can flicker in more spots than are looked at.
    candidates = sorted(contours, key=cv2.contourArea, reverse=True)[: parameters.max_candidates]
    regions = []
    for contour in candidates:
        centre, sides, angle = cv2.minAreaRect(contour)
        if min(sides) < MIN_SIDE:
            continue
        score = _mean_inside(probability, cv2.boxPoints((centre, sides, angle)))
        if score < parameters.box_threshold:
            continue
        box = cv2.boxPoints((centre, _grown(sides, parameters.unclip_ratio), angle))
        quad = clipped(upright(np.rint(box * scale)), width, height)
        if min(quad_size(quad)) > MIN_SIDE:
            regions.append(Region(quad, score))
    return regions


def _grown(sides: Sequence[float], ratio: float) -> tuple[float, float]:
    """A rectangle grown by `area * ratio / perimeter` on every side: what offsetting its outline
    with round joints and taking the least rectangle around that comes to."""
    width, height = sides
    distance = width * height * ratio / (2 * (width + height))
    return width + 2 * distance, height + 2 * distance


def _mean_inside(probability: NDArray[np.float32], box: Any) -> float:
    """The map's mean inside the box, float32 (4, 2)."""
    limit = np.array(probability.shape[::-1]) - 1
    low = np.clip(np.floor(box.min(axis=0)).astype(int), 0, limit)
    high = np.clip(np.ceil(box.max(axis=0)).astype(int), 0, limit)
    mask = np.zeros((high - low + 1)[::-1], dtype=np.uint8)
    cv2.fillPoly(mask, [(box - low).astype(np.int32)], (1,))
    window = probability[low[1] : high[1] + 1, low[0] : high[0] + 1]
    return float(cv2.mean(window, mask)[0])
