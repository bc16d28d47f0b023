"""Lines that are read again in another view."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ocrx.names import Layout
from ocrx.page.geometry import rectangle, turned
from ocrx.page.views import View
from ocrx.reading.calling import Held
from ocrx.reading.pipeline import Candidate, Work
from ocrx.reading.reader import Reader
from ocrx.reading.second_look import follow_neighbours, reads_both_ways
from ocrx.types import Image, Orientation, Page, Text, frozen_quad
from support.fakeparts import ColourOrienter, ColourRecognizer, Parts, draw, line

STRIPES = 20  # pixels that a line is high


def loose(above: int, below: int) -> Image:
    """Stripes with room above and below."""
    image = np.full((above + STRIPES + below, 90, 3), 255, dtype=np.uint8)
    image[above : above + STRIPES, ::4] = 0
    return image


class Tight(ColourRecognizer):
    """Reads the height of a crop, the better the tighter it is."""

    least = 1.0

    def recognize(self, crops: Sequence[Image]) -> list[Text]:
        self.calls.append(len(crops))
        return [self._height(len(crop)) for crop in crops]

    def _height(self, height: int) -> Text:
        chars = tuple(str(height))
        scores = (min(1.0, STRIPES / height), *(self.least,) * (len(chars) - 1))
        spans = tuple((i / len(chars), (i + 1) / len(chars)) for i in range(len(chars)))
        return Text(chars, scores, spans)


def read(image: Image, recognizer: ColourRecognizer, layout: Layout = "line") -> Page:
    registry = Parts(recognizer=recognizer).registry()
    with Reader(layout=layout, orienter=None, min_score=0, registry=registry) as reader:
        return reader.read(image)


def test_a_doubtful_line_is_read_again_in_its_own_rows() -> None:
    recognizer = Tight()
    page = read(loose(12, 4), recognizer)
    assert recognizer.calls == [1, 1]
    (one,) = page.lines
    top, bottom = one.quad[0, 1], one.quad[3, 1]
    assert 8 <= top <= 12
    assert 12 + STRIPES <= bottom <= 36
    assert one.text == str(round(bottom - top))


def test_a_line_that_reads_well_is_read_once() -> None:
    recognizer = Tight()
    assert read(loose(1, 1), recognizer).text == "22"
    assert recognizer.calls == [1]


def test_a_line_with_much_room_is_read_again_however_sure_it_seems() -> None:
    class Sure(Tight):
        def _height(self, height: int) -> Text:
            return Text.uniform(str(height), 0.95 if height > 40 else 0.99)

    recognizer = Sure()
    assert int(read(loose(40, 40), recognizer).text) < 40
    assert recognizer.calls == [1, 1]


def test_the_first_reading_stays_if_it_is_the_better() -> None:
    class Roomy(Tight):
        def _height(self, height: int) -> Text:
            return Text.uniform(str(height), 0.6 if height == 36 else 0.5)

    page = read(loose(12, 4), Roomy())
    assert page.text == "36"
    assert page.lines[0].quad.tolist() == [[0, 0], [90, 0], [90, 36], [0, 36]]


def test_lines_that_a_detector_found_are_not_cut_again() -> None:
    recognizer = Tight()
    picture = np.full((200, 300, 3), 255, dtype=np.uint8)
    picture[50:90, 50:200] = 0
    read(picture, recognizer, layout="page")
    assert recognizer.calls == [1]


@pytest.mark.parametrize("score", [0.55, 0.99])
def test_what_is_taken_for_upside_down_is_read_both_ways(score: float) -> None:
    class Unsure(ColourOrienter):
        def orient(self, crops: Sequence[Image]) -> list[Orientation]:
            return [Orientation(180, score) for _ in crops]

    parts = Parts()
    parts.orienter = Unsure()
    for quarters in (0, 2):
        with Reader(layout="line", registry=parts.registry()) as reader:
            page = reader.read(line("A", 90, 20, quarters))
        assert page.lines[0].score == pytest.approx(0.95)


@pytest.mark.parametrize(
    ("text", "turned", "both"),
    [
        ("8966", "9968", True),
        ("SOS pod", "pod SOS", True),
        ("89%", "%68", True),
        ("MHz", "ZHW", True),
        ("8966", "9988", False),
        ("5", "5", False),
        ("Total", "lato1", False),
    ],
)
def test_some_texts_read_the_same_upside_down(text: str, turned: str, both: bool) -> None:
    assert reads_both_ways(text, turned) == both


@pytest.mark.parametrize(("second", "expected"), [("9968", "8966"), ("Total", "Total")])
def test_on_an_upright_page_what_reads_both_ways_is_not_turned(second: str, expected: str) -> None:
    class Digits(ColourRecognizer):
        """Reads A as a number, badly, and turned it reads well."""

        def _crop(self, crop: Image) -> Text:
            text = super()._crop(crop)
            if text.chars[0] != "A":
                return text
            return Text.uniform(
                "8966" if text.scores[0] > 0.9 else second, 0.85 + 0.14 * (text.scores[0] < 0.9)
            )

    class Turned(ColourOrienter):
        def orient(self, crops: Sequence[Image]) -> list[Orientation]:
            return [Orientation(180, 0.99) for _ in crops]

    parts = Parts(recognizer=Digits())
    parts.orienter = Turned()
    image = draw(*((letter, 20, 20 + 40 * row, 90, 24, 0) for row, letter in enumerate("ABCD")))
    with Reader(layout="page", registry=parts.registry()) as reader:
        assert reader.read(image).text.splitlines()[0] == expected


@pytest.mark.parametrize(
    ("count", "letters"), [(4, ("x", "9")), (4, ("°C", "O。")), (1, ("+", "+"))]
)
def test_a_sign_is_not_turned_without_evidence(count: int, letters: tuple[str, str]) -> None:
    class Signs(ColourRecognizer):
        """Reads A as a single character, badly, and turned it reads better."""

        def _crop(self, crop: Image) -> Text:
            text = super()._crop(crop)
            if text.chars[0] != "A":
                return text
            upright = text.scores[0] > 0.9
            return Text.uniform(letters[not upright], 0.6 if upright else 0.95)

    class Turned(ColourOrienter):
        def orient(self, crops: Sequence[Image]) -> list[Orientation]:
            return [Orientation(180, 0.99) for _ in crops]

    parts = Parts(recognizer=Signs())
    parts.orienter = Turned()
    rows = enumerate("ABCD"[:count])
    image = draw(*((letter, 20, 20 + 40 * row, 90, 24, 0) for row, letter in rows))
    with Reader(layout="page", registry=parts.registry()) as reader:
        page = reader.read(image)
    assert page.text.splitlines()[0] == letters[0]
    assert not page.notes


def test_a_single_character_that_reads_well_upright_is_not_laid_on_its_side() -> None:
    class Nine(ColourRecognizer):
        """Reads a tall crop as a 9, and one on its side as a 6, better if it was turned again."""

        def _crop(self, crop: Image) -> Text:
            height, width = crop.shape[:2]
            if height > width:
                return Text.uniform("9", 0.9)
            return Text.uniform("6", 0.5 if super()._crop(crop).score > 0.9 else 0.95)

    class Turned(ColourOrienter):
        def orient(self, crops: Sequence[Image]) -> list[Orientation]:
            return [Orientation(180, 0.99) for _ in crops]

    parts = Parts(recognizer=Nine())
    parts.orienter = Turned()
    with Reader(layout="page", registry=parts.registry()) as reader:
        assert reader.read(draw(("A", 20, 20, 16, 40, 1))).text == "9"


class Otherwise(ColourRecognizer):
    """Reads "other" in any crop, with a certain score."""

    def __init__(self, score: float) -> None:
        super().__init__()
        self.read = Text.uniform("other", score)

    def recognize(self, crops: Sequence[Image]) -> list[Text]:
        return [self.read for _ in crops]


def at(text: str, y: float, quarters: int = 0, width: int = 100) -> Candidate:
    quad = frozen_quad(turned(rectangle(width, 20), quarters) + np.array([0, y]))
    crop = np.zeros((20, width, 3), np.uint8)
    return Candidate(View(quad, crop), 1.0, text=Text.uniform(text, 0.9))


@pytest.mark.parametrize(("score", "expected"), [(0.85, "other"), (0.75, "stray")])
def test_a_line_follows_its_neighbours_if_it_reads_about_as_well(
    score: float, expected: str
) -> None:
    upright = [at(f"upright{i}", 30 * i) for i in range(8)]
    below = [at("first", 500, 2), at("stray", 530), at("second", 560, 2), at("third", 590, 2)]
    work = Work("page", 0, np.zeros((700, 200, 3), np.uint8), 200, 700)
    work.candidates = [*upright, *below]
    follow_neighbours([work], Held(Otherwise(score), "recognizer"))
    texts = [candidate.text.text for candidate in work.candidates]
    assert texts == [*(f"upright{i}" for i in range(8)), "first", expected, "second", "third"]
    assert [c.upside_down for c in below] == [False, expected == "other", False, False]


def test_a_long_line_on_its_side_does_not_follow_its_neighbours() -> None:
    work = Work("page", 0, np.zeros((700, 200, 3), np.uint8), 200, 700)
    work.candidates = [at("one", 0), at("two", 30), at("side", 60, 1), at("word", 90, 1, 40)]
    follow_neighbours([work], Held(Otherwise(0.9), "recognizer"))
    assert [c.text.text for c in work.candidates] == ["one", "two", "side", "other"]
