"""Discs and pills with counts in them, drawn with Pillow's own font."""

from __future__ import annotations

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import pytest

from ocrx.page.badges import find_badges
from ocrx.types import Image, Quad, frozen_quad

RED, GREEN = (229, 57, 53), (76, 175, 80)
HEIGHT = 24  # of a line
LINES: tuple[Quad, ...] = ()


def badge(
    text: str, width: int = 32, colour: tuple[int, int, int] = RED, ground: str = "white"
) -> Image:
    picture = PIL.Image.new("RGB", (160, 80), ground)
    draw = PIL.ImageDraw.Draw(picture)
    draw.rounded_rectangle((40, 20, 40 + width, 52), 16, colour)
    font = PIL.ImageFont.load_default(20)
    draw.text((40 + width / 2, 36), text, "white", font, "mm")
    return np.asarray(picture)


@pytest.mark.parametrize(("text", "width"), [("1", 32), ("7", 32), ("12", 40), ("99+", 60)])
@pytest.mark.parametrize("ground", ["white", "#15191f"])
def test_a_count_is_found_and_shown_alone(text: str, width: int, ground: str) -> None:
    [found] = find_badges(badge(text, width, ground=ground), LINES, HEIGHT)
    assert found.shape.tolist()[::2] == [[40, 20], [41 + width, 53]]
    assert found.quad[0, 1] > 20
    assert found.quad[2, 1] < 53
    assert found.quad[:, 0].mean() == pytest.approx(40 + width / 2, abs=4)
    rim = np.concatenate([found.crop[0], found.crop[-1], found.crop[:, 0], found.crop[:, -1]])
    assert (rim == RED).all()


@pytest.mark.parametrize(
    ("colour", "ground"),
    [((90, 90, 90), "white"), ((0, 0, 0), "#e0e0e0"), ((95, 99, 104), "#15191f")],
)
def test_a_badge_without_colour_is_found(colour: tuple[int, int, int], ground: str) -> None:
    [found] = find_badges(badge("3", colour=colour, ground=ground), LINES, HEIGHT)
    assert found.shape.tolist()[::2] == [[40, 20], [73, 53]]


def test_shapes_without_ink_those_on_no_plain_ground_and_those_in_lines_are_none() -> None:
    assert find_badges(badge(""), LINES, HEIGHT) == []
    grey = badge("3", colour=(190, 190, 190))
    ramp = np.arange(grey.shape[1], dtype=np.uint8)[:, None]
    assert find_badges(np.where(grey == 255, ramp, grey), LINES, HEIGHT) == []
    line = frozen_quad([[30, 20], [150, 20], [150, 52], [30, 52]])
    assert find_badges(badge("3"), [line], HEIGHT) == []


def test_switches_rings_and_photographs_are_none() -> None:
    picture = PIL.Image.new("RGB", (400, 400), "white")
    draw = PIL.ImageDraw.Draw(picture)
    draw.rounded_rectangle((20, 20, 74, 50), 15, GREEN)
    draw.ellipse((47, 23, 71, 47), "white")
    draw.ellipse((120, 20, 150, 50), outline=RED, width=4)
    noise = np.random.default_rng(1).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    picture.paste(PIL.Image.fromarray(noise).resize((320, 240)), (20, 100))
    assert find_badges(np.asarray(picture), LINES, HEIGHT) == []


@pytest.mark.parametrize("times", [2, 3, 5])
def test_a_badge_of_a_large_picture_is_found_in_a_reduced_one(times: int) -> None:
    large = np.kron(badge("12", 40), np.ones((times, times, 1), np.uint8))
    [found] = find_badges(large, LINES, times * HEIGHT)
    [small] = find_badges(badge("12", 40), LINES, HEIGHT)
    assert found.shape == pytest.approx(times * small.shape, abs=2)
    assert find_badges(large, LINES, times * 9) == find_badges(large, LINES, times * 60) == []


def test_a_badge_is_about_as_high_as_a_line_and_not_at_the_edge() -> None:
    image = badge("4")
    assert find_badges(image, LINES, 9) == find_badges(image, LINES, 60) == []
    assert find_badges(np.ascontiguousarray(image[:, 41:]), LINES, HEIGHT) == []
