"""Which of two looks at the same lines is believed."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ocrx.networks.scales import believed, closer_scales
from ocrx.types import Region, frozen_quad


def line(left: float, top: float, width: float, height: float, angle: float = 0.0) -> Region:
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]])
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return Region(frozen_quad(corners @ turn + (left, top)), 0.9)


@given(st.floats(0.001, 2))
def test_scales_double_up_to_full_size(scale: float) -> None:
    scales = [scale, *closer_scales(scale)]
    assert (scales[-1] == 1) == (scale < 0.75 or scale == 1)
    for one, closer in pairwise(scales):
        assert 4 / 3 < closer / one <= 8 / 3


def test_a_page_that_is_hardly_reduced_is_seen_once() -> None:
    assert closer_scales(0.8) == closer_scales(1.0) == closer_scales(1.7) == []


def test_lines_seen_once_are_kept() -> None:
    far, near = [line(0, 0, 300, 40)], [line(0, 100, 60, 12)]
    assert believed(far, near, 64, [True]) == far + near
    assert believed([], near, 64, []) == near
    assert believed(far, [], 64, [True]) == far


@given(st.floats(-3, 3), st.floats(-2000, 2000))
def test_two_small_lines_are_believed_over_the_one_they_looked_like(
    angle: float, down: float
) -> None:
    far = [line(0, down, 300, 40, angle)]
    aside = np.array([-math.sin(angle), math.cos(angle)]) * 22
    near = [
        line(0, down, 300, 16, angle),
        line(aside[0], down + aside[1], 300, 16, angle),
    ]
    assert believed(far, near, 64, [True]) == near


def test_pieces_of_a_large_line_are_not_believed() -> None:
    far = [line(0, 0, 1500, 200)]
    near = [line(0, 0, 700, 190), line(800, 10, 700, 190)]
    assert believed(far, near, 64, [True]) == far


@given(st.floats(-3, 3))
def test_a_small_line_is_believed_over_a_box_that_is_much_higher(angle: float) -> None:
    far = [line(0, 0, 200, 90, angle)]
    along = np.array([math.cos(angle), math.sin(angle)])
    (x, y), (dx, dy) = along[::-1] * (-35, 35), 110 * along
    near = [line(x, y, 90, 20, angle), line(x + dx, y + dy, 80, 20, angle)]
    assert believed(far, near, 128, [True]) == near


def test_specks_in_a_large_line_are_not_believed() -> None:
    far = [line(0, 0, 1500, 200)]
    near = [line(600, 90, 40, 12), line(900, 30, 60, 14)]
    assert believed(far, near, 64, [True]) == far


def test_the_part_of_a_line_that_a_near_look_is_shown_is_not_believed() -> None:
    far, near = [line(0, 0, 300, 24)], [line(0, 2, 160, 20), line(0, 40, 90, 10)]
    assert believed(far, near, 64, [False]) == [*far, near[1]]
    assert believed(far, near, 64, [True]) == near


def test_a_line_of_which_a_near_look_is_shown_the_lower_half_is_not_believed() -> None:
    far, near = [line(0, 0, 300, 60)], [line(0, 30, 300, 30)]
    assert believed(far, near, 64, [False], [True]) == far
    assert believed(far, near, 64, [False], [False]) == near


def test_of_two_lines_that_looked_like_one_even_parts_are_believed() -> None:
    far = [line(0, 0, 300, 40)]
    near = [line(0, 0, 160, 16), line(0, 22, 160, 16)]
    assert believed(far, near, 64, [False]) == near


def test_a_line_that_a_near_look_sees_in_full_replaces_its_part() -> None:
    far, near = [line(100, 0, 200, 20)], [line(0, 2, 900, 16)]
    assert believed(far, near, 64, [True]) == near


def test_print_beside_a_picture_that_looked_like_a_line_with_it_is_kept() -> None:
    far, caption = [line(0, 0, 390, 290)], line(10, 268, 135, 16)
    assert believed(far, [caption], 128, [True]) == [*far, caption]
    picture, time = line(0, 4, 390, 260), line(250, 268, 40, 14)
    assert believed(far, [picture, time], 128, [True]) == [*far, time]
