"""Page numbers in the margins of a page."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.page.folios import find_page_numbers
from support.pages import box

LINES = [box(40, 120 + 30 * i, 300, 24) for i in range(10)]
"""From 120 to 414 of a page of 400 x 600."""

DIGIT = 8, 14


def page(*digits: tuple[int, int]) -> np.ndarray:
    """A page with text in its lines, and digits whose top left corners are at these places."""
    image = np.full((600, 400, 3), 240, dtype=np.uint8)
    for quad in LINES:
        (x0, y0), (x1, y1) = quad[0].astype(int), quad[2].astype(int)
        image[y0 + 5 : y1 - 5, x0:x1:4] = 30
    for x, y in digits:
        image[y : y + DIGIT[1], x : x + DIGIT[0]] = 30
    return image


@pytest.mark.parametrize("top", [20, 560])
def test_what_stands_alone_in_a_margin_is_found(top: int) -> None:
    (found,) = find_page_numbers(page((195, top), (206, top)), LINES, [])
    left, right = found[0, 0], found[2, 0]
    assert left < 195 - DIGIT[0] < 214 + DIGIT[0] < right
    assert found[0, 1] < top < top + DIGIT[1] < found[2, 1]


@pytest.mark.parametrize(
    "digits",
    [
        [(195, 440)],  # not in the margin
        [(30 * i + 20, 560) for i in range(5)],  # no margin
        [(195 + 9 * i, 560) for i in range(12)],  # no number
        [(195, 586)],  # cut off
    ],
)
def test_nothing_else_is_found(digits: list[tuple[int, int]]) -> None:
    assert find_page_numbers(page(*digits), LINES, []) == []


def test_a_margin_begins_beyond_all_that_was_found_already() -> None:
    number = box(190, 555, 30, 24)
    assert find_page_numbers(page((195, 560), (206, 560)), LINES, [number]) == []


def test_a_picture_of_few_lines_is_no_page() -> None:
    assert find_page_numbers(page((195, 560)), LINES[:7], []) == []
