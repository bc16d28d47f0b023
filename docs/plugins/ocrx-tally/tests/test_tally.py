"""Tally marks are counted, each where it stands."""

from __future__ import annotations

import numpy as np

from ocrx.testing import RecognizerContract
from ocrx.types import Image
from ocrx_tally import TallyRecognizer


def strokes(*columns: int) -> Image:
    crop = np.full((40, 100, 3), 255, np.uint8)
    for column in columns:
        crop[4:36, column : column + 4] = 0
    return crop


class TestContract(RecognizerContract):
    def make(self) -> TallyRecognizer:
        return TallyRecognizer()

    def pictures(self) -> list[Image]:
        return [strokes(10), strokes(10, 50), strokes(10, 50, 80)]

    def expected(self) -> list[tuple[Image, str]]:
        return [(strokes(10), "|"), (strokes(10, 50, 80), "|||")]


def test_every_stroke_is_counted_where_it_stands() -> None:
    (text,) = TallyRecognizer().recognize([strokes(10, 50)])
    assert text.text == "||"
    assert np.allclose(text.spans, [(0.10, 0.14), (0.50, 0.54)])


def test_a_blank_and_a_black_crop() -> None:
    blank, black = np.full((40, 100, 3), 255, np.uint8), np.zeros((40, 100, 3), np.uint8)
    assert [text.text for text in TallyRecognizer().recognize([blank, black])] == ["", "|"]
