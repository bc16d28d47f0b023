"""Which lines of a page lie in another way than the rest."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ocrx.page.directions import by_turn
from ocrx.types import Quad
from support.pages import ANGLES, box, column, rotated

PAGE = column(0, 0, 6, 400)


def turned(quads: Sequence[Quad], degrees: float, x: float, y: float) -> list[Quad]:
    """The quads turned where they are, and then moved to (x, y)."""
    found = rotated(quads, degrees)
    left, top = min(q[:, 0].min() for q in found), min(q[:, 1].min() for q in found)
    return [quad - [left - x, top - y] for quad in found]


def groups(quads: Sequence[Quad], texts: Sequence[str] | None = None) -> list[list[int]]:
    return by_turn(quads, texts or ["text"] * len(quads))


@pytest.mark.parametrize("degrees", ANGLES)
def test_a_page_that_lies_in_one_way_is_one_group(degrees: float) -> None:
    assert groups(rotated(PAGE, degrees)) == [list(range(6))]


@pytest.mark.parametrize("page", ANGLES)
@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_block_that_is_turned_is_a_group(degrees: float, page: float) -> None:
    label = turned([box(0, 30 * i, 200) for i in range(3)], degrees, 600, 0)
    assert groups(rotated([*label, *PAGE], page)) == [list(range(3, 9)), [0, 1, 2]]


def test_single_characters_belong_to_the_block_around_them() -> None:
    label = turned([box(0, 0, 200), box(0, 60, 200)], 90, 600, 0)
    inside, outside = box(620, 100, 14), box(900, 500, 14)
    texts = ["text"] * 8 + ["7", "8"]
    assert groups([*PAGE, *label, inside, outside], texts) == [[*range(6), 9], [6, 7, 8]]


def test_one_line_on_its_side_is_no_block() -> None:
    assert groups([*PAGE, *turned([box(0, 0, 200)], 270, 600, 0)]) == [list(range(7))]


def test_columns_of_a_script_that_is_written_down_are_no_block() -> None:
    columns = turned([box(0, 30 * i, 100) for i in range(3)], 90, 600, 0)
    assert len(groups([*PAGE, *columns])) == 2
    assert len(groups([*PAGE, *columns], ["text"] * 6 + ["日本語"] * 3)) == 1
