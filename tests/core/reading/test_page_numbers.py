"""Page numbers that the detector overlooks, from picture to line."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.reading.page_numbers import FOUND
from ocrx.reading.reader import Reader
from ocrx.types import Image, Text
from support.fakeparts import Box, ColourRecognizer, Parts, draw

LINES: tuple[Box, ...] = tuple(("A", 20, 60 + 30 * i, 200, 24, 0) for i in range(8))
FAINT = 140  # ink that the detector does not see


class Numbers(ColourRecognizer):
    """Reads crops without a coloured line in them as `text`."""

    def __init__(self, text: str, score: float) -> None:
        super().__init__()
        self.text = text, score

    def _crop(self, crop: Image) -> Text:
        if np.ptp(crop.astype(int), axis=2).any():
            return super()._crop(crop)
        return Text.uniform(*self.text)


@pytest.mark.parametrize(
    ("text", "score", "read"),
    [("12", 0.95, True), ("- 12 -", 0.95, True), ("12", 0.8, False), ("of", 0.95, False)],
)
def test_a_number_in_the_margin_is_read(text: str, score: float, read: bool) -> None:
    image = draw(*LINES, size=(260, 400))
    image[370:384, 120:128] = FAINT
    registry = Parts(recognizer=Numbers(text, score)).registry()
    with Reader(layout="page", registry=registry, orienter=None) as reader:
        page = reader.read(image)
    assert len(page.lines) == 8 + read
    assert (page.lines[-1].text == text) == read
    assert page.notes == ((FOUND,) if read else ())
