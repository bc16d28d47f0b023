"""Coordinates: what any chain of preprocessors shows is found where it was."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ocrx
from ocrx.interfaces.components import Preprocessor
from ocrx.page.geometry import rectangle, transform
from ocrx.testing import pictures as drawn
from ocrx.types import Image, Quad, frozen_quad
from ocrx_opencv.deskew import Deskew
from ocrx_opencv.library import Matrix
from ocrx_opencv.light import Grayscale
from ocrx_opencv.perspective import Perspective
from ocrx_opencv.settings import DeskewOptions, Options, PerspectiveOptions, UpscaleOptions
from ocrx_opencv.sheet import find_sheet
from ocrx_opencv.upscale import Upscale
from support.tilting import tilted

FACTORS = st.floats(1, 4)
CORNERS = st.lists(st.tuples(st.floats(0.05, 0.25), st.floats(0.05, 0.25)), min_size=4, max_size=4)


def chained(chain: list[Preprocessor], image: Image) -> tuple[Image, Matrix]:
    """The picture after the chain, and the way back."""
    back = np.eye(3)
    for one in chain:
        [(image, step)] = one.apply([image])
        back = back @ step
    return image, back


def dotted(width: int, height: int, x: int, y: int) -> Image:
    """White, with a dark square around the corner (x, y) of a pixel."""
    image = drawn.blank(width, height)
    image[y - 3 : y + 3, x - 3 : x + 3] = 0
    return image


def dot(image: Image) -> np.ndarray:
    """The centre of what is dark, in pixels."""
    ink = 255.0 - image[..., 0]
    ys, xs = np.indices(ink.shape)
    return np.array([np.average(grid + 0.5, weights=ink) for grid in (xs, ys)])


def mapped(back: Any, point: np.ndarray) -> np.ndarray:
    x, y, w = back @ [*point, 1]
    return np.array([x / w, y / w])


@given(
    st.integers(20, 120),
    st.integers(20, 120),
    st.lists(FACTORS, min_size=1, max_size=2),
    st.floats(0.2, 0.8),
    st.floats(0.2, 0.8),
)
def test_a_dot_is_found_where_it_was_however_often_it_is_enlarged(
    width: int, height: int, factors: list[float], across: float, down: float
) -> None:
    x, y = int(across * width), int(down * height)
    chain: list[Preprocessor] = [Upscale(UpscaleOptions(factor=f)) for f in factors]
    large, back = chained([*chain, Grayscale(Options())], dotted(width, height, x, y))
    assert mapped(back, dot(large)) == pytest.approx((x, y), abs=0.05)
    corners = transform(rectangle(large.shape[1], large.shape[0]), back)
    assert corners == pytest.approx(rectangle(width, height), abs=1e-3)


def photographed(inside: Image, corners: Quad, size: tuple[int, int]) -> Image:
    """The sheet `inside`, lying with its corners there, on something dark."""
    there = corners - np.float32(0.5)
    here = rectangle(inside.shape[1], inside.shape[0]) - np.float32(0.5)
    matrix = cv2.getPerspectiveTransform(here, there)
    ground = np.full((size[1], size[0], 3), 60, np.uint8)
    return np.asarray(
        cv2.warpPerspective(inside, matrix, size, ground, borderMode=cv2.BORDER_TRANSPARENT),
        np.uint8,
    )


def placed(insets: list[tuple[float, float]], width: int, height: int) -> Quad:
    """Corners that lie so far within a picture of that size, as fractions of it."""
    inward = [(1, 1), (-1, 1), (-1, -1), (1, -1)]
    corners = rectangle(width, height) + [
        (dx * sx * width, dy * sy * height)
        for (dx, dy), (sx, sy) in zip(insets, inward, strict=True)
    ]
    return frozen_quad(corners)


@settings(max_examples=15)
@given(CORNERS, st.floats(0.25, 0.75), st.floats(0.25, 0.75), st.sampled_from([1, 2]))
def test_a_sheet_is_found_and_what_is_on_it_leads_back_to_the_photograph(
    insets: list[tuple[float, float]], across: float, down: float, scale: int
) -> None:
    width, height = 480 * scale, 360 * scale
    corners = placed(insets, width, height)
    sheet = dotted(400, 300, int(across * 400), int(down * 300))
    photograph = photographed(sheet, corners, (width, height))
    flat, back = chained([Perspective(PerspectiveOptions())], photograph)
    assert transform(rectangle(flat.shape[1], flat.shape[0]), back) == pytest.approx(
        corners, abs=3 * scale
    )
    # The dot is where the photograph has it: at the middle of the dark pixels on the sheet.
    rows, columns = np.nonzero(flat[8:-8, 8:-8, 0] < 128)
    seen = mapped(back, np.array([columns.mean() + 8.5, rows.mean() + 8.5]))
    there = cv2.getPerspectiveTransform(rectangle(400, 300), corners)
    expected = mapped(there, np.array([int(across * 400), int(down * 300)]))
    assert seen == pytest.approx(expected, abs=3 * scale)


@pytest.mark.parametrize(
    "image",
    [
        drawn.page(("Invoice 2041", "Total 17.50")),
        drawn.blank(300, 200),
        drawn.blank(1, 1),
        np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8),
    ],
    ids=["page", "blank", "pixel", "noise"],
)
def test_where_there_is_no_sheet_nothing_is_cut_off(image: Image) -> None:
    [(same, back)] = Perspective(PerspectiveOptions()).apply([image])
    assert same is image
    assert np.array_equal(back, np.eye(3))


def test_a_sheet_that_is_too_small_is_left_alone() -> None:
    insets = [(0.35, 0.35)] * 4
    photograph = photographed(drawn.blank(90, 60), placed(insets, 480, 360), (480, 360))
    assert find_sheet(photograph, 0.2) is None
    assert find_sheet(photograph, 0.05) is not None


def test_only_small_pictures_are_enlarged_where_that_is_asked() -> None:
    small, large = drawn.blank(60, 30), drawn.blank(60, 40)
    found = Upscale(UpscaleOptions(factor=2, below=40)).apply([small, large])
    assert [image.shape[:2] for image, _ in found] == [(60, 120), (40, 60)]


def test_a_picture_that_would_be_too_large_is_refused() -> None:
    with pytest.raises(ocrx.errors.InputError, match="too large to upscale 16 times"):
        Upscale(UpscaleOptions(factor=16)).apply([drawn.blank(2001, 1)])


@pytest.mark.slow
def test_a_reader_gives_the_places_of_lines_through_a_whole_chain() -> None:
    page = drawn.page(("Invoice 2041", "for twelve bearings", "Total 1750.00"), 420)
    framed = np.asarray(cv2.copyMakeBorder(page, 40, 40, 40, 40, cv2.BORDER_REPLICATE), np.uint8)
    image = tilted(framed, 6)
    objects: list[Preprocessor] = [Deskew(DeskewOptions()), Upscale(UpscaleOptions(factor=1.5))]
    with (
        ocrx.Reader(layout="page") as plain,
        ocrx.Reader(
            layout="page",
            preprocessors=[objects[0], "upscale(factor=1.5)+clahe(clip=1.5)", "sharpen"],
        ) as prepared,
    ):
        expected, found = plain.read(image), prepared.read(image)
    assert [line.text for line in found.lines] == [line.text for line in expected.lines]
    for mine, other in zip(found.lines, expected.lines, strict=True):
        assert np.abs(mine.quad.mean(axis=0) - other.quad.mean(axis=0)).max() < 4
    used = [one.model for one in found.used if one.task == "preprocessing"]
    assert used == ["deskew", "upscale", "clahe", "sharpen"]
