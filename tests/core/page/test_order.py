"""Reading order: pages made of boxes whose order a person would not doubt."""

from __future__ import annotations

import math
import random
import time
import tracemalloc
from collections.abc import Sequence

import pytest

from ocrx.page.geometry import along_text
from ocrx.page.order import reading_order
from ocrx.types import Quad, frozen_quad
from support.pages import ANGLES, box, column, in_rows, one_by_one, read, rotated


def receipt() -> tuple[list[Quad], list[list[int]]]:
    """A heading, items with quantity and amount, a total and a footer."""
    chance = random.Random(7)
    quads = [box(150, 0, 200, 24), box(120, 30, 260)]
    counts = [1, 1]
    for i in range(25):
        y = 80 + 28 * i
        amount = chance.uniform(45, 75)
        quads += [
            box(20, y, chance.uniform(80, 270)),
            box(330, y + chance.uniform(-3, 3), 20),
            box(480 - amount, y + chance.uniform(-3, 3), amount),
        ]
        counts.append(3)
    quads += [box(20, 800, 90, 30), box(370, 802, 110, 30), box(100, 860, 300)]
    return quads, in_rows(*counts, 2, 1)


def words(lines: Sequence[Quad], seed: int) -> tuple[list[Quad], list[int]]:
    """Each line cut into words, and the number of words of each line."""
    chance = random.Random(seed)
    quads, counts = [], []
    for line in lines:
        x, end, y = float(line[0, 0]), float(line[1, 0]), float(line[0, 1])
        count = 0
        while x < end - 20:
            width = min(chance.uniform(20, 90), end - x)
            quads.append(box(x, y, width))
            x += width + chance.uniform(4, 8)
            count += 1
        counts.append(count)
    return quads, counts


def test_nothing() -> None:
    assert reading_order([]) == []


def test_one() -> None:
    assert reading_order([box(3, 4, 50)]) == [[0]]


@pytest.mark.parametrize("degrees", ANGLES)
@pytest.mark.parametrize(("rows", "across"), [(1, 7), (6, 1), (8, 5), (3, 3)])
def test_a_grid_is_read_row_by_row(rows: int, across: int, degrees: float) -> None:
    grid = [box(100 * i, 40 * j, 60) for j in range(rows) for i in range(across)]
    assert read(rotated(grid, degrees)) == in_rows(*[across] * rows)


@pytest.mark.parametrize("degrees", ANGLES)
def test_a_receipt_is_read_across_its_gaps(degrees: float) -> None:
    quads, rows = receipt()
    assert read(rotated(quads, degrees)) == rows


def test_keys_and_values_are_read_across() -> None:
    keys = [90, 160, 60, 200, 110, 75]
    quads = [q for i, k in enumerate(keys) for q in (box(0, 30 * i, k), box(260, 30 * i + 2, 180))]
    assert read(quads) == in_rows(*[2] * 6)


def test_amounts_printed_lower_than_their_items_are_read_across() -> None:
    items = [(box(0, 30 * i, 260), box(330, 30 * i + 8, 70)) for i in range(12)]
    assert read([quad for item in items for quad in item]) == in_rows(*[2] * 12)


@pytest.mark.parametrize("degrees", ANGLES)
@pytest.mark.parametrize("shift", [0, 6, 13])
@pytest.mark.parametrize("gutter", [12, 24, 60])
@pytest.mark.parametrize("columns", [2, 3])
def test_an_article_is_read_column_by_column(
    columns: int, gutter: float, shift: float, degrees: float
) -> None:
    width = 320 * columns + gutter * (columns - 1)
    quads = [box(0, 0, 0.8 * width, 36), box(0.3 * width, 50, 0.4 * width)]
    for i in range(columns):
        lines = 20 - 3 * (i == columns - 1)
        quads += column(i * (320 + gutter), 100 + i * shift, lines, 320)
    quads.append(box(0, 700, width, 16))
    assert read(rotated(quads, degrees)) == one_by_one(len(quads))


@pytest.mark.parametrize("degrees", ANGLES)
def test_a_title_no_wider_than_the_middle_column_is_read_first(degrees: float) -> None:
    quads = [box(390, 0, 220, 30), box(420, 46, 160)]
    for i in range(3):
        quads += column(i * 340, 86, 16, 320)
    assert read(rotated(quads, degrees)) == one_by_one(len(quads))


def test_a_middle_column_that_begins_higher_has_no_title() -> None:
    quads = column(0, 52, 14, 320) + column(340, 0, 16, 320) + column(680, 52, 14, 320)
    assert read(quads) == one_by_one(len(quads))


