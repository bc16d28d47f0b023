"""Signs that stand alone in a row, from picture to line."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocrx.reading.lone_marks import FOUND
from ocrx.reading.reader import Reader
from ocrx.types import Image, Page, Text
from support.fakeparts import Box, ColourRecognizer, Parts, draw

TABLE: tuple[Box, ...] = (
    ("A", 20, 20, 80, 24, 0),
    ("B", 160, 20, 80, 24, 0),
    ("C", 20, 60, 80, 24, 0),
    ("D", 20, 100, 80, 24, 0),
)
FAINT = 140  # ink that the detector does not see


class Signs(ColourRecognizer):
    """Reads crops without a coloured line in them as `sign`."""

    def __init__(self, sign: str, score: float = 0.8) -> None:
        super().__init__()
        self.sign = sign, score

    def _crop(self, crop: Image) -> Text:
        if np.ptp(crop.astype(int), axis=2).any():
            return super()._crop(crop)
        return Text((self.sign[0],), (self.sign[1],), ((0, 1),))


def read(image: Image, recognizer: ColourRecognizer) -> Page:
    registry = Parts(recognizer=recognizer).registry()
    with Reader(layout="page", registry=registry, orienter=None) as reader:
        return reader.read(image)


def test_a_dash_that_the_detector_overlooks_is_read_in_its_row() -> None:
    image = draw(*TABLE)
    image[70:73, 196:204] = FAINT
    page = read(image, Signs("1", 0.99))
    assert page.text == "A A B B\nC C -\nD D"
    assert page.notes == (FOUND,)
    dash = page.lines[3]
    assert dash.words[0].quad[:, 0].tolist() == pytest.approx([196, 204, 204, 196], abs=1)
    assert dash.detection_score == 0


@pytest.mark.parametrize(("size", "bullet"), [(4, "•"), (6, "●")])
def test_bullets_are_read_before_the_lines_of_a_list(size: int, bullet: str) -> None:
    lines = [(name, 88, 20 + 40 * i, 80, 24, 0) for i, name in enumerate("ABC")]
    image = draw(*lines)
    for i in range(3):
        cv2.circle(image, (20, 32 + 40 * i), size, (FAINT, FAINT, FAINT), -1)
    assert read(image, Signs("•", 0.3)).text == f"{bullet} A A\n{bullet} B B\n{bullet} C C"


@pytest.mark.parametrize(("letter", "read_as"), [("H", "H"), ("O", "•")])
def test_a_clear_letter_in_a_column_is_no_bullet_however_dark(letter: str, read_as: str) -> None:
    """As the flags H and L beside figures in small print."""
    lines = [(name, 88, 20 + 40 * i, 80, 24, 0) for i, name in enumerate("ABCD")]
    image = draw(*lines)
    for i in range(3):
        image[28 + 40 * i : 36 + 40 * i, 16:24] = 100  # the detector sees it
    found = read(image, Signs(letter, 0.97)).text
    assert found == f"{read_as} A A\n{read_as} B B\n{read_as} C C\nD D"


def test_a_long_dash_stays_long() -> None:
    image = draw(*TABLE)
    image[70:73, 192:208] = FAINT
    assert read(image, Signs("1")).text == "A A B B\nC C —\nD D"


@pytest.mark.parametrize(
    ("sign", "score", "read_as"),
    [
        ("+", 0.8, " +"),
        ("十", 0.8, " +"),
        ("+", 0.7, ""),
        ("7", 0.95, " 7"),
        ("7", 0.8, ""),
        ("7", 0.4, ""),
        (".", 0.9, ""),
    ],
)
def test_other_signs_are_what_is_read_unless_they_are_stains(
    sign: str, score: float, read_as: str
) -> None:
    image = draw(*TABLE)
    image[68:76, 199:201] = image[71:73, 195:205] = FAINT
    assert read(image, Signs(sign, score)).text == f"A A B B\nC C{read_as}\nD D"


def test_beside_a_plus_a_long_dash_is_a_minus() -> None:
    image = draw(*TABLE, ("E", 180, 100, 24, 24, 0))
    image[70:73, 192:208] = FAINT

    class Plus(Signs):
        def _crop(self, crop: Image) -> Text:
            text = super()._crop(crop)
            return Text(("+",), (0.99,), ((0, 1),)) if text.text.startswith("E") else text

    assert read(image, Plus("1")).text == "A A B B\nC C -\nD D +"


def test_a_plus_that_reads_badly_stays_where_others_are() -> None:
    image = draw(*TABLE, ("E", 180, 100, 24, 24, 0))
    image[68:76, 199:201] = image[71:73, 195:205] = FAINT

    class Pluses(Signs):
        def _crop(self, crop: Image) -> Text:
            text = super()._crop(crop)
            return Text.uniform("++", 0.9) if text.text.startswith("E") else text

    assert read(image, Pluses("+", 0.6)).text == "A A B B\nC C +\nD D ++"


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("十二", "+="),
        ("一十", "-+"),
        ("十t", "十t"),
        ("十月", "十月"),
        ("+1-", "+/-"),
        ("+1-8", "+1-8"),
    ],
)
def test_words_of_nothing_but_lookalikes_are_signs(text: str, read_as: str) -> None:
    class Sums(ColourRecognizer):
        def _crop(self, crop: Image) -> Text:
            one = super()._crop(crop)
            return Text.uniform(text, 0.9) if one.text.startswith("D") else one

    assert read(draw(*TABLE), Sums()).text.splitlines()[-1] == read_as


@pytest.mark.parametrize(("text", "kept"), [("14", True), ("e", False), ("+", False)])
def test_in_no_column_of_the_last_row_only_a_number_is_found(text: str, kept: bool) -> None:
    image = draw(*TABLE, ("E", 20, 176, 80, 20, 0))
    image[182:190, 280:284] = FAINT
    assert (text in read(image, Signs(text, 0.95)).text) == kept


@pytest.mark.parametrize(("text", "kept"), [("CHAT", True), ("7", False), ("++", False)])
def test_in_a_photograph_only_words_are_found(text: str, kept: bool) -> None:
    class Photograph(Signs):
        def _crop(self, crop: Image) -> Text:
            one = super()._crop(crop)
            return Text.uniform(text, 0.95) if one.text == "!" else one

    image = draw(*TABLE)
    image[50:110, 170:230:2] = 200  # the detector sees ink of less than 128 only
    image[66:78, 188:212] = 255
    image[68:76, 199:201] = image[71:73, 195:205] = FAINT
    assert (text in read(image, Photograph("!")).text) == kept


@pytest.mark.parametrize(
    ("sign", "score", "kept"), [("_", 0.7, False), ("31", 0.7, False), ("7", 0.95, True)]
)
def test_a_huge_character_that_reads_badly_is_a_photograph(
    sign: str, score: float, kept: bool
) -> None:
    class Photograph(ColourRecognizer):
        def _crop(self, crop: Image) -> Text:
            return Text.uniform(sign, score) if len(crop) > 100 else super()._crop(crop)

    image = draw(*TABLE, ("E", 300, 20, 150, 150, 0), size=(500, 200))
    page = read(image, Photograph())
    assert (sign in page.text) == kept
    assert bool(page.notes) != kept


@pytest.mark.parametrize(
    ("sign", "score", "kept"), [("e", 0.55, False), ("e", 0.65, True), ("0", 0.55, True)]
)
def test_beside_words_a_single_character_that_reads_very_badly_is_none(
    sign: str, score: float, kept: bool
) -> None:
    class Emoji(ColourRecognizer):
        def _crop(self, crop: Image) -> Text:
            one = super()._crop(crop)
            return Text.uniform(sign, score) if one.text.startswith("E") else one

    page = read(draw(*TABLE, ("E", 20, 140, 24, 24, 0)), Emoji())
    assert (sign in page.text) == kept


def test_on_a_page_of_single_characters_clear_ones_stand_for_words() -> None:
    class Singles(Signs):
        def _crop(self, crop: Image) -> Text:
            text = super()._crop(crop)
            return Text(text.chars[:1], text.scores[:1], ((0, 1),))

    image = draw(*TABLE)
    image[70:73, 196:204] = FAINT
    assert read(image, Singles("1", 0.99)).text == "A B\nC -\nD"


@pytest.mark.parametrize(
    ("others", "found"), [("ABCD", "O I"), ("4567", "0 1"), ("A4BC", "0"), ("ABC", "0")]
)
def test_what_looks_like_a_letter_and_a_digit_is_as_the_rest_of_the_page(
    others: str, found: str
) -> None:
    class Singles(Signs):
        def _crop(self, crop: Image) -> Text:
            text = super()._crop(crop)
            sign = text.chars[0].replace("o", "0")
            return Text((sign,), (0.6 if sign == "1" else 0.95,), ((0, 1),))

    image = draw(
        ("o", 20, 140, 24, 24, 0), *((c, 20 + 50 * i, 20, 24, 24, 0) for i, c in enumerate(others))
    )
    image[144:160, 80:84] = FAINT
    assert read(image, Singles("1")).text == f"{' '.join(others)}\n{found}"


def test_a_single_character_that_reads_badly_is_read_again_as_high_as_its_row() -> None:
    image = draw(*TABLE)
    image[70:73, 196:204] = 100  # the detector sees it, as flat as it is
    page = read(image, Signs("I", 0.9))
    assert page.text == "A A B B\nC C -\nD D"
    assert page.lines[3].detection_score == 0.8


def test_beside_chinese_a_bar_is_what_the_recognizer_says() -> None:
    class Chinese(Signs):
        def _crop(self, crop: Image) -> Text:
            text = super()._crop(crop)
            return (
                Text(("字", *text.chars[1:]), text.scores, text.spans) if text.chars[1:] else text
            )

    image = draw(*TABLE)
    image[70:73, 192:208] = FAINT
    assert "一" in read(image, Chinese("一")).text
