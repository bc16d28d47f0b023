"""The dots that lead from an entry to its number."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.page.geometry import rectangle
from ocrx.page.views import View
from ocrx.reading.leaders import forget_leaders
from ocrx.reading.pipeline import Candidate, Work
from ocrx.types import Text, frozen_quad

WIDE = 10  # of a character


def read(*lines: tuple[str, int], dots: range = range(0)) -> list[str]:
    """What remains of lines that begin at those places. Their letters are black, and so are the
    `dots`."""
    image = np.full((30, 400, 3), 255, np.uint8)
    work = Work("", 0, image, 400, 30)
    for x in dots:
        image[22:25, x : x + 3] = 0
    for text, x in lines:
        for place, char in enumerate(text):
            if char.isalnum() and text != "mm":
                image[8:24, x + WIDE * place + 2 : x + WIDE * place + 8] = 0
        quad = frozen_quad(rectangle(WIDE * len(text), 24) + np.array([x, 4]))
        crop = image[4:28, x : x + WIDE * len(text)]
        work.candidates.append(Candidate(View(quad, crop), 1.0, text=Text.uniform(text, 0.9)))
    forget_leaders([work])
    return [one.text.text for one in work.candidates]


DOTS = range(72, 340, 10)


@pytest.mark.parametrize(
    ("lines", "rest"),
    [
        ([("Soup ..", 20), ("4.50", 340)], ["Soup", "4.50"]),
        ([("Soup.", 20), ("...4.50", 310)], ["Soup", "4.50"]),
        ([("..xii", 320), ("Soup", 20)], ["xii", "Soup"]),
        ([("Soup", 20), ("mm", 150), ("€ 4", 340)], ["Soup", "€ 4"]),
        ([("Soup" + "." * 28 + "4.50", 20)], ["Soup 4.50"]),
        ([("Soup ..", 20), ("XI", 375)], ["Soup", "XI"]),
    ],
)
def test_dots_between_an_entry_and_its_number_go(
    lines: list[tuple[str, int]], rest: list[str]
) -> None:
    assert read(*lines, dots=DOTS) == rest


def test_other_dots_stay() -> None:
    lines = ("Soup.", 20), ("4.50", 340)
    assert read(*lines) == ["Soup.", "4.50"]  # the end of a sentence
    assert read(*lines, dots=range(140, 180, 10)) == ["Soup.", "4.50"]
    assert read(("Name ..", 20), ("Date", 340), dots=DOTS) == ["Name ..", "Date"]
    assert read(("Soup" + "." * 28 + "4.50", 20)) == ["Soup" + "." * 28 + "4.50"]  # faint ones
    assert read(("Soup" + "-" * 6 + "4.50", 20), dots=range(62, 122)) == ["Soup------4.50"]
