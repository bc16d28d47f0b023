"""The spaces around a multiplication sign."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.page.geometry import rectangle
from ocrx.page.views import View
from ocrx.reading.pipeline import Candidate, Work
from ocrx.reading.products import write_products
from ocrx.types import Match, Text

HIGH = 20
WIDE = 10


def written(text: str, gaps: dict[int, int], match: Match | None = None) -> str:
    """What a line is written as whose characters are so many pixels apart, 2 if `gaps` says nothing
    of the place before one."""
    crop = np.full((30, 400, 3), 255, np.uint8)
    x, spans = 5, []
    for place, char in enumerate(text):
        x += gaps.get(place, 2)
        if char != " ":
            crop[5 : 5 + HIGH, x : x + WIDE] = 0
        spans.append(((x - 1) / 400, (x + WIDE + 1) / 400))
        x += WIDE
    read = Text(tuple(text), (0.9,) * len(text), tuple(spans), match)
    candidate = Candidate(View(rectangle(400, 30), crop), 1.0, text=read)
    write_products([Work("", 0, crop, 400, 30, candidates=[candidate])])
    assert len(candidate.text.spans) == len(candidate.text.chars)
    return candidate.text.text


@pytest.mark.parametrize(
    ("text", "gaps", "spaced"),
    [
        ("2×4.50", {1: 8, 2: 8}, "2 × 4.50"),
        ("2×4.50", {1: 6, 2: 6}, "2×4.50"),
        ("2×3×4", {1: 9, 2: 9, 3: 3, 4: 3}, "2 × 3×4"),
        ("2 ×3", {3: 5}, "2 × 3"),
        ("2 ×3", {3: 3}, "2 ×3"),
        ("a×b", {1: 9, 2: 9}, "a×b"),
        ("2-3", {1: 9, 2: 9}, "2-3"),
    ],
)
def test_a_sign_apart_from_its_numbers_has_spaces(
    text: str, gaps: dict[int, int], spaced: str
) -> None:
    assert written(text, gaps) == spaced


def test_what_was_read_under_a_pattern_stays() -> None:
    assert written("2×3", {1: 9, 2: 9}, Match(".*", 1.0, "2×3")) == "2×3"
