"""Polygons on a page: which overlap, by how much, and in what order a person reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrx.bench.data.dataset import Polygon
from ocrx.bench.data.extra import bench_module
from ocrx.page.order import reading_order


def in_order(polygons: Sequence[Polygon]) -> list[int]:
    """Indexes into `polygons`, as a person reads them. Four corners are taken as they are,
    clockwise from the text's own top left; of any other polygon, its upright box."""
    rows = reading_order([_quad(polygon) for polygon in polygons])
    return [index for row in rows for index in row]


def overlaps(
    a: Sequence[Polygon], b: Sequence[Polygon]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Areas in square pixels: of each of `a` (n), of each of `b` (m), and what each of `a` shares
    with each of `b` (n, m). Polygons may be concave; of one that crosses itself, its parts count
    (the even-odd rule)."""
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
