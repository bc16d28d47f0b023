"""Paragraphs: rows at an even pitch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx.page.order import arranged
from ocrx.page.paragraphs import paragraphs
from ocrx.types import Quad, frozen_quad


def row(y: float, height: float = 20, x: float = 0, width: float = 300) -> Quad:
    return frozen_quad([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])


def split(quads: list[Quad]) -> list[int]:
    """How many rows each paragraph has."""
    page = arranged(quads)
    return [len(rows) for block in page.blocks for rows in paragraphs(page.boxes, block)]


@pytest.mark.parametrize(
    ("tops", "expected"),
    [
        ([0], [1]),
        ([0, 26, 52, 78], [4]),
        ([0, 26, 52, 100, 126], [3, 2]),
        ([0, 26, 66, 92, 132, 158, 184], [2, 2, 3]),
        ([0, 50, 100, 150], [4]),  # double spaced
        ([0, 27, 52, 79, 104], [5]),
        ([0, 200], [1, 1]),
        ([0, 40], [2]),
    ],
)
@pytest.mark.parametrize("scale", [1, 3])
def test_a_paragraph_ends_where_the_pitch_does(
    tops: list[float], expected: list[int], scale: float
) -> None:
    assert split([row(top * scale, 20 * scale, width=300 * scale) for top in tops]) == expected


def test_a_heading_is_a_paragraph_of_its_own() -> None:
    assert split([row(0, 40), *(row(60 + 26 * i) for i in range(4))]) == [1, 4]


def test_the_cells_of_a_row_stay_together() -> None:
    cells = [row(30 * i, x=120 * k, width=80) for i in range(5) for k in range(3)]
    assert split(cells) == [5]


@given(st.lists(st.floats(0, 500), max_size=12))
def test_no_row_is_lost_and_none_moves(tops: list[float]) -> None:
    page = arranged([row(top) for top in tops])
    for block in page.blocks:
        found = paragraphs(page.boxes, block)
        assert [line for rows in found for line in rows] == block
        assert all(found)


def test_nothing_has_no_paragraphs() -> None:
    assert paragraphs(arranged([]).boxes, []) == []
    assert np.size(arranged([]).boxes.x0) == 0
