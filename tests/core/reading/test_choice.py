"""Which components a reader is asked for, and what it may be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import onnx
import pytest

from ocrx.artifacts import ModelSpec
from ocrx.errors import PluginError, UnknownName, UsageError, WeightsError
from ocrx.interfaces.components import Component, Detector, PageReader
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.plugins.registrar import Registrar, Request, Taken
from ocrx.plugins.registry import PluginRecord, Registry
from ocrx.reading.choice import split_reference
from ocrx.reading.reader import Reader
from ocrx.types import Image, Line, Page, Region, frozen_quad
from support.fakeparts import ColourDetector, ColourOrienter, ColourRecognizer, draw
from support.tiny_recognizer import write_tiny

LINE = ("A", 20, 20, 80, 20, 0)
SQUARE = frozen_quad([[0, 0], [9, 0], [9, 9], [0, 9]])


class Whole(PageReader):
    """Reads one line, always the same, on every page."""

    reads_lines = True

    def read(self, pages: Sequence[Image]) -> list[Page]:
        line = Line("whole", 0.9, SQUARE)
        return [Page((line,), image.shape[1], image.shape[0]) for image in pages]


def registry(add: Callable[[Registrar], None] = lambda registrar: None) -> Registry:
    """The colour parts as family "paddle", and what `add` adds."""
    registrar = Registrar("fake", "fake")
    registrar.add("detector", "paddle", lambda request: ColourDetector())
    registrar.add("recognizer", "paddle", lambda request: ColourRecognizer())
    registrar.add("orienter", "paddle", lambda request: ColourOrienter())
    add(registrar)
    return Registry([PluginRecord("fake", "fake", "1", registrar.added)])


def both(registrar: Registrar) -> None:
    """An engine that reads pages, and lines too."""
    registrar.add("page_reader", "engine", lambda request: Whole())
    registrar.add("recognizer", "engine", lambda request: ColourRecognizer())


def test_a_page_reader_and_a_recognizer_may_share_a_name() -> None:
    page = draw(LINE)
    with Reader(recognizer="engine", registry=registry(both)) as reader:
        assert reader.read(page).text == "A A"
    with Reader(page_reader="engine", registry=registry(both)) as reader:
        assert reader.read(page).text == "whole"


def test_a_page_reader_is_a_recognizer_where_none_has_its_name() -> None:
    only = registry(lambda registrar: registrar.add("page_reader", "engine", lambda _: Whole()))
    with Reader(recognizer="engine", registry=only) as reader:
        assert reader.read(draw(LINE)).text == "whole"


@pytest.mark.parametrize(
    "beside",
    [
        {"detector": "paddle"},
        {"orienter": "paddle"},
        {"recognizer": "paddle"},
        {"backend": "openvino"},
        {"detector_backend": "openvino"},
        {"recognizer_backend": "openvino"},
        {"detector_device": "cuda:7"},
        {"detector_precision": "int8"},
        {"detector_threads": 3},
        {"recognizer_precision": "int8"},
        {"device": "cuda:7"},
        {"precision": "int8"},
        {"threads": 3},
    ],
    ids=str,
)
def test_what_a_page_reader_has_no_use_for_is_an_error(beside: dict[str, Any]) -> None:
    value = str(next(iter(beside.values())))
    with pytest.raises(UsageError, match=value) as caught:
        Reader(page_reader="engine", registry=registry(both), **beside)
    assert caught.value.remedy.startswith("Leave")


@pytest.mark.parametrize(
    "asked", [{"device": "cuda:7"}, {"precision": "int8"}, {"threads": 3}], ids=str
)
@pytest.mark.parametrize("kind", ["detector", "recognizer"])
def test_what_a_component_with_its_own_runtime_would_ignore_is_an_error(
    kind: str, asked: dict[str, Any]
) -> None:
    (what,) = asked
    with pytest.raises(UsageError, match=rf"(detector|recognizer) .* its {what} cannot be set to"):
        Reader(registry=registry(), **asked)


def test_what_a_component_takes_it_is_handed() -> None:
    seen: list[SessionOptions] = []
    takes: tuple[Taken, ...] = ("device", "precision", "threads")

    def build(request: Request) -> Whole:
        seen.append(request.session)
        return Whole()

    def add(registrar: Registrar) -> None:
        registrar.add("page_reader", "engine", build, takes=takes)

    asked = SessionOptions("cuda:7", "int8", 3)
    with Reader(
        recognizer="engine", device="cuda:7", precision="int8", threads=3, registry=registry(add)
    ):
        assert seen == [asked]
    with Reader(recognizer="engine", registry=registry(add)):
        assert seen[1:] == [SessionOptions()]


def test_nobody_can_take_what_nobody_can_ask_for() -> None:
    colour = cast("Taken", "colour")
    with pytest.raises(PluginError, match="takes unknown session options: colour"):
        Registrar("p", "p").add("recognizer", "x", lambda _: None, takes=[colour])


def test_another_familys_recognizer_has_no_orienter_unasked() -> None:
    upside_down = draw(("A", 20, 20, 80, 20, 2))

    def add(registrar: Registrar) -> None:
        registrar.add("recognizer", "other", lambda request: ColourRecognizer())

    options: dict[str, Any] = {"min_score": 0.0, "layout": "page", "registry": registry(add)}
    scores = []
    other = {"recognizer": "other"}
    wishes: list[dict[str, Any]] = [{}, other, {**other, "orienter": "paddle"}]
    for asked in wishes:
        with Reader(**options, **asked) as reader:
            scores.append(reader.read(upside_down).lines[0].score)
    assert scores == pytest.approx([0.95, 0.3, 0.95])


def test_an_unknown_orienter_is_an_error_at_once() -> None:
    with pytest.raises(UnknownName, match="no orienter named 'padle'"):
        Reader(orienter="padle", registry=registry())


def test_a_variant_that_is_no_model_is_an_error() -> None:
    models = {name: ModelSpec(name, "recognition", {}) for name in ("small", "large")}

    def add(registrar: Registrar) -> None:
        registrar.add("recognizer", "sized", lambda _: ColourRecognizer(), models=lambda: models)
        registrar.add(
            "recognizer", "free", lambda _: ColourRecognizer(), models=lambda: models, paths=True
        )

    for good in ("sized", "sized:large", "free:a/b.onnx", "paddle:anything"):
        Reader(recognizer=good, registry=registry(add)).close()
    with pytest.raises(UnknownName, match=r"has no model 'smal'.*Did you mean 'small'"):
        Reader(recognizer="sized:smal", registry=registry(add))


class Borrowed(Detector):
    """A detector that has another do its work."""

    def __init__(self, request: Request) -> None:
        self._other = request.open("detector", request.variant, {})

    def detect(self, pages: Sequence[Image]) -> Sequence[list[Region] | Any]:
        assert isinstance(self._other, Detector)
        return self._other.detect(pages)

    def close(self) -> None:
        self._other.close()


def test_a_component_may_open_another() -> None:
    def add(registrar: Registrar) -> None:
        registrar.add("detector", "borrowed", Borrowed)

    with Reader(detector="borrowed:paddle", registry=registry(add)) as reader:
        assert reader.read(draw(LINE)).text == "A A"
    with pytest.raises(UnknownName, match="no detector named 'none-such'"):
        Reader(detector="borrowed:none-such", registry=registry(add))


def test_a_component_that_opens_itself_is_named() -> None:
    def add(registrar: Registrar) -> None:
        registrar.add("detector", "borrowed", Borrowed)

    with pytest.raises(PluginError, match="'borrowed' of plugin 'fake' opens detector 'borrowed"):
        Reader(detector="borrowed:borrowed", registry=registry(add))


def test_what_is_no_part_of_a_reader_cannot_be_opened_by_one() -> None:
    def build(request: Request) -> Component:
        return request.open("backend", "openvino", {})

    def add(registrar: Registrar) -> None:
        registrar.add("detector", "borrowed", build)
        registrar.add("backend", "openvino", lambda _: None)

    with pytest.raises(PluginError, match="opens a backend, which is not part of a reader"):
        Reader(detector="borrowed", registry=registry(add))


def test_a_file_says_which_recogniser_it_is_for(tmp_path: Path) -> None:
    path = write_tiny(tmp_path / "tiny.onnx")
    with pytest.raises(UsageError, match="does not say which recogniser it is for"):
        split_reference(str(path))
    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, {"recognizer": "paddle"})
    onnx.save(model, str(path))
    assert split_reference(str(path)) == ("paddle", str(path))
    assert split_reference(f"easyocr:{path}") == ("easyocr", str(path))
    with pytest.raises(WeightsError, match=r"none\.onnx cannot be read"):
        split_reference("none.onnx")


def test_another_path_says_which_component_to_write_before_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=rf"as in paddle:{tmp_path}/\.$"):
        split_reference(f"{tmp_path}/")
    with pytest.raises(UsageError, match="there is no file or folder nowhere/"):
        split_reference("nowhere/")
