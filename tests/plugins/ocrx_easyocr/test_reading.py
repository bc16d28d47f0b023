"""Reading with EasyOCR's own weights, from picture to text."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx import Reader
from support.labels import label

TEXTS = ("LOT L2611-0873", "EXP 2026-03-14")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("detector", "recognizer"),
    [("easyocr", "easyocr"), ("paddle", "easyocr"), ("easyocr", "paddle")],
)
def test_it_reads_a_label_alone_and_with_paddle(detector: str, recognizer: str) -> None:
    with Reader(detector=detector, recognizer=recognizer, offline=True) as reader:
        page = reader.read(label(TEXTS))
    assert page.text == "\n".join(TEXTS)
    models = {used.task: used.model for used in page.used}
    assert ("EasyOCR" in models["detection"]) == (detector == "easyocr")
    assert ("EasyOCR" in models["recognition"]) == (recognizer == "easyocr")


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["onnxruntime", "torch"])
def test_other_runtimes_read_the_same(backend: str) -> None:
    with Reader(detector="easyocr", recognizer="easyocr", backend=backend, offline=True) as reader:
        page = reader.read(label(TEXTS))
    assert page.text == "\n".join(TEXTS)
    assert {used.backend for used in page.used} == {backend}


@pytest.mark.slow
def test_a_blank_page_has_no_lines() -> None:
    with Reader(detector="easyocr", recognizer="easyocr", offline=True) as reader:
        assert reader.read(np.full((50, 70, 3), 255, np.uint8)).lines == ()
