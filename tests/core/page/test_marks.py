"""Signs that stand alone in a row."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest

from ocrx.page.geometry import rectangle, transform
from ocrx.page.marks import find_marks
from ocrx.types import Image, Quad

PAPERS = [(255, 0), (40, 230), (200, 120)]


def box(x: float, y: float, width: float, height: float = 26) -> Quad:
    """The box of a line in the row that begins at y."""
    return transform(rectangle(width, height), np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]]))


def table(paper: int = 255, ink: int = 0) -> tuple[Image, list[Quad]]:
    """Two columns of three rows; the right column's second and third cells are empty."""
    image = np.full((140, 300, 3), paper, dtype=np.uint8)
    lines = [box(20, 20, 70), box(180, 20, 70), box(20, 60, 70), box(20, 100, 70)]
    for left, top in (quad[0].astype(int).tolist() for quad in lines):
        for x in range(left + 3, left + 66, 6):
            image[top + 6 : top + 20, x : x + 3] = ink
    return image, lines


@pytest.mark.parametrize(("paper", "ink"), PAPERS)
def test_a_dash_is_found_and_known_by_its_shape(paper: int, ink: int) -> None:
    image, lines = table(paper, ink)
    image[72:75, 210:218] = ink
    (mark,) = find_marks(image, lines)
    assert mark.bar > 0.9
    assert mark.width == pytest.approx(8 / 26)
    assert mark.quad[:, 1].tolist() == [60, 60, 86, 86]
    assert mark.quad[0, 0] < 200
    assert mark.quad[1, 0] > 228


@pytest.mark.parametrize("letters", ["+", "x", "7", "++", "1"])
def test_other_signs_are_found_and_are_no_dash(letters: str) -> None:
    image, lines = table()
    cv2.putText(image, letters, (208, 80), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 2)
    (mark,) = find_marks(image, lines)
    assert mark.bar == 0


def test_rules_are_no_marks() -> None:
    image, lines = table()
    for y in (15, 53, 93, 132):
        cv2.line(image, (5, y), (290, y), (120, 120, 120))
    for x in (5, 130, 290):
        cv2.line(image, (x, 15), (x, 132), (120, 120, 120))
    assert find_marks(image, lines) == []


def test_a_dash_below_a_piece_of_a_faint_rule_is_found() -> None:
    image, lines = table()
    image[72:75, 210:218] = 0
    image[62, 196:214] = image[83, 212:230] = 120
    (mark,) = find_marks(image, lines)
    assert mark.bar > 0.9


def test_a_hyphen_is_found_that_is_smaller_than_other_marks() -> None:
    image, lines = table()
    image[72:74, 210:213] = 0
    (mark,) = find_marks(image, lines)
    assert mark.bar > 0.9
    image[72:74, 210] = 255  # now it is a speck
    assert find_marks(image, lines) == []


def test_a_piece_of_a_faint_rule_through_the_middle_of_a_row_is_no_dash() -> None:
    image, lines = table()
    image[73, 135:290] = 182
    image[73, 196:214] = 120
    assert find_marks(image, lines) == []


def test_dust_and_what_stands_in_no_column_or_close_to_a_line_are_no_marks() -> None:
    image, lines = table()
    image[72:74, 200:202] = 0  # too small
    image[72:75, 128:136] = 0  # nothing above or below
    image[112:115, 95:103] = 0  # belongs to the line before it
    assert find_marks(image, lines) == []


def test_ink_in_no_column_may_be_a_number_in_the_last_row_of_a_page() -> None:
    image, lines = table()
    lines = [*lines, box(20, 270, 80)]
    image = np.concatenate([image, np.full((300 - len(image), *image.shape[1:]), 255, np.uint8)])
    image[72:82, 128:136] = image[278:288, 290:298] = 0
    assert [(mark.number, mark.quad[0, 1]) for mark in find_marks(image, lines)] == [(True, 270)]


def test_an_underscore_is_no_dash() -> None:
    image, lines = table()
    image[81:83, 208:222] = 0
    assert [mark.bar for mark in find_marks(image, lines)] == [0]


def test_the_dash_of_a_narrow_font_is_found() -> None:
    image, lines = table()
    image[72:74, 210:214] = 0
    assert [mark.bar for mark in find_marks(image, lines)] == [1]


def test_a_column_may_consist_of_single_characters_or_of_dashes() -> None:
    image, lines = table()
    image[32:35, 130:138] = image[72:75, 130:138] = 0
    assert find_marks(image, lines) == []
    assert len(find_marks(image, lines, [box(128, 100, 12)])) == 2
    image[112:115, 130:138] = 0
    assert [mark.bar for mark in find_marks(image, lines)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("places", "indent", "found"),
    [
        ([12, 12, 12], 40, 3),
        ([12, 12], 40, 2),
        ([30, 34], 60, 0),  # too few to differ so much in their places
        ([12, 20, 28], 60, 0),  # in no column
        ([12, 12, 12], 120, 0),  # too far from the lines
    ],
)
def test_dots_in_a_column_before_lines_are_bullets(
    places: list[int], indent: int, found: int
) -> None:
    image = np.full((140, 300, 3), 255, dtype=np.uint8)
    lines = [box(indent, 20 + 40 * i, 100) for i in range(3)]
    for i in range(3):
        image[26 + 40 * i : 40 + 40 * i, indent + 3 : indent + 97 : 6] = 0
    for i, x in enumerate(places):
        cv2.circle(image, (x, 33 + 40 * i), 4, (0, 0, 0), -1)
    dots = [mark for mark in find_marks(image, lines) if mark.dot]
    assert len(dots) == found
    assert all(mark.width == pytest.approx(9 / 26) for mark in dots)


def test_boxes_of_the_row_above_may_reach_into_a_row() -> None:
    image, lines = table()
    image[72:75, 210:218] = 0
    lines[1] = box(180, 20, 70, 42)
    assert len(find_marks(image, lines)) == 1


def test_the_foot_of_a_letter_below_the_box_of_its_line_is_no_dash() -> None:
    image, lines = table()
    lines.append(box(180, 44, 70))  # in another column, whose rows are at other heights
    image[60:72, 212:214] = image[70:72, 208:218] = 0
    assert find_marks(image, lines) == []


def test_what_stands_in_a_photograph_is_no_dash() -> None:
    image, lines = table()
    image[40:140, 150:300] = np.random.default_rng(0).integers(0, 255, (100, 150, 1), np.uint8)
    image[70:77, 206:222] = 255
    image[72:75, 210:218] = 0
    assert [mark for mark in find_marks(image, lines) if mark.plain or mark.bar] == []
    image[40:140, 150:300] = 255
    image[72:75, 210:218] = 0
    assert [mark.plain for mark in find_marks(image, lines)] == [True]


def test_the_time_is_in_proportion_to_the_lines() -> None:
    lines = [box(80 * i, 10 * j, 60, 8) for j in range(500) for i in range(16)]
    image = np.full((5000, 1280, 3), 255, dtype=np.uint8)
    begin = time.process_time()
    assert find_marks(image, lines) == []
    assert time.process_time() - begin < 2  # about 0.5 on one core


def test_where_less_than_two_lines_are_level_there_is_no_row() -> None:
    image, lines = table()
    image[72:75, 210:218] = 0
    assert find_marks(image, []) == []
    assert find_marks(image, lines[:1]) == []
    assert find_marks(image, [np.roll(quad, 2, axis=0) for quad in lines]) == []
