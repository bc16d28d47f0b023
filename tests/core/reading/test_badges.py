"""Counts in coloured badges, from picture to line."""

from __future__ import annotations

import numpy as np
import PIL.Image
import PIL.ImageDraw
import pytest

from ocrx.reading.reader import Reader
from ocrx.types import Image, Page, Text
from support.fakeparts import Box, ColourRecognizer, Parts, draw

LINES: tuple[Box, ...] = tuple(("A", 20, 20 + 40 * i, 120, 24, 0) for i in range(3))
RED = (229, 57, 53)


class Counts(ColourRecognizer):
    """Reads a crop that shows nothing but a badge as `text`, and one of a badge and what is around
    it as `seen`."""

    def __init__(self, text: str, score: float, seen: str = "") -> None:
        super().__init__()
        self.text = text, score
        self.seen = Text.uniform(seen, 0.9) if seen else Text()

    def _crop(self, crop: Image) -> Text:
        if not (crop == RED).all(axis=2).any():
            return super()._crop(crop)
        return Text.uniform(*self.text) if (crop[0, 0] == RED).all() else self.seen


def read_with(recognizer: Counts) -> Page:
    """Three lines, read with a recogniser, the second of which has a badge behind it."""
    picture = PIL.Image.fromarray(draw(*LINES))
    ink = PIL.ImageDraw.Draw(picture)
    ink.ellipse((200, 60, 225, 85), RED)
    ink.rectangle((210, 67, 215, 78), "white")
    registry = Parts(recognizer=recognizer).registry()
    with Reader(layout="page", registry=registry, orienter=None) as reader:
        return reader.read(np.asarray(picture))


@pytest.mark.parametrize(
    ("text", "score", "read"),
    [("7", 0.95, True), ("9+", 0.95, True), ("7", 0.8, False), ("i", 0.99, False), ("0", 1, False)],
)
def test_a_count_beside_a_line_is_read(text: str, score: float, read: bool) -> None:
    page = read_with(Counts(text, score))
    assert page.text.split("\n") == ["A A", f"A A {text}" if read else "A A", "A A"]
    assert bool(page.notes) != read


@pytest.mark.parametrize(("seen", "read"), [("0", "7"), ("12", "12")])
def test_a_badge_taken_for_a_ring_is_read_again(seen: str, read: str) -> None:
    assert read_with(Counts("7", 0.95, seen)).text.split("\n")[1] == f"A A {read}"
