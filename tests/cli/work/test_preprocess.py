"""`ocrx preprocess`: what it writes, what it says, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
import pytest

from ocrx.testing import pictures as drawn
from ocrx.types import Image
from ocrx_cli.work.preprocess import side_by_side
from support.samples import encode
from support.tilting import tilted

Runner = Callable[..., Any]
PAGE = drawn.page(("A quiet", "corner of", "the page"), 260)


@pytest.fixture
def run(ocrx: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """Runs `ocrx preprocess` in a folder with page.png."""
    points = [EntryPoint("opencv", "ocrx_opencv", "ocrx")]
    monkeypatch.setattr("ocrx.plugins.registry.entry_points", lambda group: points)
    monkeypatch.chdir(tmp_path)
    Path("page.png").write_bytes(encode(PIL.Image.fromarray(PAGE)))
    return lambda *arguments: ocrx("preprocess", *arguments)


def picture(path: str | Path) -> Image:
    found = cv2.imread(str(path))
    assert found is not None
    return np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), np.uint8)


def test_it_writes_what_the_chain_makes(run: Runner) -> None:
    done = run("page.png", "out.png", "-p", "upscale(factor=2)", "-p", "otsu")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("out.png: 260x140 to 520x280, ")
    made = picture("out.png")
    assert made.shape == (280, 520, 3)
    assert np.isin(made, (0, 255)).all()


def test_options_may_be_set(run: Runner) -> None:
    run("page.png", "a.png", "-p", "upscale", "--set", "preprocessor.upscale.factor=3")
    run("page.png", "b.png", "-p", "upscale", "--set", "preprocessor.factor=3")
    assert picture("a.png").shape == picture("b.png").shape == (420, 780, 3)


def test_side_by_side_shows_the_picture_before_and_after(run: Runner) -> None:
    assert run("page.png", "out.png", "-p", "invert(when=always)", "--compare").code == 0
    shown = picture("out.png")
    assert np.array_equal(shown[-140:, :260], PAGE)
    assert np.array_equal(shown[-140:, -260:], 255 - PAGE)
    assert shown.shape[1] < 2 * 260 + 10
    words = shown[:-140]
    assert words.min() < 100


def test_side_by_side_pictures_of_any_size_are_as_high() -> None:
    small, large = drawn.line("a line"), drawn.blank(3, 400, 0)
    shown = side_by_side(small, large)
    assert shown.shape[0] == 400 + max(24, 400 // 25)
    assert side_by_side(drawn.blank(1, 1), drawn.blank(1, 1)).ndim == 3


def test_several_pictures_go_into_a_folder(run: Runner) -> None:
    frames = [PIL.Image.fromarray(PAGE), PIL.Image.fromarray(np.asarray(255 - PAGE, np.uint8))]
    frames[0].save("two.tif", save_all=True, append_images=frames[1:])
    assert run(".", "out", "-p", "grayscale").code == 0
    assert sorted(path.name for path in Path("out").iterdir()) == [
        "page.png", "two.page-2.png", "two.png",
    ]  # fmt: skip
    assert np.array_equal(picture("out/two.page-2.png"), 255 - PAGE)


def test_lines_are_cut_down(run: Runner) -> None:
    line = tilted(drawn.line("a line of text that is long enough"), 6)
    Path("line.png").write_bytes(encode(PIL.Image.fromarray(line)))
    run("line.png", "page_like.png", "-p", "deskew")
    run("line.png", "line_like.png", "-p", "deskew", "--lines")
    assert picture("line_like.png").shape[0] < picture("page_like.png").shape[0]


def test_a_damaged_picture_costs_only_itself(run: Runner) -> None:
    Path("broken.png").write_bytes(b"\x89PNG nothing")
    done = run("*.png", "out", "-p", "otsu")
    assert done.code == 1
    assert "broken.png" in done.err
    assert [path.name for path in Path("out").iterdir()] == ["page.png"]


def test_a_page_turned_blank_is_told(run: Runner) -> None:
    done = run("page.png", "out.png", "-p", "adaptive(offset=250)")
    assert done.code == 0
    assert "page.png: preprocessor 'adaptive' of plugin 'opencv' turned the page blank" in done.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("page.png", "out.png"), "Give one or more with -p: adaptive, clahe"),
        (("page.png", "page.png", "-p", "otsu"), "would overwrite the picture itself"),
        (("page.png", "out.txt", "-p", "otsu"), "pictures cannot be written as .txt"),
        (("page.png", "out.png", "-p", "otso"), "Did you mean 'otsu'?"),
        (("page.png", "out.png", "-p", "otsu(level=3)"), "has no option 'level'"),
        (("page.png", "out.png", "-p", "otsu", "--set", "preprocessor.clahe.clip=1"), "not used"),
        ((".", "out.png", "-p", "otsu"), "Give a folder in its place"),
    ],
)
def test_what_makes_no_sense_is_refused(run: Runner, arguments: tuple[str, ...], told: str) -> None:
    Path("other.png").write_bytes(Path("page.png").read_bytes())
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert told in done.err


def test_a_folder_that_cannot_be_written_is_one_line(run: Runner) -> None:
    Path("file").write_text("")
    done = run("page.png", "file/out.png", "-p", "otsu")
    assert (done.code, done.out) == (6, "")
    assert "cannot write file/out.png" in done.err
