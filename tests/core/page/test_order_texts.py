"""Reading order where the texts matter: single characters, and text from right to left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ocrx.page.geometry import along_text
from ocrx.page.order import reading_order
from ocrx.types import Quad, frozen_quad
from support.pages import ANGLES, box, column, in_rows, one_by_one, rotated


def single(x: float, y: float, width: float, *, turned: bool) -> Quad:
    """A character 20 high, as a detector sees it: read upright, or taken to run down."""
    upright = box(x, y, width)
    return frozen_quad(np.roll(upright, -1, axis=0)) if turned else upright


@pytest.mark.parametrize("characters", ["123456789", "Il1|:!;ij", "WMO08BQG@", "abcdefghi"])
@pytest.mark.parametrize("share", [0, 3, 2, 1])
def test_a_grid_of_single_characters_is_upright(characters: str, share: int) -> None:
    """Whichever of them were taken to run down: all, every second, every third, or none."""
    narrow = set("Il1|:!;ij")
    quads = [
        single(
            70 * (i % 3),
            44 * (i // 3),
            7 if character in narrow else 14,
            turned=bool(share) and i % share == 0,
        )
        for i, character in enumerate(characters)
    ]
    assert reading_order(quads, characters) == in_rows(3, 3, 3)


def test_a_column_of_narrow_characters_does_not_turn_a_table() -> None:
    quads: list[Quad] = []
    texts: list[str] = []
    for i in range(12):
        quads += [single(0, 30 * i, 6, turned=True), box(40, 30 * i, 35), box(120, 30 * i, 12)]
        texts += ["l", "ab", "7"]
    assert reading_order(quads, texts) == in_rows(*[3] * 12)


def test_a_numbered_list_is_read_line_by_line() -> None:
    quads: list[Quad] = []
    texts: list[str] = []
    for i in range(9):
        quads += [single(0, 30 * i, 12, turned=True), box(40, 30 * i, 130 + 20 * (i % 4))]
        texts += [str(i + 1), "an entry of it"]
    assert reading_order(quads, texts) == in_rows(*[2] * 9)


def test_a_dash_keeps_its_row() -> None:
    quads = [box(0, 0, 60), box(100, 7, 12, 5), box(160, 0, 60), box(0, 30, 60), box(100, 30, 60)]
    assert reading_order(quads, ["10.5", "-", "3.20", "11.0", "4.10"]) == in_rows(3, 2)


def test_upright_characters_beside_columns_that_run_down_do_not_turn_them() -> None:
    tall = [along_text(box(600 - 40 * i, 50, 30, 400)) for i in range(8)]
    page = [box(280, 480, 14), box(310, 480, 14)]
    rows = reading_order(tall + page, ["八字一行文字八字"] * 8 + ["1", "2"])
    assert [row for row in rows if max(row) < 8] == one_by_one(8)


def leftwards(rows: Sequence[Sequence[int]]) -> list[list[int]]:
    return [list(reversed(row)) for row in rows]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["אב", "גד", "12"] * 4, leftwards(in_rows(3, 3, 3, 3))),
        (["אב", "total", "12"] * 4, in_rows(3, 3, 3, 3)),
        (["12", "34", "56"] * 4, in_rows(3, 3, 3, 3)),
        (["مبلغ", "abc", "قيمة"] * 4, leftwards(in_rows(3, 3, 3, 3))),
    ],
)
def test_rows_run_leftwards_where_most_letters_do(
    texts: list[str], expected: list[list[int]]
) -> None:
    grid = [box(100 * i, 40 * j, 60) for j in range(4) for i in range(3)]
    assert reading_order(grid, texts) == expected


@pytest.mark.parametrize("degrees", ANGLES)
def test_columns_of_arabic_are_read_from_the_right(degrees: float) -> None:
    quads = column(0, 0, 15, 320) + column(350, 5, 15, 320)
    found = reading_order(rotated(quads, degrees), ["سطر من النص"] * 30)
    assert found == [[i] for i in (*range(15, 30), *range(15))]


def test_lines_of_which_none_goes_on_are_read_by_rows() -> None:
    """Such as phrases beside what they are in another language."""
    phrases = ["How are you today, my friend?", "I would like a cup of tea.", "See you again soon!"]
    quads = [box(x, 40 * y, 290) for y in range(6) for x in (0, 400)]
    assert reading_order(quads, [text for text in phrases * 2 for _ in "ab"]) == in_rows(*[2] * 6)
    prose = ["He came to the river and saw", "that the boat was gone, and so"]
    assert reading_order(quads, [text for text in prose * 3 for _ in "ab"])[:2] == [[0], [2]]


def test_labels_scattered_on_a_map_are_no_columns() -> None:
    names = ["North Lake", "Green Hill", "Old Town", "West Harbour", "Fox Wood", "South Gate"]
    names.append("Long Beach")
    places = [(60, 0), (580, 60), (540, 130), (80, 190), (40, 230), (580, 250), (40, 290)]
    quads = [box(x, y, 12 * len(name)) for (x, y), name in zip(places, names, strict=True)]
    assert reading_order(quads, names) == one_by_one(7)
