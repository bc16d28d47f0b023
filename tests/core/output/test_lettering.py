"""Text drawn in any script, with the fonts of this machine or without any."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import ImageFont

from ocrx.output import lettering
from ocrx.output.lettering import BOX, Lettering, PillowFont, font_files, height_of


@pytest.fixture
def no_system_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "font_files", lambda: iter(()))


@pytest.mark.parametrize(
    "text", ["Hello", "Ünïcödé ñ €", "Ελληνικά", "Русский", "漢字 かな", "한국어", "Việt"]
)
def test_common_scripts_need_no_fonts(no_system_fonts: None, text: str) -> None:
    draws = Lettering()
    mask = draws.draw(text, 32)
    assert mask.dtype == np.uint8
    assert mask.shape[0] == height_of(32)
    assert mask.max() == 255
    assert not draws.missing


def test_letters_stand_where_they_are_expected() -> None:
    mask = Lettering().draw("HHH", 40)
    rows = np.flatnonzero(mask.any(axis=1))
    assert abs(int(rows[-1]) - 1.05 * 40) <= 2  # on the base line
    assert 0.6 * 40 < rows[-1] - rows[0] < 0.9 * 40
    columns = np.flatnonzero(mask.any(axis=0))
    assert columns[0] <= 8
    assert mask.shape[1] - columns[-1] <= 8


def test_longer_text_is_wider_and_never_wraps() -> None:
    draws = Lettering()
    widths = [draws.draw("W" * count, 20).shape[1] for count in (1, 10, 100)]
    assert widths[0] * 9 < widths[1] < widths[0] * 11
    assert widths[1] * 9 < widths[2] < widths[1] * 11


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_nothing_draws_nothing(text: str) -> None:
    assert not Lettering().draw(text, 20).any()
    assert not Lettering().draw_column(text, 20).any()


def test_what_no_font_has_is_a_box_and_is_told(no_system_fonts: None) -> None:
    draws = Lettering()
    devanagari = draws.draw("हिन्दी", 30)
    assert draws.missing == {"ह", "न", "द"}
    assert np.array_equal(devanagari, draws.draw(BOX * 3, 30))  # signs and accents go with letters
    assert draws.draw("a ह b", 30).shape[1] > draws.draw("a" + BOX + "b", 30).shape[1]


def test_what_is_blank_in_a_font_counts_as_missing(no_system_fonts: None) -> None:
    draws = Lettering()
    draws.draw("℃", 30)  # OpenCV's font claims it and draws nothing
    assert draws.missing == {"℃"}


def test_text_from_right_to_left_is_turned_without_fonts(no_system_fonts: None) -> None:
    draws = Lettering()
    mask = draws.draw("שם 42", 30)
    number, first = (draws.draw(text, 30) for text in ("42", "ש"))
    assert np.array_equal(mask[:, : number.shape[1]], number)
    assert np.array_equal(mask[:, -first.shape[1] :], first)


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("אב גד", "דג בא"),
        ("אב 42 גד", "דג 42 בא"),
        ("אב two words 7 ג", "ג two words 7 בא"),
        ("שָׁלוֹם", "םולש"),
    ],
)
def test_runs_from_right_to_left(text: str, stands: str) -> None:
    assert lettering._turned(text) == stands


@pytest.fixture
def one_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system whose only font is Pillow's own, beside a file that is no font."""
    font = ImageFont.load_default(20)
    assert isinstance(font, ImageFont.FreeTypeFont)
    (tmp_path / "deep" / "down").mkdir(parents=True)
    (tmp_path / "a-sans.ttf").write_text("no font")
    path = tmp_path / "deep" / "down" / "Aileron.OTF"
    path.write_bytes(font.font_bytes)
    monkeypatch.setattr(lettering, "_font_folders", lambda: (tmp_path, tmp_path / "none"))
    return path


def test_system_fonts_fill_the_gaps(one_font: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering.OpenCvFont, "has", lambda self, character: character != "Z")
    draws = Lettering()
    mask = draws.draw("aZa", 30)
    assert not draws.missing
    a = draws.draw("a", 30)
    assert np.array_equal(mask[:, a.shape[1] : -a.shape[1]], PillowFont(one_font).draw("Z", 30))


def test_without_the_font_of_opencv_5(one_font: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(cv2, "FontFace")
    draws = Lettering()
    mask = draws.draw("Hello 漢", 30)
    assert mask.shape[0] == height_of(30)
    assert mask.any()
    assert draws.missing == {"漢"}


def test_upright_sans_fonts_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["A-Bold.ttf", "B-Serif.otf", "C.ttf", "D-Sans.ttc", "E-SansItalic.ttf", "notes.txt"]
    for name in names:
        (tmp_path / name).touch()
    monkeypatch.setattr(lettering, "_font_folders", lambda: (tmp_path,))
    assert [path.name for path in font_files()][:2] == ["D-Sans.ttc", "C.ttf"]
    assert "notes.txt" not in [path.name for path in font_files()]


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_every_system_has_folders_of_fonts(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", system)
    assert all("ont" in str(folder) for folder in lettering._font_folders())


def test_a_column_has_its_letters_one_above_the_other() -> None:
    draws = Lettering()
    column = draws.draw_column("漢 字", 30)
    assert column.shape[0] == 2 * height_of(30)
    assert column[: height_of(30)].any()
    assert column[height_of(30) :].any()
    assert column.shape[1] < 1.5 * 30
