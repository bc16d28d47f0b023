"""A lone x that was read as a capital."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.page.geometry import rectangle
from ocrx.page.views import View
from ocrx.reading.capitals import write_small
from ocrx.reading.pipeline import Candidate, Work
from ocrx.types import Match, Text, frozen_quad


def written(text: Text, *heights: int) -> str:
    """What a line is written as whose characters have ink of these heights."""
    crop = np.full((30, 10 * len(heights), 3), 255, np.uint8)
    for place, height in enumerate(heights):
        crop[25 - height : 25, 10 * place + 3 : 10 * place + 7] = 0
    candidate = Candidate(View(rectangle(crop.shape[1], 30), crop), 1.0, text=text)
    write_small([Work("", 0, crop, crop.shape[1], 30, candidates=[candidate])])
    return candidate.text.text


@pytest.mark.parametrize(
    ("read", "heights", "small"),
    [
        ("3 X 45", (20, 0, 15, 0, 20, 20), "3 x 45"),
        ("3 X 45", (20, 0, 19, 0, 20, 20), "3 X 45"),
        ("3 XX 5", (20, 0, 15, 15, 0, 20), "3 XX 5"),
        ("3 S 45", (20, 0, 15, 0, 20, 20), "3 S 45"),
        ("a X", (15, 0, 15), "a X"),
    ],
)
def test_a_lone_x_lower_than_digits_is_small(
    read: str, heights: tuple[int, ...], small: str
) -> None:
    assert written(Text.uniform(read, 0.9), *heights) == small


@pytest.mark.parametrize(("height", "row", "read"), [(15, 15, "x"), (19, 15, "X"), (15, 90, "X")])
def test_one_that_is_alone_is_measured_by_its_row(height: int, row: int, read: str) -> None:
    image = np.full((120, 100, 3), 255, np.uint8)
    work = Work("", 0, image, 100, 120)
    for text, top, left, high in (("X", 0, 5, height), ("12", row - 15, 50, 20)):
        for place in range(len(text)):
            image[top + 25 - high : top + 25, left + 10 * place + 3 : left + 10 * place + 7] = 0
        crop = image[top : top + 30, left : left + 10 * len(text)]
        quad = frozen_quad(rectangle(10 * len(text), 30) + np.array([left, top]))
        work.candidates.append(Candidate(View(quad, crop), 1.0, text=Text.uniform(text, 0.9)))
    write_small([work])
    assert work.candidates[0].text.text == read


def test_what_was_read_under_a_pattern_stays() -> None:
    spans = ((0.0, 0.33), (0.33, 0.66), (0.66, 1.0))
    text = Text(tuple("3 X"), (0.9,) * 3, spans, Match(".*", 1.0, "3 X"))
    assert written(text, 20, 0, 15) == "3 X"
