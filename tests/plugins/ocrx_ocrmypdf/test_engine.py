"""What OCRmyPDF is given: elements at their places, tilts, orientations, and options."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ocrmypdf.exceptions import BadArgsError, ExitCodeException
from ocrmypdf.pluginspec import OcrEngine

import ocrx_ocrmypdf
from ocrx.errors import InputError
from ocrx.types import Page
from ocrx_ocrmypdf import engine
from ocrx_ocrmypdf.elements import page_element
from ocrx_ocrmypdf.engine import OcrxEngine
from support.layouts import line_at, page_of, quad_at, turned_lines, two_columns


def options(**extra: Any) -> Any:
    given = {f"ocrx_{name}": value for name, value in extra.items()}
    return SimpleNamespace(
        extra_attrs=given, languages=["eng"], jobs=None, ocr_engine="auto", pdf_renderer="auto"
    )


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Has the engine see a page."""

    def show(page: Page) -> None:
        monkeypatch.setattr(engine, "_read", lambda file, options: page)

    return show


def test_it_has_all_that_an_engine_must_have() -> None:
    for name in OcrEngine.__abstractmethods__ | {"generate_ocr", "supports_generate_ocr"}:
        assert callable(getattr(OcrxEngine, name))
    assert str(OcrxEngine()).startswith("ocrx ")


def test_words_have_their_boxes_and_lines_their_slopes() -> None:
    page = two_columns()
    tree = page_element(replace(page, dpi=(300.0, 300.0)), 7)
    assert (tree.page_number, tree.dpi, len(tree.paragraphs)) == (7, 300, 3)
    words = [word for line in page.lines for word in line.words]
    assert [one.text for one in tree.words] == [word.text for word in words]
    for one, word in zip(tree.words, words, strict=True):
        box = (one.bbox.left, one.bbox.top, one.bbox.right, one.bbox.bottom)
        assert box == pytest.approx((*word.quad.min(axis=0), *word.quad.max(axis=0)))
    upright, tilted, _, down, up, over = page_element(turned_lines(), 0).lines
    assert (upright.baseline.slope, upright.baseline.intercept) == pytest.approx((0, -8), abs=1e-4)
    assert tilted.baseline.slope == pytest.approx(0.0875, abs=1e-4)
    assert [line.textangle for line in (down, up)] == pytest.approx([-90, 90])
    assert abs(over.textangle) == pytest.approx(180)


def test_text_that_runs_leftwards_says_so() -> None:
    lines = [line_at("שלום", quad_at(0, 0, 90, 20)), line_at("abc", quad_at(0, 50, 90, 20))]
    assert [line.direction for line in page_element(page_of(lines), 0).lines] == ["rtl", "ltr"]


def test_the_tilt_is_that_of_most_text_whichever_way_it_runs(shown: Any) -> None:
    long, short = "a long line that counts", "short"
    lines = [line_at(long, quad_at(99, 99, 500, 30, 93)), line_at(short, quad_at(9, 9, 90, 30, -9))]
    shown(page_of(lines))
    assert OcrxEngine.get_deskew(Path("x"), options()) == pytest.approx(3, abs=1e-3)
    shown(page_of([]))
    assert OcrxEngine.get_deskew(Path("x"), options()) == 0


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_the_orientation_is_that_of_most_text(shown: Any, turned: int) -> None:
    lines = [
        line_at("a line that counts", quad_at(300, 300, 90, 20, turned + 2)),
        line_at("less", quad_at(300, 300, 90, 20, turned + 90)),
    ]
    shown(page_of(lines))
    found = OcrxEngine.get_orientation(Path("x"), options())
    assert (found.angle, found.confidence > 14) == (turned, True)


def test_columns_and_empty_pages_tell_no_orientation(shown: Any) -> None:
    for lines in ([], [line_at("縦書きの文", quad_at(300, 30, 200, 30, 90))]):
        shown(page_of(lines))
        assert OcrxEngine.get_orientation(Path("x"), options()) == (0, 0.0)


def test_options_become_those_of_a_reader() -> None:
    parser = ArgumentParser()
    ocrx_ocrmypdf.add_options(parser)
    parsed = vars(parser.parse_args(["--ocrx-backend", "openvino", "--ocrx-precision", "fp32"]))
    given = SimpleNamespace(extra_attrs=parsed)
    assert engine.reader_options(given) == {"backend": "openvino", "precision": "fp32"}
    own = {name.removeprefix("ocrx_") for name in parsed if name.startswith("ocrx_")}
    assert own | {"threads"} == {*engine.OPTIONS}


def test_processors_are_shared_among_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocrx_ocrmypdf, "available_cpus", lambda: 8)
    for pages, jobs, threads in ((1, None, 8), (3, None, 2), (100, None, 1), (100, 4, 2)):
        given = options()
        given.jobs = jobs
        ocrx_ocrmypdf.validate([None] * pages, given)
        assert given.extra_attrs["ocrx_threads"] == threads


def test_names_that_do_not_exist_are_refused_at_once(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(BadArgsError, match="openvin"):
        ocrx_ocrmypdf.check_options(options(backend="openvin"))
    given = options()
    given.languages = ["deu"]
    ocrx_ocrmypdf.check_options(given)
    assert "--ocrx-language" in caplog.text
    given.pdf_renderer = "sandwich"
    with pytest.raises(BadArgsError, match="sandwich"):
        ocrx_ocrmypdf.check_options(given)


def test_no_engine_is_given_if_none_is_wanted() -> None:
    wanted = options()
    assert isinstance(ocrx_ocrmypdf.get_ocr_engine(wanted), OcrxEngine)
    wanted.ocr_engine = "none"
    assert ocrx_ocrmypdf.get_ocr_engine(wanted) is None


def test_errors_come_as_those_of_ocrmypdf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def read(*arguments: Any) -> Page:
        raise InputError("x.png is damaged", "Get it again.")

    monkeypatch.setattr(engine, "_kept_page", read)
    (tmp_path / "x.png").touch()
    with pytest.raises(ExitCodeException, match="Get it again"):
        OcrxEngine.generate_ocr(tmp_path / "x.png", options())
