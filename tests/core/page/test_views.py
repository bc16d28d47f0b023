"""Views of a crop, and how sure a reading is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx.page.geometry import band_quad, rectangle
from ocrx.page.views import View, certainty, is_doubtful, line_rows, line_view, turned_view
from ocrx.types import Image, Text

INKS = [
    ((255, 255, 255), (0, 0, 0)),
    ((30, 40, 70), (230, 230, 210)),
    ((90, 160, 90), (200, 30, 30)),
]
LETTERS = 32  # pixels from the top of letters drawn to their bottom, about


def bars(above: int, below: int, side: int, paper: int = 230, ink: int = 40) -> Image:
    """Ten strokes of 20 pixels, with room around them."""
    image = np.full((above + 20 + below, 2 * side + 60, 3), paper, dtype=np.uint8)
    for left in range(side, side + 60, 6):
        image[above : above + 20, left : left + 3] = ink
    return image


@given(
    above=st.integers(0, 80),
    below=st.integers(0, 80),
    side=st.integers(0, 60),
    ink=st.integers(0, 120),
)
def test_the_rows_of_a_line_are_found_wherever_it_lies(
    above: int, below: int, side: int, ink: int
) -> None:
    start, end = line_rows(bars(above, below, side, ink=ink))
    slack = 2 + 0.1 * 20 + (above + 20 + below) / 24
    assert above - slack <= start <= above
    assert above + 20 <= end <= above + 20 + slack


@pytest.mark.parametrize(("paper", "ink"), INKS)
@pytest.mark.parametrize(("above", "below"), [(40, 6), (5, 50), (60, 60)])
def test_a_line_of_text_is_found_in_any_colour(
    paper: tuple[int, int, int], ink: tuple[int, int, int], above: int, below: int
) -> None:
    image = np.full((above + LETTERS + below, 300, 3), paper, dtype=np.uint8)
    cv2.putText(image, "HELD 4711", (20, above + LETTERS), cv2.FONT_HERSHEY_DUPLEX, 1.5, ink, 2)
    start, end = line_rows(image)
    assert start <= above <= start + 12
    assert end - 12 <= above + LETTERS <= end


def test_a_frame_is_no_part_of_the_line() -> None:
    image = bars(30, 30, 20)
    cv2.rectangle(image, (3, 3), (96, 76), (0, 0, 0), 3)
    start, end = line_rows(image)
    assert 22 <= start <= 30
    assert 50 <= end <= 58


@pytest.mark.parametrize("shape", [(1, 1), (7, 300), (40, 1), (60, 200)])
def test_where_nothing_stands_out_all_rows_are_the_line(shape: tuple[int, int]) -> None:
    assert line_rows(np.full((*shape, 3), 200, dtype=np.uint8)) == (0, shape[0])


def test_a_view_of_the_line_knows_where_it_was_cut_out() -> None:
    image = bars(60, 20, 10)
    view = line_view(View(rectangle(80, 100), image))
    start, end = line_rows(image)
    assert view.quad.tolist() == [[0, start], [80, start], [80, end], [0, end]]
    assert np.array_equal(view.crop, image[start:end])


@pytest.mark.parametrize("noise", [0, 12])
def test_wide_blanks_beside_a_line_go_and_its_faint_ends_stay(noise: int) -> None:
    image = bars(10, 10, 120)
    image[18:21, 100:108] = 40  # a dash before it
    grain = np.random.default_rng(1).normal(0, noise, image.shape)
    image = (image + grain).clip(0, 255).astype(np.uint8)
    view = line_view(View(rectangle(300, 40), image))
    left, right = view.quad[0, 0], view.quad[1, 0]
    assert 100 - 1.5 * 24 < left < 100 - 0.5 * 20
    assert 180 + 0.5 * 20 < right < 180 + 1.5 * 24
    assert np.array_equal(
        view.crop, image[int(view.quad[0, 1]) :, int(left) : int(right)][: len(view.crop)]
    )


def test_a_turned_view_turns_its_quad() -> None:
    view = turned_view(View(rectangle(80, 100), bars(60, 20, 10)), 1)
    assert view.quad.tolist() == [[80, 0], [80, 100], [0, 100], [0, 0]]
    assert view.crop.shape == (80, 100, 3)


def test_a_band_of_a_slanted_quad_keeps_its_slant() -> None:
    quad = np.array([[0, 10], [100, 0], [104, 40], [4, 50]], dtype=np.float32)
    assert band_quad(quad, (0.25, 0.5)).tolist() == [[1, 20], [101, 10], [102, 20], [2, 30]]


def test_blanks_say_nothing_of_how_sure_a_reading_is() -> None:
    text = Text(("a", " ", "b"), (1.0, 0.1, 0.92), ((0, 0.3), (0.3, 0.6), (0.6, 1)))
    assert certainty(text) == pytest.approx(0.96)
    assert not is_doubtful(text)
    assert is_doubtful(Text(("a", "b"), (1.0, 0.6), ((0, 0.5), (0.5, 1))))
    assert is_doubtful(Text())
    assert certainty(Text((" ",), (1.0,), ((0, 1),))) == 0
