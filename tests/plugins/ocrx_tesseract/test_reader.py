"""Tesseract reads pages and crops as it does when it is called bare, and its results keep their
form."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tesserocr
from PIL import Image as PilImage

from ocrx.errors import (
    BackendMissing,
    InputError,
    SessionClosed,
    UnknownOption,
    UsageError,
    WeightsError,
    without_errors,
)
from ocrx.plugins.options import make_options
from ocrx.plugins.registry import load_plugins
from ocrx.reading.reader import Reader
from ocrx.testing import PageReaderContract, RecognizerContract
from ocrx.testing.pictures import blank, line, page
from ocrx.types import Image, Page
from ocrx_tesseract.data import find_tessdata
from ocrx_tesseract.reader import TesseractReader, TesseractRecognizer
from ocrx_tesseract.settings import TesseractLineOptions, TesseractPageOptions

ROWS = ("Invoice 2041 for the", "quiet corner of a page", "that has three lines")


class TestPages(PageReaderContract):
    def make(self) -> TesseractReader:
        return TesseractReader(TesseractPageOptions(), threads=2)


class TestLines(RecognizerContract):
    def make(self) -> TesseractRecognizer:
        return TesseractRecognizer(TesseractLineOptions(), threads=2)


@pytest.fixture(scope="module")
def pages() -> Iterator[TesseractReader]:
    with TesseractReader(TesseractPageOptions(), threads=1) as reader:
        yield reader


@pytest.fixture(scope="module")
def crops() -> Iterator[TesseractRecognizer]:
    with TesseractRecognizer(TesseractLineOptions(), threads=1) as recognizer:
        yield recognizer


def page_of(reader: TesseractReader, image: Image) -> Page:
    return without_errors(reader.read([image]))[0]


def read(image: Image, **options: Any) -> Page:
    with TesseractReader(TesseractPageOptions(**options), threads=1) as reader:
        return page_of(reader, image)


def recognized(image: Image, **options: Any) -> str:
    with TesseractRecognizer(TesseractLineOptions(**options), threads=1) as recognizer:
        return recognizer.recognize([image])[0].text


def bare(image: Image, psm: int, languages: str = "eng") -> str:
    folder = find_tessdata("", languages.split("+"))
    with tesserocr.PyTessBaseAPI(path=f"{folder}/", lang=languages, psm=psm) as api:
        api.SetImage(PilImage.fromarray(image))
        return str(api.GetUTF8Text())


def document() -> Image:
    """Two paragraphs, the second in another block."""
    return page((*ROWS, "", "", "Another paragraph", "begins down here"), 420)


def test_it_reads_what_tesseract_reads(pages: TesseractReader, crops: TesseractRecognizer) -> None:
    image = document()
    lines = [text for text in bare(image, 3).split("\n") if text]
    assert page_of(pages, image).text.split("\n") == lines
    (text,) = crops.recognize([line(ROWS[0])])
    assert text.text == bare(line(ROWS[0]), 7).strip() == ROWS[0]


def test_lines_have_words_characters_and_places_in_blocks(pages: TesseractReader) -> None:
    lines = page_of(pages, document()).lines
    assert [one.text for one in lines] == [*ROWS, "Another paragraph", "begins down here"]
    assert [one.block for one in lines] == [0, 0, 0, 1, 1]
    assert [one.paragraph for one in lines] == [0, 0, 0, 1, 1]
    assert [one.row for one in lines] == [0, 1, 2, 3, 4]
    first = lines[0]
    assert [word.text for word in first.words] == ["Invoice", "2041", "for", "the"]
    assert "".join(char.text for char in first.chars) == first.text
    assert all(0.5 < char.score <= 1 for char in first.chars)
    ink = [14, 19, 259, 38]  # left, top, right and bottom of what is drawn
    assert np.abs(np.r_[first.quad[0], first.quad[2]] - ink).max() < 3
    number = first.words[1].quad
    assert np.abs([*number[:2, 0] - (107, 169), *number[1:3, 1] - (19, 38)]).max() < 3


def test_a_turned_page_has_quads_that_are_turned_with_it() -> None:
    upright, rows = page(ROWS + ROWS[:2], 420), [*ROWS, *ROWS[:2]]
    images = [np.ascontiguousarray(np.rot90(upright, -quarters)) for quarters in (1, 2, 3)]
    with TesseractReader(TesseractPageOptions(psm="auto-osd"), threads=1) as reader:
        turned = without_errors(reader.read(images))
    assert [[one.text for one in found.lines] for found in turned] == [rows] * 3
    assert [found.orientation for found in turned] == [90, 180, 270]
    for found, direction in zip(turned, [(0, 1), (-1, 0), (0, -1)], strict=True):
        first, last = found.lines[0].words[0].quad, found.lines[0].words[-1].quad
        assert (first[1] - first[0]) @ direction == pytest.approx(85, abs=3)
        assert (last[1] - first[0]) @ direction == pytest.approx(245, abs=3)


def test_a_slanting_line_has_a_slanting_quad(pages: TesseractReader) -> None:
    upright = document()
    height, width = upright.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 2, 1)
    image = np.asarray(
        cv2.warpAffine(upright, turn, (width, height), borderValue=(255, 255, 255)), np.uint8
    )
    (slanting,) = [one for one in page_of(pages, image).lines if one.text == ROWS[1]]
    side = slanting.quad[1] - slanting.quad[0]
    assert np.degrees(np.arctan2(side[1], side[0])) == pytest.approx(-2, abs=1)
    assert np.linalg.norm(slanting.quad[3] - slanting.quad[0]) < 36


def test_a_picture_may_be_one_line() -> None:
    with Reader(page_reader="tesseract", layout="line") as reader:
        found = reader.read(line("PN-4471/B"))
    assert (found.text, found.layout) == ("PN-4471/B", "line")
    assert found.used[0].model == "eng"


def test_a_reader_cuts_lines_out_for_it() -> None:
    with Reader(recognizer="tesseract", threads=1) as reader:
        found = reader.read(document())
    assert [one.text for one in found.lines] == [*ROWS, "Another paragraph", "begins down here"]
    assert [used.backend.partition(" ")[0] for used in found.used if used.model == "eng"] == [
        "tesseract"
    ]


def test_a_picture_of_one_shade_has_no_text(crops: TesseractRecognizer) -> None:
    assert [text.text for text in crops.recognize([blank(200, 40, 90), blank(90, 90)])] == ["", ""]


def test_a_picture_too_long_costs_itself_alone(
    pages: TesseractReader, crops: TesseractRecognizer
) -> None:
    long, short = pages.read([blank(33000, 20), page(("one",))])
    assert isinstance(long, InputError)
    assert "33000 x 20" in str(long)
    assert isinstance(short, Page)
    assert short.text == "one"
    with pytest.raises(InputError, match="at most 32767 pixels"):
        crops.recognize([blank(33000, 20)])


def test_a_variant_names_languages() -> None:
    with Reader(recognizer="tesseract:deu+eng", layout="line") as reader:
        found = reader.read(letters("Größe für Öl"))
    assert found.text == "Größe für Öl"
    assert found.used[0].model == "deu+eng"


def letters(text: str) -> Image:
    """A line in OpenCV's font that has all letters of Europe, cropped closely."""
    picture = blank(20 * len(text) + 20, 34)
    cv2.putText(picture, text, (10, 28), (20, 20, 20), cv2.FontFace("sans"), 26)
    return picture


