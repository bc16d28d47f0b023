"""Cells of prose side by side are read one after the other."""

from __future__ import annotations

from ocrx.page.order import reading_order
from support.pages import box

FAST = ["Pages load in less than a second,", "anywhere."]
SAFE = ["Every change is kept, and nothing", "is lost."]


def texts_in_order(*rows: list[str], step: float = 30.0, high: float = 20.0) -> list[str]:
    """The rows that are read of rows of two cells, each of which has its lines."""
    quads, texts = [], []
    for place, row in enumerate(rows):
        for number, text in enumerate(row):
            x, y = divmod(number, max(len(row) // 2, 1))
            tall = high if len(row) == 2 else 20.0
            quads.append(box(400.0 * x, 100.0 * place + step * y, 10 * len(text), tall))
            texts.append(text)
    return [" | ".join(texts[i] for i in row) for row in reading_order(quads, texts)]


def test_cells_are_read_one_after_the_other() -> None:
    assert texts_in_order(FAST + SAFE, SAFE + FAST) == [*FAST, *SAFE, *SAFE, *FAST]


def test_a_heading_belongs_to_its_cell_or_to_the_table() -> None:
    headings, cells = ["Fast", "Safe"], FAST + SAFE
    assert texts_in_order(headings, cells) == ["Fast", *FAST, "Safe", *SAFE]
    assert texts_in_order(headings, cells, cells) == ["Fast | Safe", *cells, *cells]
    larger = texts_in_order(headings, cells, headings, cells, high=28.0)
    assert larger == ["Fast", *FAST, "Safe", *SAFE] * 2


def test_lines_that_do_not_continue_are_rows() -> None:
    phrases = [line.capitalize() for line in FAST + SAFE]
    assert texts_in_order(phrases) == [
        f"{phrases[0]} | {phrases[2]}",
        f"{phrases[1]} | {phrases[3]}",
    ]


def test_rows_of_cells_are_no_columns() -> None:
    rows = [
        [
            "Open the settings and choose",
            "the second page.",
            "It is too warm, so wait until",
            "it is not.",
        ]
        for _ in range(3)
    ]
    assert texts_in_order(*rows) == rows[0] * 3


def test_totals_beside_prose_are_read_after_it() -> None:
    prose = ["Terms", "Please pay within thirty days of", "the date above, and give the", "number."]
    totals = [("Net", "90.00"), ("VAT", "18.00"), ("All of it", "108.00")]
    quads = [box(0, 26 * i, 10 * len(text)) for i, text in enumerate(prose)]
    quads += [box(x, 5 + 30 * i, 60) for i in range(3) for x in (500.0, 700.0)]
    texts = [*prose, *(text for row in totals for text in row)]
    assert reading_order(quads, texts) == [[0], [1], [2], [3], [4, 5], [6, 7], [8, 9]]
