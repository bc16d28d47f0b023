"""`ocrx read --preprocessor`: which run, in which order, with which options."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from ocrx.testing import pictures as drawn
from ocrx_opencv.deskew import size_around, turned_back
from support.samples import encode

Runner = Callable[..., Any]


@pytest.fixture
def read(ocrx: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs `ocrx read` on a page turned by 5 degrees; the reader tells the size it was given."""
    modules = ("support.fakereader", "ocrx_opencv", "ocrx.output.plugin")
    points = [EntryPoint(module, module, "ocrx") for module in modules]
    monkeypatch.setattr("ocrx.plugins.registry.entry_points", lambda group: points)
    level = drawn.page(("A quiet", "corner of", "the page"), 260)
    page, _ = turned_back(level, -5, size_around(260, 140, -5))
    path = tmp_path / "turned.png"
    path.write_bytes(encode(PIL.Image.fromarray(page)))
    return lambda *arguments: ocrx("read", path, *arguments)


def test_a_picture_is_read_as_the_preprocessor_made_it(read: Runner) -> None:
    before, after = read(), read("-p", "deskew")
    assert before.out != after.out
    assert (after.code, after.err) == (0, "")


def test_options_go_to_the_preprocessor_of_that_name(read: Runner) -> None:
    both = ("-p", "deskew", "--preprocessor", "contrast")
    untouched = ("--set", "preprocessor.deskew.max-angle=3")
    assert read(*both, *untouched).out == read().out
    run = read(*both, "--set", "preprocessor.max-angle=3")
    assert (run.code, run.out) == (2, "")
    assert "Say for which: preprocessor.contrast, preprocessor.deskew." in run.err


def test_options_of_a_preprocessor_that_is_not_used_are_an_error(read: Runner) -> None:
    run = read("-p", "deskew", "--set", "preprocessor.contrast.clip=3")
    assert (run.code, run.out) == (2, "")
    assert "preprocessor.contrast" in run.err


def test_names_and_values_that_make_no_sense_are_exit_2(read: Runner) -> None:
    for arguments, told in (
        (("-p", "deskw"), "Did you mean 'deskew'?"),
        (("-p", "deskew:strong"), "has no variant 'strong'"),
        (("-p", "contrast", "--set", "preprocessor.clip=-1"), "clip must be above 0"),
        (("-p", "denoise", "--set", "preprocessor.size=4"), "3, 5"),
    ):
        run = read(*arguments)
        assert (run.code, run.out) == (2, "")
        assert told in run.err
