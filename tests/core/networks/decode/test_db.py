"""Boxes from probability maps."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocrx.networks.decode.db import DBParameters, db_regions
from ocrx.page.geometry import quad_size

NO_GROWTH = DBParameters(unclip_ratio=0)


def drawn(*boxes: tuple[float, float, float, float, float]) -> NDArray[np.float32]:
    """A 200 x 300 map with filled rectangles: centre x, centre y, width, height, degrees."""
    canvas = np.zeros((200, 300), dtype=np.float32)
    for x, y, width, height, angle in boxes:
        corners = cv2.boxPoints(((x, y), (width, height), angle))
        cv2.fillPoly(canvas, [np.rint(corners).astype(np.int32)], (0.9,))
    return canvas


@settings(max_examples=50)
@given(
    st.integers(100, 200),
    st.integers(80, 120),
    st.integers(60, 90),
    st.integers(10, 30),
    st.integers(-40, 40),
)
def test_a_rectangle_is_found_where_it_was_drawn(
    x: int, y: int, width: int, height: int, angle: int
) -> None:
    (region,) = db_regions(drawn((x, y, width, height, angle)), (200, 300), NO_GROWTH)
    assert region.quad.mean(axis=0) == pytest.approx([x, y], abs=2)
    assert quad_size(region.quad) == pytest.approx((width, height), abs=5)
    direction = region.quad[1] - region.quad[0]
    assert np.degrees(np.arctan2(direction[1], direction[0])) == pytest.approx(angle, abs=6)
    # The box reaches a little beyond what was drawn, the more so the thinner that is.
    assert 0.6 < region.score < 0.91


def test_boxes_are_in_the_pixels_of_the_picture() -> None:
    probability = drawn((150, 100, 80, 20, 0))
    (region,) = db_regions(probability, (400, 900), NO_GROWTH)
    assert region.quad.mean(axis=0) == pytest.approx([450, 200], abs=5)
    assert quad_size(region.quad) == pytest.approx((240, 40), abs=8)


def test_boxes_grow_by_the_ratio() -> None:
    probability = drawn((150, 100, 80, 20, 0))
    (tight,) = db_regions(probability, (200, 300), NO_GROWTH)
    (grown,) = db_regions(probability, (200, 300), DBParameters(unclip_ratio=2.0))
    width, height = quad_size(tight.quad)
    distance = width * height * 2.0 / (2 * (width + height))
    assert quad_size(grown.quad) == pytest.approx(
        (width + 2 * distance, height + 2 * distance), abs=3
    )


def test_boxes_stay_inside_the_picture() -> None:
    for region in db_regions(drawn((2, 2, 60, 20, 0)), (200, 300), DBParameters(unclip_ratio=5)):
        assert region.quad.min() >= 0


def test_text_is_found_among_any_number_of_spots() -> None:
    probability = drawn((150, 40, 200, 20, 0))
    probability[80::4, ::4] = 0.9
    (region,) = db_regions(probability, (200, 300), DBParameters())
    assert region.quad.mean(axis=0) == pytest.approx([150, 40], abs=2)


def test_every_cell_of_a_dense_table_is_found() -> None:
    probability = np.zeros((1500, 2000), np.float32)
    for y in range(10, 1490, 20):
        for x in range(10, 1980, 28):
            probability[y : y + 9, x : x + 20] = 0.9
    found = db_regions(probability, (1500, 2000), DBParameters())
    assert len(found) == 74 * 71
    assert len({tuple(region.quad.mean(axis=0).tolist()) for region in found}) == 74 * 71


def test_what_is_faint_thin_or_too_much_is_left_out() -> None:
    probability = drawn((50, 50, 60, 20, 0), (200, 50, 60, 20, 0), (150, 150, 60, 20, 0))
    size = (200, 300)
    assert len(db_regions(probability, size, DBParameters())) == 3
    assert db_regions(probability, size, DBParameters(box_threshold=0.95)) == []
    assert db_regions(probability, size, DBParameters(threshold=0.95)) == []
    assert db_regions(drawn((150, 100, 2, 1, 0)), size, NO_GROWTH) == []
    assert db_regions(np.zeros((32, 32), np.float32), (32, 32), DBParameters()) == []


def test_a_line_with_a_row_of_dots_behind_it_is_found_without_them() -> None:
    canvas = np.zeros((100, 400), dtype=np.float32)
    canvas[40:54, 20:120] = 0.9
    canvas[50:53, 120:390] = 0.9
    (region,) = db_regions(canvas, (100, 400), NO_GROWTH)
    assert region.quad.min(axis=0) == pytest.approx([20, 40], abs=2)
    assert region.quad.max(axis=0) == pytest.approx([120, 54], abs=2)


def test_a_thin_blob_that_scores_badly_stays_out() -> None:
    canvas = np.zeros((100, 400), dtype=np.float32)
    canvas[40:54, 20:390] = 0.4
    assert db_regions(canvas, (100, 400), NO_GROWTH) == []
