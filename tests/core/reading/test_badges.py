"""Counts in coloured badges, from picture to line."""

from __future__ import annotations

import numpy as np
import PIL.Image
import PIL.ImageDraw
import pytest

from ocrx.reading.reader import Reader
from ocrx.types import Image, Text
from support.fakeparts import Box, ColourRecognizer, Parts, draw

LINES: tuple[Box, ...] = tuple(("A", 20, 20 + 40 * i, 120, 24, 0) for i in range(3))
RED = (229, 57, 53)


class Counts(ColourRecognizer):
    """Reads a crop that shows nothing but a badge as `text`, and one of a badge and what is around
    it as nothing."""

    def __init__(self, text: str, score: float) -> None:
        super().__init__()
        self.text = text, score

    def _crop(self, crop: Image) -> Text:
        if not (crop == RED).all(axis=2).any():
            return super()._crop(crop)
        return Text.uniform(*self.text) if (crop[0, 0] == RED).all() else Text()


@pytest.mark.parametrize(
    ("text", "score", "read"),
    [("7", 0.95, True), ("9+", 0.95, True), ("7", 0.8, False), ("i", 0.99, False), ("0", 1, False)],
)
def test_a_count_beside_a_line_is_read(text: str, score: float, read: bool) -> None:
    picture = PIL.Image.fromarray(draw(*LINES))
    ink = PIL.ImageDraw.Draw(picture)
    ink.ellipse((200, 56, 232, 88), RED)
    ink.rectangle((212, 66, 220, 79), "white")
    registry = Parts(recognizer=Counts(text, score)).registry()
    with Reader(layout="page", registry=registry, orienter=None) as reader:
        page = reader.read(np.asarray(picture))
    assert page.text.split("\n") == ["A A", f"A A {text}" if read else "A A", "A A"]
    assert bool(page.notes) != read