def test_columns_of_words() -> None:
    left, left_counts = words(column(0, 0, 15, 320), 1)
    right, right_counts = words(column(344, 9, 15, 320), 2)
    assert read(left + right) == in_rows(*left_counts, *right_counts)


def test_words_in_one_column_are_no_columns() -> None:
    quads, counts = words(column(0, 0, 30, 500), 3)
    assert read(quads) == in_rows(*counts)


def test_a_heading_between_columns_parts_them() -> None:
    quads = column(0, 0, 8, 300) + column(330, 0, 8, 300)
    quads.append(box(100, 230, 400, 30))
    quads += column(0, 290, 8, 300) + column(330, 290, 8, 300)
    assert read(quads) == one_by_one(len(quads))


@pytest.mark.parametrize("top", [0, 14])
@pytest.mark.parametrize("width", [310, 330, 360, 500, 640])
def test_an_overlong_heading_does_not_spoil_the_columns_below(width: float, top: float) -> None:
    quads = [box(0, top, width), *column(0, 40, 12, 300), *column(324, 40, 12, 300)]
    assert read(quads) == one_by_one(len(quads))


@pytest.mark.parametrize("end", [312, 322, 330])
@pytest.mark.parametrize("place", [0, 4, 11])
@pytest.mark.parametrize("off", [0, 9])
def test_a_heading_that_reaches_into_the_gutter_does_not_part_columns(
    end: float, place: int, off: float
) -> None:
    left, right = column(0, 40, 16, 300), column(326, 40 + off, 16, 300)
    left[place] = box(0, 38 + 26 * place, end, 24)
    assert read([*left, *right]) == one_by_one(32)


@pytest.mark.parametrize(
    "heading",
    [
        box(0, 0, 400),
        box(0, -30, 600, 56),
        frozen_quad([[0, -10], [560, 2], [560, 24], [0, 12]]),
    ],
)
def test_an_overlong_heading_does_not_spoil_the_rows_below(heading: Quad) -> None:
    cells = [box(150 * k, 32 + 28 * i, 80) for i in range(8) for k in range(4)]
    assert read([heading, *cells]) == in_rows(1, *[4] * 8)


def test_an_overlong_cell_does_not_spoil_the_rows_below() -> None:
    first = [box(0, 0, 260), box(300, 0, 60), box(450, 0, 60)]
    cells = [box(150 * k, 30 + 30 * i, 80) for i in range(8) for k in range(4)]
    assert read(first + cells) == in_rows(3, *[4] * 8)


@pytest.mark.parametrize(
    ("width", "height", "by"), [(250, 20, 0), (250, 44, 0), (500, 44, 0), (250, 44, 30)]
)
@pytest.mark.parametrize("columns", [2, 3])
def test_a_heading_over_the_first_columns_begins_an_article(
    columns: int, width: float, height: float, by: float
) -> None:
    """With the name of its author, or without."""
    quads: list[Quad] = []
    for top in (0, height + by + 302):
        quads.append(box(0, top, width, height))
        quads += [box(0, top + height + 10, 150)] if by else []
        for i in range(columns):
            lines = 10 - 3 * (i == columns - 1 and width < height * 10)
            quads += column(i * 350, top + height + by + 30, lines, 320)
    assert read(quads) == one_by_one(len(quads))


def test_a_heading_within_a_column_begins_no_article() -> None:
    first = [*column(0, 0, 10, 320), box(0, 280, 200), *column(0, 320, 10, 320)]
    quads = first + column(350, 0, 23, 320)
    assert read(quads) == one_by_one(len(quads))


def test_a_wide_gap_parts_columns() -> None:
    quads = column(0, 0, 6, 300) + column(330, 0, 6, 300)
    quads += column(0, 300, 6, 300) + column(330, 300, 6, 300)
    assert read(quads) == one_by_one(len(quads))


def test_a_header_in_a_few_words_from_edge_to_edge_is_read_before_the_columns() -> None:
    """The number, the date and the price of a newspaper."""
    header = [box(0, 0, 70), box(405, 0, 150), box(880, 0, 60)]
    quads = [one for k in range(3) for one in column(320 * k, 40, 12, 300)]
    assert read(header + quads) == [[0, 1, 2], *([3 + i] for i in range(len(quads)))]


@pytest.mark.parametrize("degrees", ANGLES)
def test_text_that_goes_on_as_wide_as_its_column_is_read_before_a_shorter_one(
    degrees: float,
) -> None:
    lines = [*range(4), *range(5, 9), *range(10, 14)]  # three paragraphs
    left = [box(0, 26 * i, 300 if i % 2 else 280) for i in lines]
    quads = [*left, *column(330, 9, 7, 300)]
    assert read(rotated(quads, degrees)) == one_by_one(len(quads))


