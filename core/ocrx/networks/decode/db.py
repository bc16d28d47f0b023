"""Turns the probability map of a DB text detector into boxes.

After Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", AAAI 2020:
threshold the map, take the minimum-area rectangle of each blob, score it by the mean of the map
inside, and grow it by `area * unclip_ratio / perimeter`, because the network is trained on shrunk
text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.page.geometry import all_upright, quad_size
from ocrx.types import Region, frozen_quad

MIN_SIDE = 3.0
"""Blobs thinner than this many pixels of the map are noise (as in PaddleOCR)."""


LONG = 8
THICK = 0.6
SHORTEST = 5
"""A blob that is so many times as wide as high, but scores badly, may be a line with a row of dots
behind it, as in a table of contents. Its text is where it is at least THICK times as high as at its
highest place, in stretches of at least SHORTEST heights."""


@dataclass(frozen=True)
class DBParameters:
    """The parameters of DB. The map is thresholded at `threshold`; boxes that score below
    `box_threshold` are dropped; the others are grown by `unclip_ratio`."""

    threshold: float = 0.3
    box_threshold: float = 0.5
    unclip_ratio: float = 1.6


def db_regions(
    probability: NDArray[np.float32], size: tuple[int, int], parameters: DBParameters
) -> list[Region]:
    """The text boxes in a map of shape (H, W) that lies over a picture of `size` (height, width).
    Quads are in the picture's pixels."""
    height, width = size
    scale = np.array([width / probability.shape[1], height / probability.shape[0]])
    mask = cv2.dilate(
        (probability > parameters.threshold).astype(np.uint8), np.ones((2, 2), np.uint8)
    )
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    boxes, scores = [], []
    blobs: list[NDArray[Any]] = list(contours)
    whole = len(blobs)
    for number, blob in enumerate(blobs):  # which grows
        centre, sides, angle = cv2.minAreaRect(blob)
        if min(sides) < MIN_SIDE:
            continue
        score = _mean_inside(probability, cv2.boxPoints((centre, sides, angle)))
        if score >= parameters.box_threshold:
            boxes.append(cv2.boxPoints((centre, _grown(sides, parameters.unclip_ratio), angle)))
            scores.append(score)
        elif number < whole:
            blobs += _thick_parts(blob)
    corners = np.rint(np.reshape(boxes, (-1, 4, 2)) * scale)
    quads = np.clip(all_upright(corners), 0, (width, height))
    return [
        Region(frozen_quad(quad), score)
        for quad, score in zip(quads, scores, strict=True)
        if min(quad_size(quad)) > MIN_SIDE
    ]


def _thick_parts(contour: NDArray[Any]) -> list[NDArray[Any]]:
    """The points of a long, level blob in each stretch where it is thick; none if there is no thin
    one."""
    left, top, width, height = cv2.boundingRect(contour)
    if width < LONG * height:
        return []
    mask = np.zeros((height, width), dtype=np.uint8)
    cv2.drawContours(mask, [contour - (left, top)], -1, (1,), cv2.FILLED)
    thickness = mask.sum(axis=0, dtype=np.float32)[None]
    smooth = cv2.blur(thickness, (2 * height, 1))[0]  # over gaps between letters
    edges = np.diff((smooth >= THICK * smooth.max()).astype(np.int8), prepend=0, append=0)
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return [
        np.add(np.argwhere(mask[:, start:end])[:, ::-1], (left + start, top)).astype(np.int32)
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        if SHORTEST * height <= end - start < width
    ]


def _grown(sides: Sequence[float], ratio: float) -> tuple[float, float]:
    """The sides of a rectangle that is grown by `area * ratio / perimeter` in each direction. This
    equals offsetting its outline with round joints, and taking the minimum-area rectangle of
    that."""
    width, height = sides
    distance = width * height * ratio / (2 * (width + height))
    return width + 2 * distance, height + 2 * distance


def _mean_inside(probability: NDArray[np.float32], box: NDArray[Any]) -> float:
    """The mean of the map inside the box (4, 2)."""
    bottom, right = probability.shape[0] - 1, probability.shape[1] - 1
    across, down = box.T.tolist()
    left, top = max(0, math.floor(min(across))), max(0, math.floor(min(down)))
    window = probability[
        min(top, bottom) : min(bottom, math.ceil(max(down))) + 1,
        min(left, right) : min(right, math.ceil(max(across))) + 1,
    ]
    mask = np.zeros(window.shape, dtype=np.uint8)
    cv2.fillPoly(mask, [(box - (left, top)).astype(np.int32)], (1,))
    return cv2.mean(window, mask)[0]
