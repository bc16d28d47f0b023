"""Numbers that the detector found in pieces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ocrx.page.geometry import rectangle
from ocrx.page.views import View
from ocrx.reading.calling import Held
from ocrx.reading.pieces import read_pieces
from ocrx.reading.pipeline import Candidate, Work
from ocrx.types import Image, Text, frozen_quad
from support.fakeparts import ColourRecognizer

HIGH = 30


class Whole(ColourRecognizer):
    """Reads every crop as the same text."""

    def __init__(self, text: str, score: float = 0.95) -> None:
        super().__init__()
        self.text = Text.uniform(text, score)

    def _crop(self, crop: Image) -> Text:
        return self.text


def read(pieces: Sequence[tuple[str, float, float]], whole: str, score: float = 0.95) -> list[str]:
    """What a row of pieces, each with its left and right edge, becomes if a crop of all of it reads
    as `whole`. There is a bar in the pixels from 20 to 30."""
    image = np.full((60, 300, 3), 255, np.uint8)
    image[29:32, 20:30] = 0
    work = Work("", 0, image, 300, 60)
    for text, x0, x1 in pieces:
        quad = frozen_quad(rectangle(x1 - x0, HIGH) + np.array([x0, 15]))
        view = View(quad, image[15 : 15 + HIGH, int(x0) : int(x1)])
        work.candidates.append(Candidate(view, 1.0, text=Text.uniform(text, 0.95)))
        image[18:42, int(x0) + 4 : int(x0) + 8] = 0
    recognizer = Whole(whole, score)
    read_pieces([work], Held(recognizer, "whole"))
    return [one.text.text for one in work.candidates]


@pytest.mark.parametrize(
    ("pieces", "whole"),
    [
        ([("91", 100, 140), ("7", 146, 165)], "91.7"),
        ([("78", 100, 140), ("■", 142, 148), ("4", 152, 170)], "78.4"),
        ([("78.", 100, 148), ("4", 152, 170)], "78. 4"),
        ([("12", 100, 140), ("30", 150, 190), ("59", 200, 240)], "12:30:59"),
        ([("18.2", 32, 100)], "-18.2"),
    ],
)
def test_pieces_with_a_sign_between_them_are_one_number(
    pieces: list[tuple[str, float, float]], whole: str
) -> None:
    assert read(pieces, whole) == [whole.replace(" ", "")]


@pytest.mark.parametrize(
    ("pieces", "whole"),
    [
        ([("12", 100, 140), ("34.5", 150, 200)], "1234.5"),
        ([("12", 100, 140), ("34.5", 150, 200)], "12 34.5"),
        ([("12", 100, 140), ("34", 150, 190)], "12.84"),
        ([("12", 100, 140), ("34", 160, 200)], "12.34"),
        ([("-", 80, 95), ("29", 100, 128)], "- 29"),
        ([("ab", 100, 140), ("34", 145, 180)], "ab.34"),
        ([("18.2", 32, 100)], "18.2"),
        ([("18.2", 60, 130)], "-18.2"),
    ],
)
def test_other_neighbours_stay_apart(pieces: list[tuple[str, float, float]], whole: str) -> None:
    assert read(pieces, whole) == [text for text, *_ in pieces]


def test_what_reads_worse_as_a_whole_stays_in_pieces() -> None:
    assert read([("91", 100, 140), ("7", 146, 165)], "91.7", 0.8) == ["91", "7"]