@pytest.mark.parametrize("shift", [0, 6, 13])
def test_short_lines_with_a_pitch_of_their_own_are_a_column(shift: int) -> None:
    """Beside an article; lines of a table share their heights with those beside them."""
    article = [box(0, 26 * i, 480 if i % 3 else 420) for i in range(14)]
    links = [box(540, shift + 22 * i, 110 + 30 * (i % 3), 16) for i in range(9)]
    assert read(article + links) == one_by_one(23)
    article = [box(0, 26 * i, 300) for i in range(9)]
    links = [box(540, shift / 4 + 26 * i, 60 + 50 * (i % 3), 16) for i in range(9)]
    assert read([one for row in zip(article, links, strict=True) for one in row]) == in_rows(
        *[2] * 9
    )


def test_a_caption_below_the_columns_comes_last() -> None:
    quads = column(0, 0, 10, 300) + column(330, 0, 10, 300) + [box(0, 284, 120)]
    assert read(quads) == one_by_one(len(quads))


def test_a_table_within_a_column_is_read_across() -> None:
    quads = column(0, 0, 18, 320)
    rows = [1] * 18
    for i in range(12):
        quads += [box(360, 7 + 30 * i, 170), box(640, 7 + 30 * i, 40)]
        rows.append(2)
    prose = [box(360, 380 + 26 * i, 310) for i in range(5)]
    assert read(quads + prose) == in_rows(*rows, *[1] * 5)


@pytest.mark.parametrize("degrees", ANGLES)
def test_a_table_of_short_cells_tops_a_column(degrees: float) -> None:
    left = [box(0, 26 * i, 300 if i % 5 else 180) for i in range(20)]
    cells = [box(350 + 70 * k, 5 + 23 * i, 45, 16) for i in range(8) for k in range(3)]
    right = [box(330, 205 + 26 * i, 300 if i % 5 else 280) for i in range(11)]
    rows = in_rows(*[1] * 20, *[3] * 8, *[1] * 11)
    assert read(rotated(left + cells + right, degrees)) == rows


