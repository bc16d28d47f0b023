"""Levelling: the angle that is found, the way back, and what is left alone."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ocrx
from ocrx.page.geometry import transform
from ocrx.testing import pictures as drawn
from ocrx.types import Image, frozen_quad
from ocrx_opencv.angle import text_angle
from ocrx_opencv.deskew import Deskew, size_around, size_inside, turn_about_middle
from ocrx_opencv.settings import DeskewOptions
from support.tilting import tilted

TEXT = (
    "Invoice 2041 of the third of May",
    "for twelve bearings of brass",
    "and their delivery to the yard",
    "Total 1750.00 payable in thirty",
    "days without deduction",
    "Thank you for your order",
)


def page(lines: int = 6, *, dark: bool = False) -> Image:
    """A page of text with a margin, 620 pixels wide."""
    inside = drawn.page(TEXT[:lines], 560)
    framed = cv2.copyMakeBorder(inside, 30, 30, 30, 30, cv2.BORDER_REPLICATE)
    return np.asarray(255 - framed if dark else framed, np.uint8)


def scattered(seed: int) -> Image:
    """Boxes turned in all directions, as in a picture of things."""
    random = np.random.default_rng(seed)
    image = drawn.blank(400, 300)
    for _ in range(25):
        middle = (float(random.uniform(0, 400)), float(random.uniform(0, 300)))
        corners = cv2.boxPoints((middle, (60.0, 8.0), float(random.uniform(0, 180))))
        cv2.fillConvexPoly(image, corners.astype(np.int32), (20, 20, 20), cv2.LINE_AA)
    return image


def grain(angle: float) -> Image:
    """Paper with faint furrows."""
    y, x = np.indices((300, 400))
    furrows = np.sin((y - x * math.tan(math.radians(angle))) / 2) * 5 + 240
    return np.asarray(np.rint(furrows)[..., None].repeat(3, axis=2), np.uint8)


def angle_of(homography: np.ndarray) -> float:
    return math.degrees(math.atan2(homography[1, 0], homography[0, 0]))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("angle", [-14.6, -9, -3.3, -1, 0.7, 2, 6.5, 11, 14.6])
def test_the_angle_of_a_page_is_found_within_half_a_degree(angle: float, dark: bool) -> None:
    assert text_angle(tilted(page(dark=dark), angle), 15) == pytest.approx(angle, abs=0.5)


@settings(max_examples=40)
@given(st.floats(-14, 14), st.integers(2, 6), st.floats(0.8, 4))
def test_the_angle_hangs_on_neither_length_nor_resolution(
    angle: float, lines: int, scale: float
) -> None:
    picture = cv2.resize(page(lines), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = text_angle(tilted(np.asarray(picture, np.uint8), angle), 15)
    assert found == pytest.approx(angle, abs=0.5)


def test_the_angle_is_found_behind_noise_and_a_photographs_shade() -> None:
    shade = np.linspace(0.35, 1, 620)[None, :, None]
    noise = np.random.default_rng(0).normal(0, 8, page().shape)
    picture = np.clip(page() * shade + noise, 0, 255).astype(np.uint8)
    assert text_angle(tilted(picture, 7), 15) == pytest.approx(7, abs=0.5)


def test_a_page_levelled_is_level() -> None:
    [(level, back)] = Deskew(DeskewOptions()).apply([tilted(page(), 9)])
    assert angle_of(back) == pytest.approx(9, abs=0.5)
    assert abs(text_angle(level, 15)) <= 0.5


@pytest.mark.parametrize(
    "image",
    [
        page(),
        tilted(page(), 0.2),
        drawn.blank(300, 200),
        drawn.blank(300, 200, 0),
        drawn.blank(1, 1),
        np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8),
        grain(6),
        scattered(0),
        scattered(1),
        scattered(2),
        tilted(page(), 20),
    ],
    ids=[
        *("level", "all but level", "blank", "black", "pixel", "noise", "grain"),
        *("scattered", "scattered too", "scattered again", "turned too far"),
    ],
)
@pytest.mark.parametrize("lines", [False, True])
def test_what_needs_no_turning_or_shows_no_angle_is_returned_as_it_is(
    image: Image, lines: bool
) -> None:
    [(same, back)] = Deskew(DeskewOptions(), lines=lines).apply([image])
    assert same is image
    assert np.array_equal(back, np.eye(3))


def test_the_limits_are_options() -> None:
    twenty, one = tilted(page(), 20), tilted(page(), 1)
    [(_, back)] = Deskew(DeskewOptions(max_angle=25)).apply([twenty])
    assert angle_of(back) == pytest.approx(20, abs=0.5)
    [(same, _)] = Deskew(DeskewOptions(min_angle=2)).apply([one])
    assert same is one


@pytest.mark.parametrize(
    "values", [{"max_angle": 45}, {"min_angle": -1}, {"min_angle": 5, "max_angle": 4}]
)
def test_limits_that_make_no_sense_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="max_angle <= 44"):
        DeskewOptions(**values)


@given(
    width=st.integers(40, 300),
    height=st.integers(40, 300),
    angle=st.floats(-44, 44),
    across=st.floats(0.1, 0.9),
    down=st.floats(0.1, 0.9),
)
def test_a_dot_in_the_picture_is_found_where_the_homography_says(
    width: int, height: int, angle: float, across: float, down: float
) -> None:
    x, y = int(across * width), int(down * height)
    image = drawn.blank(width, height)
    image[y - 2 : y + 2, x - 2 : x + 2] = 0  # its centre is the corner (x, y) of a pixel
    size = size_around(width, height, angle)
    back = turn_about_middle((width, height), angle, size)
    level, _ = Deskew(DeskewOptions())._warped(image, back, size)
    ink = 255.0 - level[..., 0]
    ys, xs = np.indices(ink.shape)
    centre = [np.average(grid + 0.5, weights=ink) for grid in (xs, ys)]
    found = back @ [*centre, 1]
    assert found[2] == 1
    assert found[:2] == pytest.approx((x, y), abs=0.25)


@given(st.integers(1, 400), st.integers(1, 400), st.floats(-44, 44))
def test_turning_back_loses_nothing(width: int, height: int, angle: float) -> None:
    size = size_around(width, height, angle)
    back = turn_about_middle((width, height), angle, size)
    corners = np.array([(0, 0, 1), (width, 0, 1), (width, height, 1), (0, height, 1)])
    x, y, _ = np.linalg.inv(back) @ corners.T
    assert min(x.min(), y.min()) >= -1e-6
    assert x.max() <= size[0] + 1e-6
    assert y.max() <= size[1] + 1e-6


@given(st.integers(50, 800), st.integers(20, 80), st.floats(-30, 30))
def test_what_lies_inside_a_picture_is_what_the_picture_lies_around(
    width: int, height: int, angle: float
) -> None:
    around = size_around(width, height, angle)
    assert size_inside(*around, angle) == pytest.approx((width, height), abs=6)


@pytest.mark.parametrize("angle", [-8, 4, 8])
def test_a_line_comes_back_as_close_around_its_text_as_it_was(angle: float) -> None:
    line = drawn.line("a line of text that is long enough")
    [(level, back)] = Deskew(DeskewOptions(), lines=True).apply([tilted(line, angle)])
    assert angle_of(back) == pytest.approx(angle, abs=1)
    assert level.shape[0] == pytest.approx(line.shape[0], abs=14)
    assert level.shape[1] == pytest.approx(line.shape[1], abs=14)


def test_what_can_hold_no_tilted_line_is_no_line() -> None:
    narrow = tilted(page(), 30)[:, 200:450]
    assert text_angle(narrow, 40) == pytest.approx(30, abs=0.5)
    [(same, _)] = Deskew(DeskewOptions(max_angle=40), lines=True).apply([narrow])
    assert same is narrow


def test_a_reader_gives_places_in_the_picture_it_was_given() -> None:
    image = tilted(page(), 10)
    with ocrx.Reader(preprocessors=["deskew"], detector="paddle", layout="page") as reader:
        found = reader.read(image)
    assert (found.width, found.height) == (image.shape[1], image.shape[0])
    assert found.timing.preprocess > 0
    [line] = [line for line in found.lines if "Invoice" in line.text]
    along = line.quad[1] - line.quad[0]
    assert math.degrees(math.atan2(along[1], along[0])) == pytest.approx(10, abs=1)
    # The line, level, begins 42 pixels from the left and has its baseline 68 from the top.
    level = frozen_quad([(42, 44), (500, 44), (500, 72), (42, 72)])
    move = np.array([[1, 0, -310], [0, 1, -page().shape[0] / 2], [0, 0, 1.0]])
    cos, sin = math.cos(math.radians(10)), math.sin(math.radians(10))
    turn = np.array([[cos, -sin, image.shape[1] / 2], [sin, cos, image.shape[0] / 2], [0, 0, 1]])
    expected = transform(level, turn @ move)
    assert np.abs(line.quad[[0, 3]] - expected[[0, 3]]).max() < 12
