"""One picture's error costs that picture alone, and what may pass is asked for once more."""

from __future__ import annotations

import pickle
from collections.abc import Sequence

import numpy as np
import pytest

from ocrx.errors import InputError, OcrxError, TransientError
from ocrx.interfaces.components import Detector, PageReader
from ocrx.plugins.registrar import Registrar
from ocrx.plugins.registry import PluginRecord, Registry
from ocrx.reading.reader import Reader
from ocrx.types import Image, Line, Page, Region, frozen_quad
from support.fakeparts import ColourDetector, Parts, draw

QUAD = frozen_quad([[0, 0], [5, 0], [5, 5], [0, 5]])


class Cloud(PageReader):
    """Reads a picture's width. The first `busy` calls for a width of 13 are turned away, and 14 is
    always refused."""

    def __init__(self, busy: int) -> None:
        self.calls: list[int] = []
        self._busy = busy

    def read(self, pages: Sequence[Image]) -> Sequence[Page | OcrxError]:
        self.calls.append(len(pages))
        return [self._page(*image.shape[:2]) for image in pages]

    def _page(self, height: int, width: int) -> Page | OcrxError:
        if width == 13 and self._busy:
            self._busy -= 1
            return TransientError("the service is busy", "Try again later.", retry_after=0.5)
        if width == 14:
            return InputError("the service cannot read this picture", "Send another.")
        return Page((Line(str(width), 0.9, QUAD),), width, height)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setattr("time.sleep", found.append)
    return found


def opened(cloud: Cloud) -> Reader:
    registrar = Registrar("fake", "fake")
    registrar.add("page_reader", "cloud", lambda request: cloud)
    registry = Registry([PluginRecord("fake", "fake", "1", registrar.added)])
    return Reader(page_reader="cloud", registry=registry)


def read(cloud: Cloud, *widths: int) -> tuple[list[str], list[str]]:
    """The texts read, and what kinds of error came."""
    errors: list[str] = []
    images = [np.zeros((20, width, 3), np.uint8) for width in widths]
    with opened(cloud) as reader:
        pages = reader.read_many(images, lambda _, error: errors.append(type(error).__name__))
        return [page.text for page in pages], errors


def test_what_may_pass_is_asked_for_once_more_alone(waits: list[float]) -> None:
    cloud = Cloud(busy=1)
    assert read(cloud, *range(10, 20)) == (
        ["10", "11", "12", "13", "15", "16", "17", "18", "19"],
        ["InputError"],
    )
    assert cloud.calls == [10, 1]
    assert waits == [0.5]


def test_what_does_not_pass_costs_its_picture_alone(waits: list[float]) -> None:
    cloud = Cloud(busy=9)
    assert read(cloud, 12, 13, 15) == (["12", "15"], ["TransientError"])
    assert cloud.calls == [3, 1]


def test_a_final_error_is_not_asked_about_again(waits: list[float]) -> None:
    cloud = Cloud(busy=0)
    assert read(cloud, 14, 15) == (["15"], ["InputError"])
    assert cloud.calls == [2]
    assert waits == []


def test_a_single_picture_raises_its_error() -> None:
    refused = np.zeros((20, 14, 3), np.uint8)
    with opened(Cloud(busy=0)) as reader, pytest.raises(InputError, match="cannot read this"):
        reader.read(refused)


def test_a_detector_may_fail_on_one_page() -> None:
    class Picky(Detector):
        def detect(self, pages: Sequence[Image]) -> Sequence[list[Region] | OcrxError]:
            found = ColourDetector().detect(pages)
            error = InputError("too wide", "Cut it.")
            return [
                error if page.shape[1] > 300 else regions
                for page, regions in zip(pages, found, strict=True)
            ]

    good = draw(("A", 20, 20, 80, 20, 0))
    wide = draw(("B", 20, 20, 80, 20, 0), size=(400, 200))
    errors: list[str] = []
    with Reader(layout="page", registry=Parts(detector=Picky()).registry()) as reader:
        pages = list(
            reader.read_many([good, wide, good], lambda name, error: errors.append(error.message))
        )
    assert [page.text for page in pages] == ["A A", "A A"]
    assert errors == ["too wide"]


def test_a_transient_error_survives_pickling() -> None:
    error = TransientError("busy", "Wait.", 2.5)
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.message, copy.remedy, copy.retry_after) == ("busy", "Wait.", 2.5)
