"""The plugin gives what RapidOCR gives."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from rapidocr import RapidOCR

from ocrx.errors import BackendMissing, UnknownName, UnknownOption
from ocrx.reading.reader import Reader
from ocrx.types import Image
from ocrx_rapidocr import RapidOcrOptions, RapidOcrReader

TEXTS = ["LOT 4711-B", "EXP 2027-03"]


@pytest.fixture(scope="module")
def label() -> Image:
    """A label in colour, RGB, with two lines; the second is blue."""
    picture = np.full((360, 420, 3), 245, np.uint8)
    cv2.putText(picture, TEXTS[0], (20, 60), cv2.FONT_HERSHEY_DUPLEX, 1.6, (20, 20, 20), 3)
    cv2.putText(picture, TEXTS[1], (20, 118), cv2.FONT_HERSHEY_DUPLEX, 1.6, (10, 40, 160), 3)
    return picture


def test_it_gives_what_rapidocr_gives(label: Image, capfd: pytest.CaptureFixture[str]) -> None:
    reader = RapidOcrReader(RapidOcrOptions())
    page, empty = reader.read([label, np.full_like(label, 255)])
    assert capfd.readouterr() == ("", "")
    expected: Any = RapidOCR()(cv2.cvtColor(label, cv2.COLOR_RGB2BGR))
    assert [line.text for line in page.lines] == list(expected.txts) == TEXTS
    assert [line.score for line in page.lines] == list(expected.scores)
    assert np.array_equal([line.quad for line in page.lines], expected.boxes)
    assert [line.row for line in page.lines] == [0, 1]
    assert empty.lines == ()


def test_without_detection_a_picture_is_one_line(label: Image) -> None:
    reader = RapidOcrReader(RapidOcrOptions(), "line")
    pages = reader.read([label[10:75], label[75:130]])
    assert [page.lines[0].text for page in pages] == TEXTS
    assert pages[0].layout == "line"
    assert pages[0].lines[0].quad.tolist() == [[0, 0], [420, 0], [420, 65], [0, 65]]


@pytest.mark.parametrize(
    ("name", "own"), [("rapidocr", {"engine": "openvino"}), ("rapidocr:openvino", {})]
)
def test_ocrx_finds_it_and_says_what_ran(label: Image, name: str, own: dict[str, object]) -> None:
    options = {"page_reader": {"text_score": "0.4", "threads": 1, **own}}
    with Reader(recognizer=name, options=options) as reader:
        page = reader.read(label)
    assert page.text.splitlines() == TEXTS
    (used,) = page.used
    assert (used.model, used.backend, used.device) == ("PP-OCRv6 small", "openvino", "cpu")


@pytest.mark.parametrize("options", [{"engine": "caffe"}, {"text_score": 2}, {"usedet": False}])
def test_options_that_make_no_sense_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(UnknownOption):
        Reader(recognizer="rapidocr", options={"page_reader": options})


def test_an_engine_it_has_not_is_refused() -> None:
    with pytest.raises(UnknownName, match="onnxruntime, openvino"):
        Reader(recognizer="rapidocr:caffe")


def test_the_layout_reaches_it(label: Image) -> None:
    with Reader(recognizer="rapidocr", layout="line") as reader:
        assert reader.read(label[10:75]).layout == "line"


def test_an_engine_that_is_not_installed_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ocrx_rapidocr.find_spec", lambda name: None)
    with pytest.raises(BackendMissing, match="pip install onnxruntime"):
        RapidOcrReader(RapidOcrOptions())
