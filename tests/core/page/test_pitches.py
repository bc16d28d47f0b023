"""The distances from line to line that tell columns from the rows of a table."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.page.order import arranged
from ocrx.page.pitches import are_independent, have_own_pitch
from support.pages import box


@pytest.mark.parametrize(
    ("left", "right", "own"),
    [(26.0, 22.0, True), (26.0, 26.0, False), (26.0, 25.0, False), (26.0, 52.0, False)],
)
def test_two_columns_have_pitches_of_their_own(left: float, right: float, own: bool) -> None:
    quads = [box(0, left * i, 200) for i in range(8)] + [box(300, right * i, 90) for i in range(6)]
    boxes = arranged(quads).boxes
    beside = np.ones(len(quads), dtype=np.bool_)
    assert have_own_pitch(boxes, boxes.x0 < 250, beside) == own


def test_lines_in_rows_that_are_not_level_are_not_independent() -> None:
    heights = np.arange(0.0, 300.0, 30.0)
    assert not are_independent(heights, heights + np.linspace(0, 14, 10), 20)
    assert are_independent(np.arange(0.0, 320.0, 41.0), heights, 20)
