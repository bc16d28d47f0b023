"""Squares that are the checkboxes of a form."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocrx.page.checkboxes import find_checkboxes
from ocrx.page.geometry import rectangle
from ocrx.types import Image, Quad

LINE: Quad = rectangle(200, 30)
BLACK = (0, 0, 0)


def page() -> Image:
    """A page with a line of strokes from (50, 85) to (250, 115)."""
    image = np.full((200, 300, 3), 255, np.uint8)
    for x in range(52, 250, 12):
        cv2.rectangle(image, (x, 90), (x + 4, 110), BLACK, -1)
    return image


def signs(image: Image) -> str:
    return "".join(box.sign for box in find_checkboxes(image, [LINE + np.array([50, 85])]))


def box(size: int, mark: str = "", x: int = 20) -> Image:
    """The page with a square before its line."""
    image = page()
    left, top, right, bottom = x, 100 - size // 2, x + size, 100 - size // 2 + size
    cv2.rectangle(image, (left, top), (right, bottom), BLACK, -1 if mark == "full" else 1)
    colour = (255, 255, 255) if mark == "full" else BLACK
    off = size // 4
    if mark in ("cross", "stroke"):
        cv2.line(image, (left + off, top + off), (right - off, bottom - off), colour, 2)
    if mark == "cross":
        cv2.line(image, (left + off, bottom - off), (right - off, top + off), colour, 2)
    if mark in ("tick", "full"):
        places = [(0.2, 0.5), (0.4, 0.75), (0.8, 0.25)]
        corners = [(left + round(dx * size), top + round(dy * size)) for dx, dy in places]
        cv2.polylines(image, [np.array(corners)], isClosed=False, color=colour, thickness=2)
    return image


@pytest.mark.parametrize("size", [17, 20, 26])
@pytest.mark.parametrize(
    ("mark", "sign"), [("", "☐"), ("cross", "☒"), ("tick", "☑"), ("full", "☑")]
)
def test_squares_before_a_line_are_checkboxes(size: int, mark: str, sign: str) -> None:
    assert signs(box(size, mark)) == sign
    assert signs(255 - box(size, mark)) == sign


def test_what_looks_like_a_checkbox_is_none() -> None:
    assert signs(box(20, "stroke")) == ""
    assert signs(box(10)) == signs(box(42)) == ""
    assert signs(box(20, x=270)) == "☐" != signs(box(20, x=2)[:, 12:])
    ring, high, letter = page(), page(), page()
    cv2.circle(ring, (32, 100), 10, BLACK, 1)
    cv2.rectangle(high, (22, 90), (36, 110), BLACK, 1)
    cv2.rectangle(letter, (65, 90), (85, 110), BLACK, 1)
    assert signs(ring) == signs(high) == signs(letter) == ""
