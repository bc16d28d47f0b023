"""The PP-OCR models on Paddle read what they read on ONNX Runtime."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.reading.reader import Reader
from ocrx.types import Image, Page
from support import paddle_files
from support.labels import label

# The models are converted on the first run.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

TEXTS = ("LOT 7H-20931 EXP 05/2027", "Invoice No. 88120-4417", "Total $1,204.59")


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache that pytest keeps, with the converter's environment in it."""
    paddle_files.converter()
    monkeypatch.setenv("OCRX_CACHE_DIR", str(paddle_files.KEPT))


def read(backend: str, pictures: list[Image]) -> list[Page]:
    with Reader(backend=backend, precision="fp32", offline=True) as reader:
        return [reader.read(picture) for picture in pictures]


def test_all_three_models_read_the_same() -> None:
    upright = label(TEXTS, (720, 240))
    pictures = [upright, np.ascontiguousarray(upright[::-1, ::-1]), label(["42"], (200, 100))]
    right, found = (read(name, pictures) for name in ("onnxruntime", "paddle"))
    assert right[0].text.splitlines() == list(TEXTS)
    assert [page.text for page in found] == [page.text for page in right]
    for here, there in zip(found, right, strict=True):
        assert {used.backend for used in here.used} == {"paddle"}
        quads = [np.stack([line.quad for line in page.lines]) for page in (here, there)]
        assert np.abs(quads[0] - quads[1]).max() <= 1


def test_one_part_alone_runs_on_paddle(capfd: pytest.CaptureFixture[str]) -> None:
    with Reader(recognizer_backend="paddle", offline=True) as reader:
        page = reader.read(label(TEXTS, (720, 240)))
    assert page.text.splitlines() == list(TEXTS)
    runs = {used.task: used.backend for used in page.used}
    assert runs["recognition"] == "paddle"
    assert runs["detection"] != "paddle"
    assert capfd.readouterr() == ("", "")
