"""Finds the part of a picture that holds anything, so that wide margins need not be searched."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.networks.smallprint import PATCH, edge_shares
from ocrx.types import Image

Floats = NDArray[np.floating[Any]]
Boxes = NDArray[np.integer[Any]]
"""Left, top, width and height of each, shape (N, 4)."""

CONTRAST = 8
"""Neighbouring pixels differ by at least this many grey levels, of 255, at the edges of small
things. Of 404 words and signs on drawn sheets, from 10 to 110 pixels high and as faint as 25 grey
levels, two lone strokes are left out with 8, and 23 of the first 203 with 16. The grain of a scan
counts, too."""

EDGES = (0.06, 0.03)
"""A patch holds a part of something small if edges take these fractions of its pixels, in one
direction and in the other. Long straight ones, such as those of a sheet on a scanner, run in one
direction only."""

SPECK = 24
"""A thing with fewer pixels of edges, in the direction that has fewer, is dust. A digit has 45 if
its letters are 12 pixels high, though a 1 has but 15."""

GLANCE = 500
"""The longer side, in pixels, of the view in which large things are looked for. Dust is gone from
it."""

NEIGHBOURHOOD = 31
MARK = 12
"""A large thing differs by at least this many grey levels from the mean of its neighbourhood, whose
side is given in pixels of the view."""

LARGE = 6
"""And is at least so high and so wide, in pixels of the view."""

EDGE = 10
"""So many pixels along each edge of the view are left out, because shadows of a scan lie there."""

MARGIN = 32
"""The room left around all things, in pixels of the picture or, if it is more, LARGE pixels of the
view."""

SMALL = 250_000
"""A picture of fewer pixels is searched as it is."""

STEP = 32
"""A window begins and ends at multiples of this many pixels, as detectors want it. What need not be
resized stays crisp. Sizes are as many as pages, but that costs less than larger windows would: with
OpenVINO, which plans each size anew, the lines of 16 sheets are found in 0.28 of the time with 32,
and in 0.42 with 128."""

WORTHWHILE = 0.9
"""A window that takes more of the picture than this is not worth cutting out."""


def window(image: Image) -> tuple[slice, slice]:
    """The rows and columns that hold all there is in a picture but for dust and the shadows of its
    edges; all of them if nothing is found, or little would be left out. `image` is RGB uint8
    (H, W, 3)."""
    height, width = image.shape[:2]
    whole = slice(0, height), slice(0, width)
    if height * width < SMALL:
        return whole
    scale = max(1.0, max(height, width) / GLANCE)
    boxes = np.concatenate([PATCH * _small(image), scale * _large(image, scale)])
    if not len(boxes):
        return whole
    margin = max(MARGIN, round(LARGE * scale))
    columns = _stretch(boxes[:, 0], boxes[:, 2], margin, width)
    rows = _stretch(boxes[:, 1], boxes[:, 3], margin, height)
    area = (rows.stop - rows.start) * (columns.stop - columns.start)
    return whole if area > WORTHWHILE * height * width else (rows, columns)


def _stretch(begins: Floats, lengths: Floats, margin: int, limit: int) -> slice:
    """From the first to the last of some things, with a margin, in whole steps."""
    start = max(0, int(begins.min()) - margin) // STEP
    stop = -(-(int((begins + lengths).max()) + margin) // STEP)
    return slice(start * STEP, min(limit, stop * STEP))


def _small(image: Image) -> Boxes:
    """The boxes of small things, in patches."""
    least, most = edge_shares(image, CONTRAST)
    boxes, parts = _parts((most >= EDGES[0]) & (least >= EDGES[1]))
    edges = np.bincount(parts.ravel(), least.ravel(), len(boxes) + 1)[1:]
    return np.asarray(boxes[edges * PATCH**2 >= SPECK])


def _large(image: Image, scale: float) -> Boxes:
    """The boxes of large things, in pixels of a view that is `scale` times smaller."""
    size = [max(1, round(length / scale)) for length in image.shape[1::-1]]
    grey = cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    inner = grey[EDGE:-EDGE, EDGE:-EDGE]
    if not inner.size:
        return np.zeros((0, 4), np.int32)
    around = cv2.blur(inner, (NEIGHBOURHOOD, NEIGHBOURHOOD))
    boxes, _ = _parts(cv2.absdiff(inner, around) >= MARK)
    boxes[:, :2] += EDGE
    return np.asarray(boxes[boxes[:, 2:].min(axis=1) >= LARGE])


def _parts(marks: NDArray[np.bool_]) -> tuple[Boxes, NDArray[np.int32]]:
    """The boxes of the connected parts of the marks, and to which part each mark belongs, the
    first being 1."""
    _, parts, boxes, _ = cv2.connectedComponentsWithStats(marks.astype(np.uint8), connectivity=8)
    return np.asarray(boxes[1:, :4], np.int32), np.asarray(parts, np.int32)
