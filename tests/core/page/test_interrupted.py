"""Columns that go on below figures side by side in them."""

from __future__ import annotations

import pytest

from ocrx.page.order import reading_order
from support.pages import box

ABOVE = ["They built the bridge where the", "river is narrow, and boats had", "carried all before"]
BELOW = ["the war. Now it is a short way,", "and few of those who walk there", "know of it."]
CAPTION = ["Figure 1: The bridge"]


def texts_in_order(parts: list[list[str]], gap: float = 40.0) -> list[str]:
    """The texts of two columns as they are read, each of which has the same parts. Figures and a
    `gap` part them."""
    quads, texts = [], []
    for column in range(2):
        y = 0.0
        for part in parts:
            for text in part:
                quads.append(box(400.0 * column, y, 310 if part != CAPTION else 200))
                texts.append(marked(text, column))
                y += 30
            y += 200 if part is parts[0] else gap
    return [text for row in reading_order(quads, texts) for text in [texts[i] for i in row]]


def down(*parts: list[str]) -> list[str]:
    """The texts of those parts, first of the left column and then of the right."""
    return [marked(text, column) for column in range(2) for part in parts for text in part]


def marked(text: str, column: int) -> str:
    """The text with the number of its column before the last word."""
    return f" {column} ".join(text.rsplit(" ", 1))


@pytest.mark.parametrize(
    "parts", [(ABOVE * 2, CAPTION, BELOW * 2), (ABOVE * 2, CAPTION * 2, BELOW)]
)
def test_columns_go_on_below_figures_with_captions(parts: tuple[list[str], ...]) -> None:
    assert texts_in_order(list(parts)) == down(*parts)
    assert texts_in_order(list(parts), 90.0) == down(*parts)


def test_columns_go_on_below_figures_without_captions_if_their_sentences_do() -> None:
    parts = [ABOVE * 2, BELOW * 2]
    assert texts_in_order(parts) == down(*parts)


@pytest.mark.parametrize(
    "parts",
    [
        (BELOW * 2, BELOW * 2),  # no caption, and the text goes on as well from column to column
        (BELOW * 2, CAPTION, ABOVE * 2),  # the text above is finished
    ],
)
def test_other_columns_end_at_a_blank(parts: tuple[list[str], ...]) -> None:
    first, *rest = parts
    assert texts_in_order(list(parts)) == down(first) + down(*rest)


def test_a_single_row_of_words_below_a_blank_is_no_column() -> None:
    lines = [(x, 30.0 * y, 310.0) for x in (0.0, 400.0) for y in range(4)]
    words = [(x + 100 * word, 400.0, 95.0) for x in (0.0, 400.0) for word in range(3)]
    rows = reading_order([box(*place) for place in lines + words], ["words"] * 14)
    assert rows[-1] == [8, 9, 10, 11, 12, 13]
