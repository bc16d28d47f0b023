"""When a picture is read as a single line."""

from __future__ import annotations

import pytest

from ocrx.page.layout import is_single_line, looks_like_strip
from ocrx.types import Region, frozen_quad


def region(x: float, y: float, width: float, height: float) -> Region:
    corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]
    return Region(frozen_quad(corners), 0.9)


@pytest.mark.parametrize(
    ("height", "width"),
    [(1, 1), (24, 94), (11, 65), (129 - 1, 2000), (103, 64), (40, 20000), (20000, 40), (400, 3000)],
)
def test_small_or_elongated_pictures_may_be_a_line(height: int, width: int) -> None:
    assert looks_like_strip(height, width)


@pytest.mark.parametrize(("height", "width"), [(129, 129), (300, 231), (1600, 530), (720, 1280)])
def test_others_are_pages(height: int, width: int) -> None:
    assert not looks_like_strip(height, width)


def test_nothing_found() -> None:
    assert is_single_line(24, 94, [])


@pytest.mark.parametrize(
    "found",
    [
        [region(1, 1, 92, 22)],  # all of it
        [region(10, 6, 70, 12)],  # with a margin all around: the box is the better crop
        [region(0, 6, 40, 12), region(50, 6, 44, 12)],  # in two pieces, from end to end
        [region(0, 0, 40, 24), region(52, 1, 42, 23)],
    ],
)
def test_a_box_that_fits_is_kept(found: list[Region]) -> None:
    assert not is_single_line(24, 94, found)


@pytest.mark.parametrize(
    "found",
    [
        [region(0, 0, 60, 24)],
        [region(40, 1, 54, 23)],
        [region(30, -3, 40, 30)],
        [region(0, 0, 20, 24), region(30, 1, 45, 23)],
    ],
)
def test_a_box_as_thick_as_the_picture_that_ends_early_is_not_trusted(found: list[Region]) -> None:
    assert is_single_line(24, 94, found)


def test_a_line_that_runs_down() -> None:
    assert is_single_line(81, 27, [region(0, 0, 27, 60)])
    assert not is_single_line(81, 27, [region(3, 2, 21, 78)])


@pytest.mark.parametrize("overlap", [0, 4])
def test_two_rows_are_never_one_line(overlap: float) -> None:
    """Even if, as here, both stop short of the right edge and fill the height together."""
    rows = [region(0, 0, 60, 24 + overlap), region(0, 24 - overlap, 70, 24)]
    assert not is_single_line(48, 94, rows)
