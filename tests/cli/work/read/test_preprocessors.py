"""`ocrx read --preprocessor`: which run, in which order, with which options."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from ocrx.testing import pictures as drawn
from support.samples import encode
from support.tilting import tilted

Runner = Callable[..., Any]


@pytest.fixture
def read(ocrx: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs `ocrx read` on a page turned by 5 degrees; the reader tells the size it was given."""
    modules = ("support.fakereader", "ocrx_opencv", "ocrx.output.plugin")
    points = [EntryPoint(module, module, "ocrx") for module in modules]
    monkeypatch.setattr("ocrx.plugins.registry.entry_points", lambda group: points)
    level = drawn.page(("A quiet", "corner of", "the page"), 260)
    page = tilted(level, 5)
    path = tmp_path / "turned.png"
    path.write_bytes(encode(PIL.Image.fromarray(page)))
    return lambda *arguments: ocrx("read", path, *arguments)


def test_a_picture_is_read_as_the_preprocessor_made_it(read: Runner) -> None:
    before, after = read(), read("-p", "deskew")
    assert before.out != after.out
    assert (after.code, after.err) == (0, "")


def test_options_go_to_the_preprocessor_of_that_name(read: Runner) -> None:
    both = ("-p", "deskew", "--preprocessor", "clahe")
    untouched = ("--set", "preprocessor.deskew.max-angle=3")
    assert read(*both, *untouched).out == read().out
    run = read(*both, "--set", "preprocessor.max-angle=3")
    assert (run.code, run.out) == (2, "")
    assert "Say for which: preprocessor.clahe, preprocessor.deskew." in run.err


def test_options_of_a_preprocessor_that_is_not_used_are_an_error(read: Runner) -> None:
    run = read("-p", "deskew", "--set", "preprocessor.clahe.clip=3")
    assert (run.code, run.out) == (2, "")
    assert "preprocessor.clahe" in run.err


def test_names_and_values_that_make_no_sense_are_exit_2(read: Runner) -> None:
    for arguments, told in (
        (("-p", "deskw"), "Did you mean 'deskew'?"),
        (("-p", "deskew:strong"), "has no variant 'strong'"),
        (("-p", "clahe", "--set", "preprocessor.clip=-1"), "clip must be above 0"),
        (("-p", "median", "--set", "preprocessor.size=4"), "size must be odd"),
        (("-p", "clahe(clip=2"), "For example: clahe(clip=2.0)."),
        (("-p", "clahe(clap=2)"), "Did you mean 'clip'? It knows: device, clip, tiles."),
    ):
        run = read(*arguments)
        assert (run.code, run.out) == (2, "")
        assert told in run.err


def test_a_chain_may_be_written_in_one_with_options(read: Runner) -> None:
    written = read("-p", "deskew(max-angle=3) + clahe(clip=1.5)")
    assert (written.code, written.out) == (0, read().out)
    assert read("-p", "deskew+deskew(max_angle=3)").out == read("-p", "deskew").out
    assert read("-p", "none").out == read().out


def test_options_in_parentheses_go_before_those_of_the_name(read: Runner) -> None:
    run = read("-p", "deskew(max_angle=15)", "--set", "preprocessor.deskew.max_angle=3")
    assert run.out == read("-p", "deskew").out


def test_a_device_that_is_not_there_is_one_line_with_the_remedy(read: Runner) -> None:
    run = read("-p", "otsu(device=cuda)")
    assert (run.code, run.out) == (5, "")
    assert "built without CUDA. Leave out `device`" in run.err


def test_a_chain_that_turns_a_page_blank_says_so(read: Runner) -> None:
    run = read("-p", "gaussian(radius=50)+gaussian(radius=50)", "-p", "adaptive(offset=200)")
    assert run.code == 0
    assert "turned the page blank" in run.err
    assert run.err.count("blank") == 1