def test_the_charset_is_that_of_the_language() -> None:
    with TesseractRecognizer(TesseractLineOptions(languages="deu"), 1) as german:
        assert {"ß", "Ö", " ", "7"} <= set(german.charset or ())
        assert not {"Joined", "NULL", "щ"} & set(german.charset or ())
    with TesseractRecognizer(
        TesseractLineOptions(whitelist="0123456789x", blacklist="0"), 1
    ) as one:
        assert sorted(one.charset or ()) == sorted("123456789x")


def test_a_language_may_be_demanded() -> None:
    Reader(page_reader="tesseract:deu", language="de").close()
    with pytest.raises(UsageError, match="cannot read German"):
        Reader(page_reader="tesseract", language="de")


def test_only_characters_on_the_list_are_read(crops: TesseractRecognizer) -> None:
    crop = line("A1 B2 C3")
    assert crops.recognize([crop])[0].text == "A1 B2 C3"
    assert set(recognized(crop, whitelist="0123456789")) <= set("0123456789 ")
    assert "B" not in recognized(crop, blacklist="B")


def test_words_and_patterns_are_preferred(crops: TesseractRecognizer, tmp_path: Path) -> None:
    (tmp_path / "words").write_text("rnm\n")
    (tmp_path / "patterns").write_text("\\A\\d\\A\\d\n")
    blurred = np.asarray(cv2.GaussianBlur(line("S5S5"), (0, 0), 2.6), np.uint8)
    assert [text.text for text in crops.recognize([line("rnm"), blurred])] == ["rom", "S585"]
    assert recognized(line("rnm"), user_words=str(tmp_path / "words")) == "rnm"
    assert recognized(blurred, user_patterns=str(tmp_path / "patterns")) == "S5S5"


