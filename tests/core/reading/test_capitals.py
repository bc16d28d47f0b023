"""A lone x that was read as a capital."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.page.geometry import rectangle
from ocrx.page.views import View
from ocrx.reading.capitals import write_small
from ocrx.reading.pipeline import Candidate, Work
from ocrx.types import Match, Text


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


def test_what_was_read_under_a_pattern_stays() -> None:
    spans = ((0.0, 0.33), (0.33, 0.66), (0.66, 1.0))
    text = Text(tuple("3 X"), (0.9,) * 3, spans, Match(".*", 1.0, "3 X"))
    assert written(text, 20, 0, 15) == "3 X"
