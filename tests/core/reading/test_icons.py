"""Single characters that are icons beside words."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.page.views import View
from ocrx.reading.icons import forget_icons
from ocrx.reading.pipeline import Candidate, Work
from ocrx.types import Text
from support.pages import box


def candidate(text: str, score: float, y: float, high: int) -> Candidate:
    """A text whose ink is `high` pixels high, in a box of 40."""
    quad = box(300 if len(text) == 1 else 0, y, 30 if len(text) == 1 else 200, 40)
    ink = np.full((40, 60, 3), 255, np.uint8)
    ink[20 - high // 2 : 20 - high // 2 + high, 10:50:4] = 0
    return Candidate(View(quad, ink), 1.0, text=Text.uniform(text, score))


def page(*singles: Candidate) -> Work:
    words = [candidate("words", 0.99, 0, 20), candidate("more words", 0.99, 60, 16)]
    return Work("page", 0, np.zeros((1, 1, 3), np.uint8), 500, 200, candidates=[*words, *singles])


def is_kept(one: Candidate) -> bool:
    forget_icons(page(one))
    return bool(one.text.text)


@pytest.mark.parametrize(
    ("text", "score", "high", "kept"),
    [
        ("O", 0.99, 20, True),
        ("O", 0.99, 24, False),
        ("4", 0.8, 24, False),
        ("4", 0.8, 20, True),
        ("4", 0.95, 24, True),
        ("0", 0.5, 20, True),
        ("0", 0.5, 24, False),
        ("+", 0.5, 12, True),
        ("e", 0.5, 12, False),
    ],
)
def test_what_is_higher_than_the_words_beside_it_is_an_icon(
    text: str, score: float, high: int, kept: bool
) -> None:
    assert is_kept(candidate(text, score, 0, high)) == kept


def test_a_large_character_in_a_row_of_its_own_stays() -> None:
    assert is_kept(candidate("0", 0.99, 150, 36))


@pytest.mark.parametrize("colour", [(0, 0, 0), (200, 30, 30)])
def test_a_coloured_dot_beside_black_text_is_no_bullet(colour: tuple[int, int, int]) -> None:
    dot = candidate("●", 0.99, 0, 12)
    dot.crop[dot.crop[..., 0] == 0] = colour
    assert is_kept(dot) == (colour == (0, 0, 0))


@pytest.mark.parametrize(("others", "kept"), [([], False), (["人"], True)])
def test_three_bars_are_a_menu_unless_there_is_other_chinese(others: list[str], kept: bool) -> None:
    bars = candidate("三", 0.99, 0, 16)
    work = page(bars, *(candidate(text, 0.99, 60, 16) for text in others))
    forget_icons(work)
    assert bool(bars.text.text) == kept
