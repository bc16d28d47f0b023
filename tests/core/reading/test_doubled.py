"""Characters in two boxes of a row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ocrx.page.views import View
from ocrx.reading.doubled import read_once
from ocrx.reading.pipeline import Candidate, Work
from ocrx.reading.reader import Reader
from ocrx.types import Image, Region, Text, frozen_quad
from support.fakeparts import ColourDetector, Parts, draw

CROP = np.zeros((20, 20, 3), dtype=np.uint8)


def line(text: str, x0: float, x1: float, y: float = 0, score: float = 0.9) -> Candidate:
    """A line whose characters are equally wide."""
    quad = frozen_quad([[x0, y], [x1, y], [x1, y + 20], [x0, y + 20]])
    return Candidate(View(quad, CROP), 0.9, text=Text.uniform(text, score))


def texts(*lines: Candidate) -> list[str]:
    picture = np.zeros((100, 400, 3), dtype=np.uint8)
    read_once([Work("a.png", 0, picture, 400, 100, candidates=list(lines))])
    return [one.text.text for one in lines]


@pytest.mark.parametrize("first", [True, False])
def test_a_character_in_two_boxes_is_kept_where_it_reads_better(first: bool) -> None:
    left, right = line("+26", 0, 60), line("6 174", 40, 140, 2, 0.8 if first else 1.0)
    expected = ["+26", "174"] if first else ["+2", "6 174"]
    assert texts(right, left) == expected[::-1]
    inked = right.text if first else left.text
    assert inked.spans[0][0] == pytest.approx(0.4 if first else 0.0)


@pytest.mark.parametrize(
    "right",
    [
        line("8 174", 40, 140),  # another character
        line("6 174", 40, 140, 15),  # another row
        line("6 174", 57, 157),  # only the margins overlap
        line("6", 42, 58),  # inside the other
    ],
)
def test_what_is_there_twice_is_kept_twice(right: Candidate) -> None:
    assert texts(line("+26", 0, 60), right) == ["+26", right.text.text]


def test_a_line_that_is_found_twice_is_on_the_page_once() -> None:
    class Twice(ColourDetector):
        def _page(self, page: Image) -> list[Region]:
            (one,) = super()._page(page)
            return [one, replace(one, quad=frozen_quad(one.quad + 2))]

    with Reader(layout="page", registry=Parts(detector=Twice()).registry()) as reader:
        page = reader.read(draw(("A", 20, 20, 80, 24, 0)))
    assert page.text == "A A"
    assert not page.notes
