"""`Reader`: what it takes, how it streams, and how it fails."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

import ocrx
from ocrx.errors import (
    InputError,
    OcrxError,
    PluginError,
    SessionClosed,
    UnknownName,
    UnknownOption,
    UsageError,
)
from ocrx.images.opening import ImageSource
from ocrx.interfaces.components import PageReader
from ocrx.plugins.registrar import Registrar, Request
from ocrx.plugins.registry import PluginRecord, Registry
from ocrx.reading.reader import POOL_PICTURES, Reader
from ocrx.types import Image, Line, Page, frozen_quad
from support.fakeparts import ColourDetector, Parts, draw, line
from support.samples import encode


def reader(parts: Parts | None = None, **options: Any) -> Reader:
    return Reader(registry=(parts or Parts()).registry(), **{"layout": "line", **options})


def strip(letter: str) -> Image:
    return line(letter, 60, 20)


def test_a_picture_may_come_as_a_path_bytes_a_pil_image_or_an_array(tmp_path: Path) -> None:
    data = encode(PIL.Image.fromarray(strip("A")))
    path = tmp_path / "a.png"
    path.write_bytes(data)
    sources: list[ImageSource] = [
        path,
        str(path),
        data,
        PIL.Image.fromarray(strip("A")),
        strip("A"),
    ]
    with reader() as one:
        pages = [one.read(source) for source in sources]
    assert {page.text for page in pages} == {"A A"}
    assert [p.source for p in pages] == [str(path), str(path), "bytes", "image", "array"]


def test_read_makes_a_reader_for_one_picture() -> None:
    page = ocrx.read(strip("A"), registry=Parts().registry(), layout="line")
    assert page.text == "A A"


def test_pages_come_in_order_and_share_batches() -> None:
    parts = Parts()
    with reader(parts) as one:
        texts = [page.text for page in one.read_many(strip(c) for c in "ABCDE")]
    assert texts == ["A A", "B B", "C C", "D D", "E E"]
    assert parts.recognizer.calls == [5]


def test_sources_are_taken_as_they_are_needed() -> None:
    taken = 0

    def endless() -> Iterator[Image]:
        nonlocal taken
        for letter in itertools.cycle("ABC"):
            taken += 1
            yield strip(letter)

    with reader() as one:
        pages = one.read_many(endless())
        assert [page.text[0] for page in itertools.islice(pages, 5)] == list("ABCAB")
        assert taken <= POOL_PICTURES


def test_each_page_of_a_document_is_a_page(tmp_path: Path) -> None:
    path = tmp_path / "two.tiff"
    frames = [PIL.Image.fromarray(strip(letter)) for letter in "AB"]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    with reader() as one:
        pages = list(one.read_many([path]))
        assert [(p.text, p.index, p.source) for p in pages] == [
            ("A A", 0, str(path)),
            ("B B", 1, str(path)),
        ]
        with pytest.raises(UsageError, match="2 pages") as caught:
            one.read(path)
    assert "read_many" in caught.value.remedy


def test_a_bad_picture_costs_itself_alone(tmp_path: Path) -> None:
    missing = tmp_path / "missing.png"
    errors: list[tuple[str, OcrxError]] = []
    sources: list[ImageSource] = [strip("A"), missing, b"no picture", strip("B")]
    with reader() as one:
        pages = list(one.read_many(sources, lambda name, error: errors.append((name, error))))
    assert [page.text for page in pages] == ["A A", "B B"]
    assert [name for name, _ in errors] == [str(missing), "bytes"]
    assert all(isinstance(error, InputError) for _, error in errors)


def test_without_a_handler_the_error_comes_after_the_pages_before_it(tmp_path: Path) -> None:
    sources: list[ImageSource] = [strip("A"), strip("B"), tmp_path / "missing.png", strip("C")]
    with reader() as one:
        pages = one.read_many(sources)
        assert [next(pages).text, next(pages).text] == ["A A", "B B"]
        with pytest.raises(InputError):
            next(pages)


def test_a_picture_that_breaks_a_component_costs_itself_alone() -> None:
    errors: list[OcrxError] = []
    with reader() as one:
        pages = list(one.read_many(map(strip, "ABXCD"), lambda name, error: errors.append(error)))
    assert [page.text[0] for page in pages] == list("ABCD")
    assert [type(error) for error in errors] == [PluginError]


def test_a_closed_reader_says_so() -> None:
    parts = Parts()
    one = reader(parts)
    one.close()
    one.close()
    assert parts.recognizer.closed == 1
    with pytest.raises(SessionClosed):
        one.read(strip("A"))
    with pytest.raises(SessionClosed):
        next(one.read_many([strip("A")]))


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"layout": "column"}, UsageError, "auto, page, line"),
        ({"precision": "fp8"}, UsageError, "fp32"),
        ({"threads": 0}, UsageError, "threads"),
        ({"recognizer": "nothing"}, UnknownName, "paddle"),
        ({"detector": "nothing", "layout": "page"}, UnknownName, "paddle"),
        ({"preprocessors": ["nothing"]}, UnknownName, "doubled"),
        ({"options": {"recognizer": {"speed": 1}}}, UnknownOption, "speed"),
        ({"recognizer_backend": "openvino"}, UsageError, "runtime of its own"),
    ],
)
def test_what_cannot_be_is_refused_when_the_reader_is_made(
    options: dict[str, Any], error: type[OcrxError], words: str
) -> None:
    with pytest.raises(error) as caught:
        reader(**options)
    assert words in str(caught.value)


def test_a_component_that_fails_to_open_closes_the_others() -> None:
    parts = Parts()
    registry = parts.registry()
    with pytest.raises(UsageError):
        Reader(registry=registry, layout="page", detector_backend="openvino")
    assert parts.recognizer.closed == 1


def test_threads_share_a_reader_though_its_components_are_not_thread_safe() -> None:
    letters = "ABCDEFGH" * 4
    with reader(layout="page") as one:
        pictures = [draw((c, 20, 20, 80, 20, 0), (c, 20, 90, 80, 20, 2)) for c in letters]
        with ThreadPoolExecutor(8) as pool:
            texts = list(pool.map(lambda picture: one.read(picture).text, pictures))
    assert texts == [f"{c} {c}\n{c} {c}" for c in letters]


def test_two_readers_with_other_settings_live_side_by_side() -> None:
    loose, strict = reader(min_score=0.0), reader(min_score=0.99)
    start = threading.Barrier(2)

    def texts(one: Reader) -> set[str]:
        start.wait()
        return {one.read(strip("A")).text for _ in range(50)}

    with loose, strict, ThreadPoolExecutor(2) as pool:
        assert list(pool.map(texts, [loose, strict])) == [{"A A"}, {""}]


def test_the_detector_is_given_the_picture_as_it_is() -> None:
    class Watching(ColourDetector):
        seen: tuple[int, ...] = ()

        def detect(self, pages: Any) -> Any:
            self.seen = pages[0].shape
            return super().detect(pages)

    detector = Watching()
    with reader(Parts(detector=detector), layout="page") as one:
        one.read(np.full((50, 70), 255, dtype=np.uint8))
    assert detector.seen == (50, 70, 3)


class Engine(PageReader):
    """Reads the layout it was made for; one for lines too if it `reads_lines`."""

    def __init__(self, layout: str, reads_lines: bool) -> None:
        self._layout = layout
        self.reads_lines = reads_lines
        self.open = True

    def read(self, pages: Sequence[Image]) -> list[Page]:
        quad = frozen_quad([(0, 0), (9, 0), (9, 9), (0, 9)])
        return [Page((Line(self._layout, 1.0, quad),), 9, 9) for _ in pages]

    def close(self) -> None:
        self.open = False


@pytest.fixture(params=[True, False])
def engines(request: pytest.FixtureRequest) -> tuple[Registry, list[Engine]]:
    made: list[Engine] = []

    def build(asked: Request) -> Engine:
        made.append(Engine(asked.layout, request.param))
        return made[-1]

    registrar = Registrar("mine", "mine-ocr")
    registrar.add("page_reader", "engine", build)
    return Registry([PluginRecord("mine", "mine-ocr", "1", registrar.added)]), made


def test_an_engine_reads_lines_only_if_it_can(engines: tuple[Registry, list[Engine]]) -> None:
    registry, made = engines
    with Reader(recognizer="engine", registry=registry) as one:
        assert one.read(strip("A")).text == "auto"
    if made[0].reads_lines:
        with Reader(recognizer="engine", registry=registry, layout="line") as one:
            assert one.read(strip("A")).text == "line"
    else:
        with pytest.raises(UsageError, match="whole pages only"):
            Reader(recognizer="engine", registry=registry, layout="line")
    assert not made[-1].open
