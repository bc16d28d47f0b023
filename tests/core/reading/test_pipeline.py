"""The stages of reading, with components that need no network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from ocrx.errors import PluginError, UsageError
from ocrx.page.bidi import to_logical
from ocrx.reading import pipeline
from ocrx.reading.reader import Reader
from ocrx.types import Image, Page, Region, Text
from support.fakeparts import Box, ColourDetector, ColourRecognizer, Parts, draw, line


def read(image: Image, parts: Parts | None = None, **options: Any) -> Page:
    registry = (parts or Parts()).registry()
    with Reader(registry=registry, **{"layout": "page", **options}) as reader:
        return reader.read(image)


def letters(page: Page) -> str:
    return "".join(one.text[0] for one in page.lines)


LEVEL: tuple[Box, ...] = (
    ("A", 20, 20, 80, 20, 0),
    ("B", 150, 22, 80, 20, 0),
    ("C", 20, 90, 80, 20, 0),
)


def test_a_page_is_read_line_by_line() -> None:
    page = read(draw(*LEVEL))
    assert [one.text for one in page.lines] == ["A A", "B B", "C C"]
    assert [one.row for one in page.lines] == [0, 0, 1]
    assert page.text == "A A B B\nC C"
    assert (page.width, page.height, page.layout, page.source) == (300, 200, "page", "array")
    first = page.lines[0]
    assert first.quad.tolist() == [[20, 20], [100, 20], [100, 40], [20, 40]]
    assert first.quad.dtype == np.float32
    assert not first.quad.flags.writeable
    assert first.score == pytest.approx(0.95)
    assert first.detection_score == 0.8


def test_words_and_characters_lie_inside_their_line() -> None:
    (one,) = read(draw(LEVEL[0])).lines
    assert [word.text for word in one.words] == ["A", "A"]
    assert one.words[0].quad.tolist() == [[20, 20], [52, 20], [52, 40], [20, 40]]
    assert [char.text for char in one.chars] == ["A", " ", "A"]
    assert one.chars[2].span == (0.6, 1)
    assert one.chars[2].quad[1].tolist() == [100, 20]
    assert one.words[0].score == one.chars[0].score == pytest.approx(0.95)


def test_a_line_upside_down_is_turned() -> None:
    parts = Parts()
    page = read(draw(("A", 20, 20, 80, 20, 2), LEVEL[1]), parts)
    turned = next(one for one in page.lines if one.text == "A A")
    assert turned.score == pytest.approx(0.95)
    assert turned.quad.tolist() == [[100, 40], [20, 40], [20, 20], [100, 20]]
    assert "orienter" in parts.made
    assert {used.task for used in page.used} == {"detection", "recognition", "orientation"}


def test_a_line_that_reads_well_is_never_looked_at_by_the_orienter() -> None:
    parts = Parts()
    page = read(draw(*LEVEL), parts)
    assert parts.made.count("orienter") == 0
    assert {used.task for used in page.used} == {"detection", "recognition"}


def test_without_an_orienter_nothing_is_taken_for_upside_down() -> None:
    parts = Parts()
    page = read(draw(("A", 20, 20, 80, 20, 2)), parts, orienter=None, min_score=0.0)
    assert page.lines[0].score == pytest.approx(0.3)
    assert "orienter" not in parts.made


def test_text_that_runs_down_the_page_is_read_from_its_top() -> None:
    (one,) = read(draw(("A", 20, 20, 20, 100, 1))).lines
    assert one.text == "A A"
    assert one.quad.tolist() == [[40, 20], [40, 120], [20, 120], [20, 20]]


def test_text_that_runs_up_the_page_is_read_from_its_bottom() -> None:
    (one,) = read(draw(("A", 20, 20, 20, 100, 3))).lines
    assert one.score == pytest.approx(0.95)
    assert one.quad.tolist() == [[20, 120], [20, 20], [40, 20], [40, 120]]


def test_a_single_upright_character_is_not_taken_for_a_word_that_runs_down() -> None:
    (one,) = read(draw(("I", 20, 20, 20, 40, 0))).lines
    assert one.score == pytest.approx(0.95)
    assert one.quad.tolist() == [[20, 20], [40, 20], [40, 60], [20, 60]]


def test_lines_that_score_too_low_are_noted() -> None:
    upside_down = [("A", 20, y, 80, 20, 2) for y in (20, 60)]
    boxes: list[Box] = [("B", 20, 120, 80, 20, 0), *upside_down]
    assert read(draw(*boxes), orienter=None, min_score=0).notes == ()
    page = read(draw(*boxes), orienter=None)
    assert (letters(page), page.notes) == ("B", ("2 lines were dropped for scoring below 0.5",))
    page = read(draw(*boxes[:2]), orienter=None, min_score=0.4)
    assert page.notes == ("1 line was dropped for scoring below 0.4",)


def test_nothing_read_is_noted_where_there_is_something() -> None:
    note = "nothing was read, though the picture is not blank"
    page = read(draw(*LEVEL), min_score=0.99)
    assert page.notes == ("3 lines were dropped for scoring below 0.99", note)
    assert read(np.full((50, 300, 3), 240, np.uint8)).notes == ()


def test_a_line_that_the_recognizer_reads_nothing_in_is_noted() -> None:
    page = read(draw(LEVEL[0], (" ", 20, 90, 80, 20, 0)), orienter=None)
    assert (letters(page), page.notes) == ("A", ("in 1 place text was found, but none was read",))


def test_each_note_of_a_picture_is_told_once() -> None:
    work = pipeline.Work("a.png", 0, draw(*LEVEL), 300, 200, notes=["first", "second", "first"])
    assert pipeline.notes(work, 1, 0, 0.5) == ("first", "second")


def newspaper() -> Image:
    """Two columns of six lines, and a heading above both."""
    lines: list[Box] = [("A", 10, 5, 280, 14, 0)]
    lines += [(chr(ord("B") + i), 10, 40 + 20 * i, 130, 14, 0) for i in range(6)]
    lines += [(chr(ord("H") + i), 160, 40 + 20 * i, 130, 14, 0) for i in range(6)]
    return draw(*lines)


def test_columns_are_blocks_read_one_after_the_other() -> None:
    page = read(newspaper())
    assert letters(page) == "ABCDEFGHIJKLM"
    assert [[len(p.lines) for p in block.paragraphs] for block in page.blocks] == [[1], [6], [6]]
    assert page.blocks[1].quad.tolist() == [[10, 40], [140, 40], [140, 154], [10, 154]]
    assert [one.row for one in page.lines] == list(range(13))


def test_by_rows_what_stands_at_one_height_is_read_together() -> None:
    page = read(newspaper(), order="rows")
    assert letters(page) == "ABHCIDJEKFLGM"
    assert len(page.blocks) == 1


def test_an_order_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(UsageError, match="order"):
        read(newspaper(), order="columns")


class Letterwise(ColourRecognizer):
    """Reads one character in a crop: upright with `upright`, lying with `lying` for its score."""

    def __init__(self, upright: tuple[str, float], lying: tuple[str, float]) -> None:
        super().__init__()
        self._readings = lying, upright

    def _crop(self, crop: Image) -> Text:
        return Text.uniform(*self._readings[crop.shape[0] > crop.shape[1]])


@pytest.mark.parametrize(
    ("upright", "lying", "read_as"),
    [
        (("l", 0.80), ("-", 0.85), "l"),
        (("l", 0.99), ("-", 0.99), "l"),
        (("l", 0.60), ("m", 0.95), "m"),
        (("N", 0.95), ("ON", 0.99), "ON"),
        (("", 0.0), ("word", 0.9), "word"),
    ],
)
def test_a_single_character_stands_upright_when_in_doubt(
    upright: tuple[str, float], lying: tuple[str, float], read_as: str
) -> None:
    parts = Parts(recognizer=Letterwise(upright, lying))
    (one,) = read(draw(("I", 20, 20, 10, 36, 0)), parts, orienter=None).lines
    assert one.text == read_as
    assert one.quad[0].tolist() == ([20, 20] if read_as == "l" else [30, 20])


def test_text_from_right_to_left_is_in_logical_order_and_its_places_on_paper() -> None:
    class Hebrew(ColourRecognizer):
        def _crop(self, crop: Image) -> Text:
            return to_logical(Text.uniform("21 בא", 0.9))

    page = read(draw(*LEVEL), Parts(recognizer=Hebrew()))
    assert page.text == "אב 21 אב 21\nאב 21"
    assert [float(one.quad[0, 0]) for one in page.lines] == [150, 20, 20]
    first = page.lines[1]
    assert [word.text for word in first.words] == ["אב", "21"]
    letters, number = first.words
    assert number.quad.tolist() == [[20, 20], [52, 20], [52, 40], [20, 40]]
    assert letters.quad[:, 0].tolist() == [68, 100, 100, 68]
    assert first.chars[0].quad[:, 0].tolist() == [84, 100, 100, 84]


def test_a_picture_that_is_a_line_needs_no_detector() -> None:
    parts = Parts()
    page = read(line("A", 90, 20), parts, layout="line")
    assert (letters(page), page.layout, parts.made) == ("A", "line", ["recognizer"])
    assert page.lines[0].quad.tolist() == [[0, 0], [90, 0], [90, 20], [0, 20]]
    assert parts.requests["recognizer"].layout == "line"


def test_auto_reads_a_strip_without_a_box_as_a_line() -> None:
    class Blind(ColourDetector):
        def detect(self, pages: Sequence[Image]) -> list[list[Region]]:
            return [[] for _ in pages]

    strip = read(line("A", 90, 20), Parts(detector=Blind()), layout="auto")
    assert (letters(strip), strip.layout) == ("A", "line")
    page = read(draw(*LEVEL, size=(600, 400)), Parts(detector=Blind()), layout="auto")
    assert (letters(page), page.layout) == ("", "page")


@pytest.mark.parametrize(
    ("layout", "given", "kept"),
    [("page", None, ""), ("page", 0.2, "A"), ("line", None, "A"), ("line", 0.5, "")],
)
def test_bad_readings_are_dropped_unless_the_user_wants_them(
    layout: str, given: float | None, kept: str
) -> None:
    image = line("A", 80, 20, 2) if layout == "line" else draw(("A", 20, 20, 80, 20, 2))
    assert letters(read(image, layout=layout, min_score=given, orienter=None)) == kept


def test_places_are_those_of_the_original_picture() -> None:
    plain = read(draw(*LEVEL))
    doubled = read(draw(*LEVEL), preprocessors=["doubled", "doubled"])
    assert letters(doubled) == letters(plain)
    assert (doubled.width, doubled.height) == (300, 200)
    for one, other in zip(plain.lines, doubled.lines, strict=True):
        assert one.quad == pytest.approx(other.quad)
        assert one.words[0].quad == pytest.approx(other.words[0].quad)


def test_time_is_booked_on_the_stages() -> None:
    timing = read(draw(*LEVEL), preprocessors=["doubled"]).timing
    assert min(timing.preprocess, timing.detect, timing.rectify, timing.recognize) > 0
    assert timing.total == pytest.approx(
        timing.decode
        + timing.preprocess
        + timing.detect
        + timing.rectify
        + timing.orient
        + timing.recognize
        + timing.decode_text
    )


def test_decoding_has_its_share_of_the_time_of_reading() -> None:
    class Telling(ColourRecognizer):
        def recognize_timed(self, crops: Sequence[Image]) -> tuple[list[Text], float]:
            return self.recognize(crops), 0.25

    timing = read(draw(*LEVEL), Parts(recognizer=Telling()), orienter=None).timing
    assert timing.decode_text == pytest.approx(timing.recognize / 3)
    assert read(draw(*LEVEL)).timing.decode_text == 0


@pytest.mark.parametrize("rubbish", [None, [], [[]] * 2, [[42]], ["text"], [None], ((),)], ids=repr)
def test_rubbish_from_a_component_names_it(rubbish: Any) -> None:
    class Rubbish(ColourDetector):
        def detect(self, pages: Sequence[Image]) -> list[list[Region]]:
            found: list[list[Region]] = rubbish
            return found

    with pytest.raises(PluginError, match="detector 'paddle' of plugin 'fake' returned"):
        read(draw(*LEVEL), Parts(detector=Rubbish()))


def test_what_a_component_raises_names_it() -> None:
    with pytest.raises(PluginError, match="'paddle' of plugin 'fake' failed: RuntimeError"):
        read(draw(("X", 20, 20, 80, 20, 0)))
