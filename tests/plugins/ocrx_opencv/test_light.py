"""Preprocessors that change shades: that they do what they say, and move nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx.interfaces.components import Preprocessor
from ocrx.testing import pictures as drawn
from ocrx.types import Image
from ocrx_opencv.light import Contrast, Denoise, Invert, Sharpen, is_dark
from ocrx_opencv.settings import ContrastOptions, DenoiseOptions, InvertOptions, SharpenOptions

PAGE = drawn.page(("Invoice 2041", "Total 17.50", "Thank you"))
ALL: list[Preprocessor] = [
    Contrast(ContrastOptions()),
    Denoise(DenoiseOptions()),
    Sharpen(SharpenOptions()),
    Invert(InvertOptions(when="always")),
]


def only(preprocessor: Preprocessor, image: Image) -> Image:
    [(picture, back)] = preprocessor.apply([image])
    assert np.array_equal(back, np.eye(3))
    return picture


def difference(one: Image, other: Image) -> float:
    return float(np.abs(one.astype(int) - other).mean())


def faint(image: Image) -> Image:
    """The picture with a tenth of its contrast, on paper that is darker to the left."""
    shade = np.linspace(90, 200, image.shape[1])[None, :, None]
    return np.rint(shade + (image - 255.0) * 0.1).astype(np.uint8)


def spread(image: Image) -> float:
    """Contrast in places the size of a letter, grey levels."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float(
        np.sqrt(np.maximum(0, cv2.blur(grey**2, (15, 15)) - cv2.blur(grey, (15, 15)) ** 2)).max()
    )


@pytest.mark.parametrize("preprocessor", ALL, ids=lambda p: type(p).__name__)
def test_colours_stay_in_their_channels(preprocessor: Preprocessor) -> None:
    image = drawn.blank(64, 48)
    image[16:32, 20:44] = (200, 40, 90)
    swapped = only(preprocessor, np.ascontiguousarray(image[..., ::-1]))[..., ::-1]
    red, green, blue = only(preprocessor, image)[24, 32].tolist()
    assert (red > blue > green) is (not isinstance(preprocessor, Invert))
    if not isinstance(preprocessor, Contrast):  # lightness weighs the channels differently
        assert np.array_equal(swapped, only(preprocessor, image))


@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 255))
def test_any_size_comes_back_as_it_went_in(width: int, height: int, shade: int) -> None:
    for preprocessor in ALL:
        assert only(preprocessor, drawn.blank(width, height, shade)).shape == (height, width, 3)


def test_contrast_brings_out_faint_print() -> None:
    image = faint(PAGE)
    assert spread(only(Contrast(ContrastOptions()), image)) > 1.8 * spread(image)


def test_contrast_grows_with_the_clip() -> None:
    little, much = (spread(only(Contrast(ContrastOptions(clip=c)), faint(PAGE))) for c in (1, 4))
    assert much > 1.3 * little


def test_contrast_looks_at_no_place_smaller_than_a_letter() -> None:
    """A line cut out has one row of places, however many were asked for."""
    line = faint(drawn.line("PN-4471/B"))
    few, many = (only(Contrast(ContrastOptions(tiles=n)), line) for n in (8, 64))
    assert np.array_equal(few, many)


def test_contrast_leaves_colours_alone() -> None:
    image = drawn.blank(96, 96)
    image[:] = np.linspace(100, 140, 96)[:, None, None]
    image[..., 0] += 40
    hue = cv2.cvtColor(only(Contrast(ContrastOptions()), image), cv2.COLOR_RGB2LAB)[..., 1:]
    assert np.abs(hue.astype(int) - cv2.cvtColor(image, cv2.COLOR_RGB2LAB)[..., 1:]).max() <= 6


def test_denoise_takes_specks_and_keeps_text() -> None:
    random = np.random.default_rng(0)
    where = random.random(PAGE.shape[:2]) < 0.05
    specked = np.where(where[..., None], random.integers(0, 2, (*where.shape, 1)) * 255, PAGE)
    specked = specked.astype(np.uint8)
    clean = only(Denoise(DenoiseOptions()), specked)
    assert difference(clean, PAGE) < 0.3 * difference(specked, PAGE)


def test_denoise_of_a_larger_square_takes_larger_specks() -> None:
    image = drawn.blank(60, 60)
    image[20:23, 20:23] = 0
    image[40:41, 40:42] = 0
    small, large = (only(Denoise(DenoiseOptions(size=s)), image) for s in (3, 5))
    assert (small[21, 21, 0], small[40, 40, 0]) == (0, 255)
    assert large.min() == 255


def test_sharpen_undoes_some_of_a_blur() -> None:
    blurred = np.asarray(cv2.GaussianBlur(PAGE, (0, 0), 1.5), np.uint8)
    assert difference(only(Sharpen(SharpenOptions()), blurred), PAGE) < difference(blurred, PAGE)


@pytest.mark.parametrize("image", [*drawn.pages(), *drawn.lines(), faint(PAGE)])
def test_invert_leaves_dark_text_on_light_as_it_is_and_turns_the_rest(image: Image) -> None:
    invert = Invert(InvertOptions())
    assert only(invert, image) is image
    if image.min() < image.max():
        assert np.array_equal(only(invert, 255 - image), image)
    assert np.array_equal(only(Invert(InvertOptions(when="always")), image), 255 - image)


def test_one_shade_is_neither_light_nor_dark_text() -> None:
    for shade in (0, 127, 255):
        assert not is_dark(drawn.blank(50, 40, shade))


def test_engraved_text_lighter_than_its_metal_is_light_on_dark() -> None:
    metal = np.clip(np.random.default_rng(0).normal(150, 6, (80, 320, 3)), 0, 255).astype(np.uint8)
    text = drawn.page(("SN 88-1204",))[:80, :320]
    engraved = np.where(text[:80] < 128, 205, metal[: text.shape[0]]).astype(np.uint8)
    assert is_dark(engraved)
    assert not is_dark(255 - engraved)


@pytest.mark.parametrize(
    ("options", "values"),
    [
        (ContrastOptions, {"clip": 0}),
        (ContrastOptions, {"tiles": 0}),
        (ContrastOptions, {"tiles": 65}),
        (SharpenOptions, {"amount": 0}),
        (SharpenOptions, {"radius": 51}),
        (ContrastOptions, {"clip": float("nan")}),
        (SharpenOptions, {"amount": float("nan")}),
        (SharpenOptions, {"radius": float("nan")}),
    ],
)
def test_values_that_make_no_sense_are_refused(
    options: Callable[..., Any], values: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=f"^{next(iter(values))} must be"):
        options(**values)
