"""Months side by side are read one after the other."""

from __future__ import annotations

from ocrx.page.order import reading_order
from support.pages import box

JUNE = ["June", "1", "2 3 4 5", "6 7 8 9", "10 11 12"]
JULY = ["July", "1 2 3", "4 5 6 7", "8 9 10 11", "12 13"]
MARCH = ["March", "_ _ _ 1", "2 3 4 5", "6 7 8 9", "10"]
WEEKS = ["Week", "23", "24", "25", "26"]


def rows_of(*parts: list[str], step: float = 400.0) -> list[str]:
    """The rows that are read where those parts stand side by side, each number in a box."""
    quads, texts = [], []
    for place, part in enumerate(parts):
        for line, row in enumerate(part):
            for number, text in enumerate(row.split()):
                if text == "_":
                    continue
                quads.append(box(step * place + 50 * number, 40 * line, 9 * len(text)))
                texts.append(text)
    return [" ".join(texts[i] for i in row) for row in reading_order(quads, texts)]


def test_months_are_read_one_after_the_other() -> None:
    assert rows_of(JUNE, JULY, JUNE) == JUNE + JULY + JUNE


def test_weeks_that_are_not_full_hide_no_month_and_text_below_is_none() -> None:
    assert rows_of([*MARCH, "Page 37"], JULY) == ["March", "1", *MARCH[2:], *JULY, "Page 37"]


def test_the_weeks_of_a_month_and_other_numbers_are_read_by_rows() -> None:
    assert rows_of(WEEKS, JULY, step=100.0) == [
        f"{week} {days}" for week, days in zip(WEEKS, JULY, strict=True)
    ]
    grid = ["7 2 9", "3 8 1", "5 4 6"]
    assert rows_of(grid, grid) == [f"{row} {row}" for row in grid]