def test_other_parameters_reach_tesseract(pages: TesseractReader) -> None:
    wide = page(("one        two",), 420)
    assert page_of(pages, wide).text == "one two"
    spaced = read(wide, parameters="preserve_interword_spaces=1").lines[0]
    assert spaced.text.replace(" ", "") == "onetwo"
    assert spaced.text.count(" ") > 2
    assert [word.text for word in spaced.words] == ["one", "two"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"parameters": "no_such_thing=1"}, "no parameter 'no_such_thing'"),
        ({"parameters": "dpi"}, "not of the form NAME=VALUE"),
        ({"languages": "deu,eng"}, "is not a list such as deu"),
        ({"languages": ""}, "is not a list such as deu"),
        ({"user_words": "missing.txt"}, "there is no file missing.txt"),
        ({"psm": "6"}, "single-line, single-word"),
        ({"engine": "best"}, "lstm, legacy"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, str], told: str) -> None:
    with pytest.raises(UnknownOption, match=told):
        TesseractRecognizer(make_options(TesseractLineOptions, options, "tesseract"), 1)


def test_a_resolution_out_of_range_is_refused() -> None:
    with pytest.raises(UnknownOption, match="70 to 2400"):
        make_options(TesseractPageOptions, {"dpi": "30"}, "tesseract")


def test_an_engine_that_the_data_have_not_is_told() -> None:
    with pytest.raises(WeightsError, match=r"engine 'legacy'.*most language data hold the network"):
        TesseractRecognizer(TesseractLineOptions(engine="legacy"), 1)


def test_a_session_option_that_it_does_not_take_is_refused() -> None:
    with pytest.raises(UsageError, match="device cannot be set"):
        Reader(page_reader="tesseract", device="cuda:0")


def test_it_cannot_be_used_once_closed() -> None:
    reader = TesseractReader(TesseractPageOptions(), threads=1)
    reader.close()
    with pytest.raises(SessionClosed):
        reader.read([page(("one",))])


def test_without_tesserocr_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tesserocr", None)
    with pytest.raises(BackendMissing, match=r"pip install 'ocrx\[tesseract\]'"):
        TesseractRecognizer(TesseractLineOptions())


def test_it_is_registered_with_its_threads() -> None:
    registry = load_plugins()
    for kind in ("page_reader", "recognizer"):
        entry = registry.get(kind, "tesseract")
        assert entry.plugin == "tesseract"
        assert entry.takes == {"threads"}
