"""Overlays: what is drawn where, in which colour, for odd pictures and odd text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from ocrx.errors import OutputError
from ocrx.output.lettering import Lettering
from ocrx.output.overlay import PAPER, OverlayFolder, colour_of, draw_overlay
from ocrx.types import Image, Item, Line, Page, frozen_quad

WIDTH, HEIGHT = 700, 500
BOX = [(100, 100), (400, 100), (400, 140), (100, 140)]


def picture(width: int = WIDTH, height: int = HEIGHT) -> Image:
    return np.full((height, width, 3), 128, np.uint8)


def page(
    text: str = "Hello", score: float = 0.99, quad: object = BOX, size: Image | None = None
) -> Page:
    height, width = (picture() if size is None else size).shape[:2]
    return Page((Line(text, score, frozen_quad(quad)),), width, height, "label.png")


def ink(drawn: Image) -> NDArray[np.bool_]:
    """Where there is text on the paper of a picture of the standard size."""
    return np.asarray(drawn[:, -WIDTH:].max(axis=2) < 100)


def test_the_picture_is_framed_and_the_text_stands_beside_it() -> None:
    drawn = draw_overlay(picture(), page(), Lettering())
    assert drawn.shape[0] == HEIGHT
    assert drawn.shape[1] > 2 * WIDTH
    assert drawn.dtype == np.uint8
    left, right = drawn[:, :WIDTH], drawn[:, -WIDTH:]
    red, green, blue = left[100, 250].astype(int)
    assert green > red + 40  # the frame
    assert green > blue + 40
    assert tuple(left[300, 300]) == (128, 128, 128)
    assert tuple(right[300, 300]) == PAPER
    assert left[120, 250, 1] > left[120, 250, 0]  # filled, and seen through
    rows, columns = np.nonzero(ink(drawn))
    assert 100 <= rows.min() <= rows.max() <= 140
    assert 100 <= columns.min() <= columns.max() <= 400


def test_text_fits_its_box_however_long() -> None:
    for text in ("i", "Hello", "A line that is far too long for its box " * 10, "漢字" * 600):
        rows, columns = np.nonzero(ink(draw_overlay(picture(), page(text), Lettering())))
        assert 99 <= rows.min() <= rows.max() <= 141
        assert 99 <= columns.min() <= columns.max() <= 401


def test_turned_text_is_drawn_turned() -> None:
    upright = ink(draw_overlay(picture(), page("LLL"), Lettering()))[100:141, 100:401]
    turned_quad = [BOX[2], BOX[3], BOX[0], BOX[1]]
    turned = ink(draw_overlay(picture(), page("LLL", quad=turned_quad), Lettering()))
    flipped = turned[100:141, 100:401][::-1, ::-1]
    assert (upright & flipped).sum() > 0.7 * upright.sum()


@pytest.mark.parametrize("roll", [0, 1])
def test_columns_are_written_downwards(roll: int) -> None:
    quad = np.roll([(300, 50), (340, 50), (340, 350), (300, 350)], -roll, axis=0)
    found = ink(draw_overlay(picture(), page("漢字漢字漢字", quad=quad), Lettering()))
    rows, columns = np.nonzero(found)
    assert 50 <= rows.min() < 90
    assert 310 < rows.max() <= 350
    assert 300 <= columns.min() <= columns.max() <= 340
    letters = found[50:350, 300:340].reshape(6, 50, 40).any(axis=(1, 2))
    assert letters.all()


def test_colours_tell_scores() -> None:
    assert colour_of(1.0) == colour_of(0.97)
    assert colour_of(0.0) == colour_of(0.6)
    red, green, _ = colour_of(0.5)
    assert red > green
    red, green, _ = colour_of(0.99)
    assert green > red
    assert len({colour_of(score) for score in (0.6, 0.75, 0.85, 0.9, 0.97)}) == 5


@pytest.mark.parametrize(
    ("width", "height", "drawn"),
    [
        (700, 500, (500, 1412)),  # as it is
        (100, 60, (360, 1203)),  # enlarged
        (6000, 3000, None),  # reduced
        (600, 60, None),  # a strip: paper below
        (1, 1, None),
        (1, 5000, None),
        (20000, 40, None),
    ],
)
def test_pictures_of_all_sizes(width: int, height: int, drawn: tuple[int, int] | None) -> None:
    image = picture(width, height)
    quad = [(0, 0), (width, 0), (width, height), (0, height)]
    found = draw_overlay(image, page(quad=quad), Lettering())
    assert max(found.shape[:2]) <= 2 * 2400 + 100
    if drawn:
        assert abs(found.shape[0] - drawn[0]) <= 12
        assert abs(found.shape[1] - drawn[1]) <= 12
    elif width > 2 * height:
        assert found.shape[0] > 2 * height * found.shape[1] / width


@pytest.mark.parametrize(
    "quad",
    [
        [(0, 0)] * 4,
        [(-500, -500), (-400, -500), (-400, -480), (-500, -480)],
        [(600, 400), (2000, 400), (2000, 900), (600, 900)],
        [(0, 0), (100, 100), (100, 0), (0, 100)],  # crossed
        [(0, 0), (100, 0), (50, 0), (25, 0)],  # flat
        [(1e6, 1e6), (2e6, 1e6), (2e6, 2e6), (1e6, 2e6)],
    ],
)
def test_odd_quads_crash_nothing(quad: list[tuple[float, float]]) -> None:
    draw_overlay(picture(), page(quad=quad), Lettering())


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "\x00\x1b[31m", "a\nb", "\ud800", "👍🏽", "e" + "\u0301" * 50]
)
def test_odd_text_crashes_nothing(text: str) -> None:
    draw_overlay(picture(), page(text), Lettering())


def test_the_picture_given_is_not_drawn_upon() -> None:
    image = picture()
    image.setflags(write=False)
    draw_overlay(image, page(), Lettering())
    assert (image == 128).all()


def test_a_picture_may_have_more_pixels_than_its_page() -> None:
    small = draw_overlay(picture(), page(), Lettering())
    large = draw_overlay(picture(2 * WIDTH, HEIGHT), page(), Lettering())
    rows, columns = np.nonzero(large[:, : 2 * WIDTH, 1] > large[:, : 2 * WIDTH, 0] + 40.0)
    once = np.nonzero(small[:, :WIDTH, 1] > small[:, :WIDTH, 0] + 40.0)
    assert abs(columns.min() - 2 * once[1].min()) <= 4
    assert abs(columns.max() - 2 * once[1].max()) <= 4
    assert abs(rows.min() - once[0].min()) <= 4


def test_a_page_without_lines() -> None:
    empty = Page((), WIDTH, HEIGHT, "label.png")
    drawn = draw_overlay(picture(), empty, Lettering())
    assert (drawn[:, :WIDTH] == 128).all()
    assert (drawn[:, -WIDTH:] == PAPER).all()


SQUARE = [(100, 100), (400, 100), (400, 400), (100, 400)]


def with_item(value: str, quad: object = SQUARE, score: float = 1.0, kind: str = "qr") -> Page:
    item = Item(kind, value, frozen_quad(quad), score, {"lot": "L26"} if value else {})
    return Page((), WIDTH, HEIGHT, "label.png", items=(item,))


def test_an_item_is_framed_in_blue_and_in_red_if_it_could_not_be_read() -> None:
    for score, channel in ((1.0, 2), (0.0, 0)):
        drawn = draw_overlay(picture(), with_item("", score=score), Lettering())
        frame = drawn[100, 250].astype(int)
        assert frame.argmax() == channel
        assert frame[channel] > np.sort(frame)[1] + 30


def test_an_item_says_its_type_value_and_fields_in_rows_that_fill_its_box() -> None:
    """A value in one row across a square would be a tenth as high."""
    value = "https://example.org/2041/orders/11/parts"
    found = ink(draw_overlay(picture(), with_item(value), Lettering()))
    rows, columns = np.nonzero(found)
    assert 99 <= rows.min() < 150
    assert 350 < rows.max() <= 401
    assert 99 <= columns.min() <= columns.max() <= 401
    inked = found.any(axis=1).astype(int)
    assert 4 <= (np.diff(inked) == 1).sum() <= 9  # rows, of which accents and dots may be apart


def test_a_number_is_not_broken_to_make_it_a_little_larger() -> None:
    found = ink(draw_overlay(picture(), with_item("4012345678901"), Lettering()))
    inked = found.any(axis=1).astype(int)
    assert (np.diff(inked) == 1).sum() == 3  # the type, the number and the field


@pytest.mark.parametrize("kind", ["qr", ""])
@pytest.mark.parametrize("value", ["", " ", "\u3000", "\x1d", "a\nb", "x" * 9000, "\ud800"])
def test_odd_items_crash_nothing(kind: str, value: str) -> None:
    for quad in (SQUARE, [(5, 5)] * 4, [(0, 0), (900, 0), (900, 2), (0, 2)]):
        draw_overlay(picture(), with_item(value, quad, kind=kind), Lettering())


def test_files_are_png_in_the_colours_of_the_picture(tmp_path: Path) -> None:
    image = np.zeros((100, 700, 3), np.uint8)
    image[:] = (200, 100, 50)
    path = OverlayFolder(tmp_path / "new").write(image, Page((), 700, 100, "a/label.png"))
    assert path == tmp_path / "new" / "label.overlay.png"
    with PIL.Image.open(path) as drawn:
        assert drawn.convert("RGB").getpixel((10, 10)) == (200, 100, 50)


@pytest.mark.parametrize(
    ("source", "index", "name"),
    [
        ("-", 0, "stdin.overlay.png"),
        ("", 0, "page.overlay.png"),
        ("report.pdf", 0, "report.overlay.png"),
        ("report.pdf", 9, "report.page-10.overlay.png"),
        ("a/b.c.png", 0, "b.c.overlay.png"),
        ("..", 0, "...overlay.png"),
        ("x/caf\\xe9.png", 0, "caf\\xe9.overlay.png"),
    ],
)
def test_names(tmp_path: Path, source: str, index: int, name: str) -> None:
    path = OverlayFolder(tmp_path).write(picture(9, 9), Page((), 9, 9, source, index))
    assert path == tmp_path / name


def test_a_folder_that_cannot_be_written_names_the_file(tmp_path: Path) -> None:
    folder = OverlayFolder(tmp_path)
    (tmp_path / "label.overlay.png").mkdir()
    with pytest.raises(OutputError, match=r"label\.overlay\.png"):
        folder.write(picture(), page())