@pytest.mark.parametrize("degrees", ANGLES)
def test_short_lines_in_groups_beside_text_are_a_sidebar(degrees: float) -> None:
    """As in a CV: by chance some stand at the heights of the text."""
    heights = [27 * k + 18 * i for k, i in enumerate(range(16)) if k % 4]
    sidebar = [box(0, y, 40 + 15 * (k % 3), 16) for k, y in enumerate(heights)]
    text = [box(240, 6 + 31 * i + 9 * (i // 3), 400 if i % 4 else 150, 18) for i in range(17)]
    assert read(rotated(sidebar + text, degrees)) == one_by_one(len(sidebar) + 17)


def test_columns_of_upright_characters_are_read_from_the_right() -> None:
    tall = [along_text(box(600 - 40 * i, 50, 30, 400 - 90 * (i % 3))) for i in range(8)]
    assert read(tall) == one_by_one(8)


def test_two_tiers_of_upright_columns() -> None:
    tiers = [along_text(box(600 - 40 * i, 460 * j, 30, 400)) for j in range(2) for i in range(8)]
    assert read(tiers) == one_by_one(16)


def test_a_tall_box_beside_lines_is_read_where_it_begins() -> None:
    lines = [box(60, 30 * i, 300) for i in range(6)]
    assert read([along_text(box(0, 0, 30, 170)), *lines])[0] == [0]


def test_a_bent_row_stays_a_row() -> None:
    """A sheet that bends by more than a line's pitch from edge to edge."""
    quads = [
        box(60 * i, 30 * j + 40 * math.sin(i / 15 * math.pi), 50)
        for j in range(6)
        for i in range(16)
    ]
    assert read(quads) == in_rows(*[16] * 6)


def test_rows_that_fan_out_stay_rows() -> None:
    """As in a picture taken from the side: no one angle fits all rows."""
    slopes = [(24 + 4 * x / 100) for x in (0, 120, 150, 270)]
    quads = []
    for j in range(-6, 7):
        for k, (x0, x1) in enumerate([(0, 120), (150, 270)]):
            y0, y1 = j * slopes[2 * k], j * slopes[2 * k + 1]
            quads.append(frozen_quad([[x0, y0], [x1, y1], [x1, y1 + 20], [x0, y0 + 20]]))
    assert read(quads) == in_rows(*[2] * 13)


def test_a_box_joins_the_row_at_its_height_not_the_nearer_end() -> None:
    """Lines set so close that boxes overlap, and amounts a little lower than their items."""
    quads = [box(0, 0, 100), box(400, 7, 60), box(0, 16, 300), box(400, 23, 60)]
    assert read(quads) == in_rows(2, 2)


def test_short_cells_close_together_are_no_columns() -> None:
    close = [box(200 * i, 120 * j, 180, 60) for j in range(4) for i in range(8)]
    assert read(close) == in_rows(*[8] * 4)


@pytest.mark.parametrize(("width", "height"), [(73, 20), (60, 20)])
def test_a_table_of_many_rows_with_narrow_gaps_is_no_pair_of_columns(
    width: float, height: float
) -> None:
    grid = [
        box((width + 7) * i, 1.5 * height * j, width, height) for j in range(20) for i in range(8)
    ]
    assert read(grid) == in_rows(*[8] * 20)


@pytest.mark.parametrize(("across", "down"), [(12, 4), (3, 9)])
def test_labels_far_apart_are_read_row_by_row(across: int, down: int) -> None:
    chance = random.Random(5)
    sheet = [
        box(500 * i, 85 * j, chance.uniform(150, 210)) for j in range(down) for i in range(across)
    ]
    assert read(sheet) == in_rows(*[across] * down)


def test_three_ragged_columns_with_narrow_gutters() -> None:
    """So narrow that full lines of two columns join, which short ones do not."""
    chance = random.Random(3)
    widths = [[300 * chance.uniform(0.75, 1) for _ in range(30)] for _ in range(3)]
    quads = [box(310 * i, 26 * j, widths[i][j]) for i in range(3) for j in range(30)]
    assert read(quads) == one_by_one(90)


def test_boxes_half_a_line_apart_are_two_rows() -> None:
    assert read([box(0, 0, 100), box(120, 14, 100)]) == one_by_one(2)
    assert read([box(0, 14, 100), box(120, 0, 100)]) == [[1], [0]]


def test_large_and_small_text_share_a_row() -> None:
    assert read([box(0, 0, 100, 40), box(120, 12, 60, 16), box(0, 50, 100)]) == in_rows(2, 1)


def test_a_sliver_does_not_turn_the_page() -> None:
    """Degenerate boxes have no direction, whatever their corners say."""
    quads, rows = receipt()
    sliver = frozen_quad([[10, 400], [10, 400], [10, 421], [10, 421]])
    found = read([*quads, sliver])
    assert [[i for i in row if i < len(quads)] for row in found if row != [len(quads)]] == rows


@pytest.mark.parametrize("gap", [30, 80])
@pytest.mark.parametrize("second", [1, 2])
def test_footnotes_belong_to_their_columns(gap: int, second: int) -> None:
    """Of three columns two have notes, in smaller print."""
    page: list[Quad] = []
    for k in range(3):
        page += [box(330 * k, 26 * i, 300) for i in range(12)]
        if k in (0, second):
            page += [box(330 * k, 12 * 26 + gap + 20 * i, 250, 15) for i in range(2)]
    assert read(page) == one_by_one(len(page))


def test_what_is_below_columns_in_their_own_size_is_no_footnote() -> None:
    page = [box(330 * k, 26 * i, 300) for k in range(2) for i in range(12)]
    signatures = [box(330 * k, 12 * 26 + 80, 120) for k in range(2)]
    assert read([*page, *signatures]) == [*one_by_one(24), [24, 25]]


def test_thousands_of_boxes_take_no_time() -> None:
    grid = [box(80 * i, 30 * j, 60) for j in range(50) for i in range(40)]
    page = column(0, 0, 1000, 300) + column(330, 11, 1000, 300)
    begin = time.process_time()
    assert read(grid) == in_rows(*[40] * 50)
    assert read(page) == one_by_one(2000)
    assert read([box(0, 0, 60)] * 2000) != []
    assert time.process_time() - begin < 2  # about 0.1 on one core


def test_the_time_and_memory_of_a_table_are_in_proportion_to_its_cells() -> None:
    """What was read in the cells makes columns of them be taken for addresses, if anything does."""
    cells = [box(80 * i, 30 * j, 60) for j in range(60) for i in range(60)]
    texts = [f"cell {i}" for i in range(len(cells))]
    tracemalloc.start()
    begin = time.process_time()
    assert reading_order(cells, texts) == in_rows(*[60] * 60)
    assert time.process_time() - begin < 4  # about 0.2 on one core
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40e6  # a number for each pair of cells would be 100 MB
