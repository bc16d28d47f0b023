"""Pages that lie on their side or upside down."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ocrx.page.geometry import rectangle, turned
from ocrx.page.views import View
from ocrx.reading.pipeline import Candidate
from ocrx.reading.reader import Reader
from ocrx.reading.turned_page import is_upright, page_turn
from ocrx.types import Image, Page, Text
from support.fakeparts import PINK, Box, Parts, draw

# E is so short that its box does not tell how it lies; F is upside down even on the upright page.
LINES: tuple[Box, ...] = (
    ("A", 20, 20, 90, 20, 0),
    ("B", 150, 20, 120, 20, 0),
    ("C", 20, 60, 80, 20, 0),
    ("D", 150, 60, 100, 20, 0),
    ("E", 20, 100, 22, 20, 0),
    ("F", 150, 100, 100, 20, 2),
)
TURNED = "the page is turned by {} degrees and was read upright"


def read(image: Image) -> Page:
    with Reader(layout="page", registry=Parts().registry()) as reader:
        return reader.read(image)


def line(text: str, score: float, quarters: int = 0) -> Candidate:
    quad = turned(rectangle(*((20, 100) if quarters % 2 else (100, 20))), quarters)
    return Candidate(
        View(quad, np.zeros((20, 100, 3), np.uint8)), 1.0, text=Text.uniform(text, score)
    )


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_page_reads_as_the_upright_one(quarters: int) -> None:
    image = draw(*LINES)
    upright = read(image)
    page = read(np.ascontiguousarray(np.rot90(image, -quarters)))
    assert page.text == upright.text == "A A B B\nC C D D\nE E F F"
    assert (page.width, page.height) == ((300, 200) if quarters == 2 else (200, 300))
    assert TURNED.format(90 * quarters) in page.notes
    assert "1 line is upside down and read turned" in upright.notes
    for one, other in zip(page.lines, upright.lines, strict=True):
        assert one.score == other.score
        x, y = other.quad.T
        turns = {1: (200 - y, x), 2: (300 - x, 200 - y), 3: (y, 300 - x)}
        assert one.quad == pytest.approx(np.stack(turns[quarters], axis=1))


def test_an_upright_page_is_read_once() -> None:
    parts = Parts()
    with Reader(layout="page", registry=parts.registry()) as reader:
        page = reader.read(draw(*LINES[:4]))
    assert parts.recognizer.calls == [4]
    assert page.notes == ()


def test_a_single_line_turns_no_page() -> None:
    page = read(draw(("A", 20, 20, 90, 20, 2)))
    assert page.notes == ("1 line is upside down and read turned",)


def test_every_character_has_a_vote_that_counts_as_it_was_read() -> None:
    assert page_turn([]) == 0
    assert page_turn([line("much text", 0.9, 2), line("short", 0.9), line("words", 0.9, 2)]) == 2
    assert page_turn([line("much text", 0.9), line("short", 0.9, 2)]) == 0
    assert page_turn([line("much text", 0.2), line("short", 0.9, 3), line("words", 0.9, 3)]) == 3
    assert page_turn([line("1", 0.9, 1), line("2", 0.9, 1), line("3", 0.9, 1)]) == 0
    assert page_turn([line("是是非非之士", 0.9, 1), line("人一見而", 0.9, 1)]) == 0
    assert page_turn([line("是是非非之士", 0.9, 3), line("人一見而", 0.9, 3)]) == 3
    assert page_turn([line("half", 0.9, 1), line("half", 0.9, 2), line("half", 0.9)]) == 0


def test_a_page_is_upright_if_lines_that_read_well_say_so() -> None:
    assert is_upright([line("much text", 0.95), line("more", 0.95), line("odd", 0.6)])
    assert not is_upright([line("much text", 0.95), line("odd", 0.6)])
    assert not is_upright([line("ab", 0.95), line("cd", 0.95), line("much of it reads badly", 0.8)])


def test_what_was_found_beside_the_lines_stays_where_it_is() -> None:
    image = draw(*LINES)
    image[150:180, 20:60] = PINK
    turned = np.ascontiguousarray(np.rot90(image, 2))
    with Reader(layout="page", finders=["pink"], registry=Parts().registry()) as reader:
        page = reader.read(turned)
    assert TURNED.format(180) in page.notes
    (item,) = page.items
    assert item.quad.tolist() == [[240, 20], [280, 20], [280, 50], [240, 50]]


def test_short_numbers_that_are_no_longer_than_high_do_not_keep_a_page_on_its_side() -> None:
    days = [
        replace(line("12", 0.99), view=View(rectangle(20, 24), np.zeros((24, 20, 3), np.uint8)))
        for _ in range(30)
    ]
    assert page_turn([line("Monday", 0.9, 3), line("Tuesday", 0.9, 3), *days]) == 3
