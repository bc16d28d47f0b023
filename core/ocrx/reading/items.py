"""Puts the items that finders found on a picture in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ocrx.page.geometry import transform
from ocrx.page.order import reading_order
from ocrx.types import Item, Quad, frozen_quad


def items_in_order(items: Sequence[Item], matrix: NDArray[np.float64] | None) -> tuple[Item, ...]:
    """The items by rows, and from left to right in each, in pixels of the original picture.

    `matrix`, (3, 3), is the homography to that picture; None if the pixels are the same.
    """
    if matrix is not None:
        items = [replace(item, quad=transform(item.quad, matrix)) for item in items]
    rows = reading_order([_around(item.quad) for item in items], order="rows")
    return tuple(items[i] for row in rows for i in row)


def _around(quad: Quad) -> Quad:
    """The upright box around a quad. How a bar code is turned says nothing about its page."""
    (left, top), (right, bottom) = quad.min(axis=0), quad.max(axis=0)
    return frozen_quad([(left, top), (right, top), (right, bottom), (left, bottom)])
