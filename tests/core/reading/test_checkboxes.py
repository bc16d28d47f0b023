"""Checkboxes, from the picture into the lines."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocrx.page.geometry import rectangle
from ocrx.page.views import View
from ocrx.reading.checkboxes import read_checkboxes
from ocrx.reading.pipeline import Candidate, Work
from ocrx.types import Text, frozen_quad

BOX = 20
WIDE = 20  # of a character


def read(*lines: tuple[str, int], boxes: tuple[int, ...]) -> list[str]:
    """What is written of lines that begin at those places, on a page with boxes at others."""
    image = np.full((40, 400, 3), 255, np.uint8)
    for x in boxes:
        cv2.rectangle(image, (x, 10), (x + BOX, 10 + BOX), (0, 0, 0), 1)
    work = Work("", 0, image, 400, 40)
    for text, x in lines:
        quad = frozen_quad(rectangle(WIDE * len(text), 30) + np.array([x, 5]))
        crop = image[5:35, x : x + WIDE * len(text)]
        work.candidates.append(Candidate(View(quad, crop), 1.0, text=Text.uniform(text, 0.9)))
    read_checkboxes([work])
    return [one.text.text for one in sorted(work.candidates, key=lambda one: one.quad[:, 0].mean())]


@pytest.mark.parametrize("taken_for", ["1 ", "因 ", "", "D "])
def test_a_box_before_a_line_is_written_in_place_of_what_was_read(taken_for: str) -> None:
    x = 60 - WIDE * len(taken_for)
    assert read((f"{taken_for}yes", x), boxes=(20,)) == ["☐", "yes"]


def test_a_single_character_in_a_box_goes() -> None:
    assert read(("0", 18), ("yes", 60), boxes=(20,)) == ["☐", "yes"]


def test_a_box_within_a_line_is_written_there() -> None:
    assert read(("yes D no", 40), boxes=(120,)) == ["yes ☐ no"]
    assert read(("yes  no", 40), boxes=(110,)) == ["yes ☐ no"]


def test_a_square_letter_within_a_word_is_none() -> None:
    assert read(("A 10O-I", 20), boxes=(100,)) == ["A 10O-I"]


def test_boxes_beside_chinese_are_characters() -> None:
    assert read(("口 人工", 20), boxes=(20,)) == ["口 人工"]
