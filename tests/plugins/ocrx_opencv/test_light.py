"""Preprocessors that change shades: that they do what they say, and move nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrx.interfaces.components import Preprocessor
from ocrx.testing import pictures as drawn
from ocrx.types import Image
from ocrx_opencv.binary import Adaptive, Otsu
from ocrx_opencv.light import Clahe, Equalize, Grayscale, Invert, is_dark
from ocrx_opencv.settings import (
    AdaptiveOptions,
    ClaheOptions,
    DenoiseOptions,
    DeskewOptions,
    GaussianOptions,
    InvertOptions,
    MedianOptions,
    Options,
    PerspectiveOptions,
    SharpenOptions,
    UpscaleOptions,
)
from ocrx_opencv.smooth import Denoise, Gaussian, Median, Sharpen

PAGE = drawn.page(("Invoice 2041", "Total 17.50", "Thank you"))
COLOUR: list[Preprocessor] = [
    Clahe(ClaheOptions()),
    Denoise(DenoiseOptions(search=7)),
    Equalize(Options()),
    Gaussian(GaussianOptions()),
    Median(MedianOptions()),
    Sharpen(SharpenOptions()),
    Invert(InvertOptions(when="always")),
]
ALL: list[Preprocessor] = [
    *COLOUR,
    Adaptive(AdaptiveOptions()),
    Adaptive(AdaptiveOptions(method="mean")),
    Grayscale(Options()),
    Otsu(Options()),
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


@pytest.mark.parametrize("preprocessor", COLOUR, ids=lambda p: type(p).__name__)
def test_colours_stay_in_their_channels(preprocessor: Preprocessor) -> None:
    image = drawn.blank(64, 48)
    image[16:32, 20:44] = (200, 40, 90)
    swapped = only(preprocessor, np.ascontiguousarray(image[..., ::-1]))[..., ::-1]
    red, green, blue = only(preprocessor, image)[24, 32].tolist()
    assert (red > blue >= green) is (not isinstance(preprocessor, Invert))
    if not isinstance(preprocessor, Clahe | Equalize | Denoise):  # these weigh the channels
        assert np.array_equal(swapped, only(preprocessor, image))


@settings(max_examples=40)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 255))
def test_any_size_comes_back_as_it_went_in(width: int, height: int, shade: int) -> None:
    for preprocessor in ALL:
        assert only(preprocessor, drawn.blank(width, height, shade)).shape == (height, width, 3)


def test_clahe_brings_out_faint_print() -> None:
    image = faint(PAGE)
    assert spread(only(Clahe(ClaheOptions()), image)) > 1.8 * spread(image)


def test_clahe_grows_with_the_clip() -> None:
    little, much = (spread(only(Clahe(ClaheOptions(clip=c)), faint(PAGE))) for c in (1, 4))
    assert much > 1.3 * little


def test_clahe_looks_at_no_place_smaller_than_a_letter() -> None:
    """A line cut out has one row of places, however many were asked for."""
    line = faint(drawn.line("PN-4471/B"))
    few, many = (only(Clahe(ClaheOptions(tiles=n)), line) for n in (8, 64))
    assert np.array_equal(few, many)


def test_clahe_leaves_colours_alone() -> None:
    image = drawn.blank(96, 96)
    image[:] = np.linspace(100, 140, 96)[:, None, None]
    image[..., 0] += 40
    colours = cv2.cvtColor(only(Clahe(ClaheOptions()), image), cv2.COLOR_RGB2YCrCb)[..., 1:]
    assert (
        np.abs(colours.astype(int) - cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)[..., 1:]).max() <= 2
    )


def specked(share: float = 0.05) -> Image:
    random = np.random.default_rng(0)
    where = random.random(PAGE.shape[:2]) < share
    return np.where(where[..., None], random.integers(0, 2, (*where.shape, 1)) * 255, PAGE).astype(
        np.uint8
    )


def test_median_takes_specks_and_keeps_text() -> None:
    clean = only(Median(MedianOptions()), specked())
    assert difference(clean, PAGE) < 0.3 * difference(specked(), PAGE)


def test_median_of_a_larger_square_takes_larger_specks() -> None:
    image = drawn.blank(60, 60)
    image[20:23, 20:23] = 0
    image[40:41, 40:42] = 0
    small, large = (only(Median(MedianOptions(size=s)), image) for s in (3, 5))
    assert (small[21, 21, 0], small[40, 40, 0]) == (0, 255)
    assert large.min() == 255


def test_denoise_takes_grain_and_keeps_strokes_better_than_a_blur_does() -> None:
    grain = np.random.default_rng(0).normal(0, 8, PAGE.shape)
    page = np.rint(40 + PAGE * 0.6).astype(np.uint8)
    noisy = np.clip(page + grain, 0, 255).astype(np.uint8)
    clean = only(Denoise(DenoiseOptions(strength=10)), noisy)
    assert difference(clean, page) < 0.5 * difference(noisy, page)
    assert difference(clean, page) < difference(only(Gaussian(GaussianOptions()), noisy), page)


def test_gaussian_spreads_a_dot_evenly_and_farther_with_the_radius() -> None:
    image = np.zeros((61, 61, 3), np.uint8)
    image[30, 30] = 255
    for radius in (1.0, 3.0):
        spot = only(Gaussian(GaussianOptions(radius=radius)), image)[..., 0].astype(float)
        ys, xs = np.indices(spot.shape) - 30
        deviation = np.sqrt(np.average(xs**2, weights=spot))
        assert np.average(ys, weights=spot) == pytest.approx(0, abs=0.01)
        assert deviation == pytest.approx(radius, rel=0.15)


def test_equalize_uses_all_shades() -> None:
    dim = np.rint(100 + PAGE * 0.1).astype(np.uint8)
    even = only(Equalize(Options()), dim)
    assert dim.max() - dim.min() < 30
    assert (even.min(), even.max()) == (0, 255)


def test_grayscale_keeps_lightness_and_no_colour() -> None:
    image = drawn.blank(8, 8)
    image[:] = (200, 40, 90)
    grey = only(Grayscale(Options()), image)
    assert (grey == round(0.299 * 200 + 0.587 * 40 + 0.114 * 90)).all()


def is_two_toned(image: Image) -> bool:
    return bool(np.isin(image, (0, 255)).all())


def test_otsu_finds_the_print_whatever_its_shades() -> None:
    dim = np.rint(90 + PAGE * 0.2).astype(np.uint8)
    found = only(Otsu(Options()), dim)
    assert is_two_toned(found)
    assert difference(found, np.where(PAGE < 128, 0, 255).astype(np.uint8)) < 3


@pytest.mark.parametrize("method", ["gaussian", "mean"])
def test_adaptive_follows_a_shadow_in_which_otsu_loses_the_print(method: Any) -> None:
    shade = np.linspace(0.2, 1, PAGE.shape[1])[None, :, None]
    shadowed = np.rint(PAGE * shade).astype(np.uint8)
    truth = np.where(PAGE < 128, 0, 255).astype(np.uint8)
    adapted = only(Adaptive(AdaptiveOptions(method=method)), shadowed)
    assert is_two_toned(adapted)
    assert difference(adapted, truth) < 0.2 * difference(only(Otsu(Options()), shadowed), truth)


def test_what_ran_is_told() -> None:
    for preprocessor in ALL:
        [used] = preprocessor.used
        assert (used.task, used.backend, used.device) == ("preprocessing", "opencv", "cpu")
        assert used.model == type(preprocessor).__name__.lower()


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
        (ClaheOptions, {"clip": 0}),
        (ClaheOptions, {"tiles": 0}),
        (ClaheOptions, {"tiles": 65}),
        (SharpenOptions, {"amount": 0}),
        (SharpenOptions, {"radius": 51}),
        (ClaheOptions, {"clip": float("nan")}),
        (SharpenOptions, {"amount": float("nan")}),
        (SharpenOptions, {"radius": float("nan")}),
        (GaussianOptions, {"radius": 0}),
        (MedianOptions, {"size": 4}),
        (MedianOptions, {"size": 257}),
        (AdaptiveOptions, {"size": 1}),
        (AdaptiveOptions, {"offset": 256}),
        (DenoiseOptions, {"strength": 0}),
        (DenoiseOptions, {"search": 8}),
        (DenoiseOptions, {"search": 5}),
        (UpscaleOptions, {"factor": 0.5}),
        (UpscaleOptions, {"below": -1}),
        (PerspectiveOptions, {"least": 0}),
        (DeskewOptions, {"device": "gpu"}),
        (Options, {"device": "cuda:x"}),
    ],
)
def test_values_that_make_no_sense_are_refused(
    options: Callable[..., Any], values: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=f"^{next(iter(values))} must be"):
        options(**values)
