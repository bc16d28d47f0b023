"""Transparent pictures with text in several colours, light, or half transparent."""

from __future__ import annotations

from itertools import product

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ocrx.images.bands
from ocrx.images.opening import open_document
from ocrx.types import Image
from support.samples import encode

BLUE, RED, YELLOW = (20, 40, 200), (200, 30, 30), (250, 220, 40)
WHITE, BLACK, GREY = (255, 255, 255), (0, 0, 0), (128, 128, 128)
STROKE = 5


def strokes(*inks: tuple[int, ...]) -> PIL.Image.Image:
    """For each ink, of RGB or RGBA, a row of strokes on a transparent picture."""
    picture = PIL.Image.new("RGBA", (80, 30 * len(inks)), (0, 0, 0, 0))
    for row, ink in enumerate(inks):
        for x in range(10, 70, 15):
            picture.paste((*ink, 255)[:4], (x, 30 * row + 8, x + STROKE, 30 * row + 22))
    return picture


def read(picture: PIL.Image.Image) -> tuple[Image, tuple[str, ...]]:
    with open_document(encode(picture)) as document:
        raster = document.page(0)
    return raster.image, raster.notes


def page(picture: PIL.Image.Image) -> Image:
    with open_document(picture) as document:
        return document.image(0)


def contrasts(image: Image, rows: int) -> list[int]:
    """How far the strokes of each row are from what they lie on, in their most different colour."""
    background = image[0, 0].astype(int)
    return [
        int(np.abs(image[30 * row + 15, 12].astype(int) - background).max()) for row in range(rows)
    ]


@pytest.mark.parametrize(
    ("inks", "background"),
    [
        ([BLACK], WHITE),
        ([BLACK, RED, BLUE, GREY], WHITE),
        ([WHITE], BLACK),
        ([WHITE, YELLOW, GREY], BLACK),
        ([YELLOW, (255, 200, 200)], BLACK),
    ],
)
def test_white_or_black_is_taken_where_all_stands_out_from_it(
    inks: list[tuple[int, ...]], background: tuple[int, int, int]
) -> None:
    image, notes = read(strokes(*inks))
    assert tuple(image[0, 0]) == background
    assert notes == (() if background == WHITE else ("it is transparent and was laid on black",))


@pytest.mark.parametrize(
    "inks",
    [
        [WHITE, BLACK],
        [WHITE, BLUE],
        [WHITE, RED],
        [WHITE, BLACK, GREY],
        [WHITE, BLACK, BLUE, RED],
        [WHITE, (0, 0, 60)],
        [WHITE, BLACK, YELLOW, RED, BLUE, (20, 160, 60)],
    ],
    ids=str,
)
def test_another_colour_is_taken_where_neither_will_do(inks: list[tuple[int, ...]]) -> None:
    image, notes = read(strokes(*inks))
    assert min(contrasts(image, len(inks))) > 60
    assert notes[0].startswith("it is transparent and was laid on #")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=6))
def test_up_to_six_colours_all_stand_out(inks: list[tuple[int, int, int]]) -> None:
    image, _ = read(strokes(*inks))
    assert min(contrasts(image, len(inks))) > 40


@pytest.mark.parametrize("alpha", [40, 80, 128, 200])
@pytest.mark.parametrize("ink", [WHITE, BLACK, BLUE])
def test_half_transparent_text_stands_out(ink: tuple[int, ...], alpha: int) -> None:
    image, _ = read(strokes((*ink, alpha), BLACK))
    assert contrasts(image, 1)[0] >= 0.4 * alpha


@pytest.mark.parametrize("alpha", [8, 25, 60])
def test_a_picture_that_is_faint_as_a_whole_is_made_opaque(alpha: int) -> None:
    for ink in (WHITE, BLACK):
        image, _ = read(strokes((*ink, alpha)))
        assert contrasts(image, 1) == [255]


def test_a_button_keeps_the_text_in_it() -> None:
    picture = PIL.Image.new("RGBA", (120, 60), (0, 0, 0, 0))
    picture.paste((255, 255, 255, 255), (10, 10, 110, 50))
    picture.paste((0, 0, 0, 255), (30, 25, 35, 40))
    image, _ = read(picture)
    assert tuple(image[20, 20]) == WHITE
    assert tuple(image[30, 32]) == BLACK


def test_what_stands_out_from_no_background_is_noted() -> None:
    every = [(*ink, 255) for ink in product((0, 51, 102, 153, 204, 255), repeat=3)]
    faint = [(r, g, b, 20) for r, g, b, _ in every]
    _, notes = read(strokes(*faint, BLACK))
    assert notes
    assert notes[0].endswith("from which not all stands out")


def test_bands_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = strokes(WHITE, BLACK, (*BLUE, 128))
    pictures = [picture, picture.convert("LA"), picture.convert("P"), picture.convert("HSV")]
    whole = [page(one) for one in pictures]
    monkeypatch.setattr(ocrx.images.bands, "BAND_PIXELS", 80 * 7)
    for one, expected in zip(pictures, whole, strict=True):
        np.testing.assert_array_equal(page(one), expected)
