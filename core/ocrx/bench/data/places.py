"""Polygons on a page: how much they overlap, and in what order a person reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrx.bench.data.dataset import Polygon
from ocrx.bench.data.extra import bench_module
from ocrx.page.order import reading_order


def in_order(polygons: Sequence[Polygon]) -> list[int]:
    """Indices into `polygons`, in reading order. A polygon of four corners is a quad, clockwise
    from the text's own top left. Any other stands for its upright bounding box."""
    rows = reading_order([_quad(polygon) for polygon in polygons])
    return [index for row in rows for index in row]


def overlaps(
    a: Sequence[Polygon], b: Sequence[Polygon]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The areas of `a` (n,), the areas of `b` (m,), and the areas of their intersections (n, m),
    all float64 in square pixels.

    Polygons may be concave, or cross themselves (their inside follows the even-odd rule). Raises
    UsageError if shapely is not installed.
    """
    shapely = bench_module("shapely")
    left, right = _shapes(shapely, a), _shapes(shapely, b)
    shared = np.zeros((len(a), len(b)))
    if len(a) and len(b):
        pairs = shapely.STRtree(right).query(left, predicate="intersects")
        shared[pairs[0], pairs[1]] = shapely.area(
            shapely.intersection(left[pairs[0]], right[pairs[1]])
        )
    return shapely.area(left), shapely.area(right), shared


def _shapes(shapely: Any, polygons: Sequence[Polygon]) -> NDArray[Any]:
    shapes = np.array([shapely.Polygon(polygon) for polygon in polygons], dtype=object)
    return np.asarray(shapely.make_valid(shapes), dtype=object)


def _quad(polygon: Polygon) -> NDArray[np.float32]:
    points = np.array(polygon, dtype=np.float32)
    if len(points) == 4:
        return points
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], dtype=np.float32)
