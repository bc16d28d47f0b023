"""Language data are found where they are, and what is missing is named with its package."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from ocrx.errors import WeightsError
from ocrx_tesseract import data
from ocrx_tesseract.data import charset, find_tessdata, has_old_engine, installed, package


def folder(path: Path, *languages: str) -> Path:
    for name in languages:
        file = path / f"{name}.traineddata"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(traineddata("3\nNULL 0 Common 0\nß 3 x\nfi 3 x\n"))
    return path


def traineddata(unicharset: str, entry: int = 21) -> bytes:
    text, count = unicharset.encode(), 24
    begin = 4 + 8 * count
    starts = [
        begin if at == entry else begin + len(text) if at == 23 else -1 for at in range(count)
    ]
    return struct.pack(f"<i{count}q", count, *starts) + text + b"version"


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TESSDATA_PREFIX", raising=False)
    monkeypatch.setattr(data, "PLACES", ())


def test_the_option_comes_first_then_the_environment_then_the_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (folder(tmp_path / name, "eng") for name in "abc")
    monkeypatch.setattr(data, "PLACES", (str(tmp_path / "none"), str(third)))
    assert find_tessdata("", ["eng"]) == third
    monkeypatch.setenv("TESSDATA_PREFIX", str(second))
    assert find_tessdata("", ["eng"]) == second
    assert find_tessdata(str(first), ["eng"]) == first


def test_the_folder_above_will_do(tmp_path: Path) -> None:
    inner = folder(tmp_path / "tessdata", "eng")
    assert find_tessdata(str(tmp_path), ["eng"]) == inner


def test_of_several_folders_the_one_with_the_languages_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = folder(tmp_path / "4", "eng"), folder(tmp_path / "5", "eng", "script/Latin")
    monkeypatch.setattr(data, "PLACES", (str(old), str(new)))
    assert find_tessdata("", ["eng", "script/Latin"]) == new
    assert installed(new) == ["eng", "script/Latin"]


def test_a_language_that_is_not_there_is_told_with_its_package(tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as why:
        find_tessdata(str(folder(tmp_path, "eng", "deu")), ["deu", "chi_sim", "fra"])
    assert f"no data for chi_sim, fra in {tmp_path}, only for deu, eng" in why.value.message
    assert "apt-get install tesseract-ocr-chi-sim tesseract-ocr-fra" in why.value.remedy
    assert "TESSDATA_PREFIX" in why.value.remedy


def test_a_slip_of_the_pen_is_seen(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="Did you mean 'eng'"):
        find_tessdata(str(folder(tmp_path, "eng", "deu")), ["egn"])


def test_where_nothing_is_installed_the_error_says_what_to_install() -> None:
    with pytest.raises(WeightsError, match=r"no language data on this machine.*tesseract-ocr-eng"):
        find_tessdata("", ["eng"])


def test_a_folder_that_is_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WeightsError, match=r"the option tessdata names .*gone, which is not"):
        find_tessdata(str(tmp_path / "gone"), ["eng"])
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path / "gone"))
    with pytest.raises(WeightsError, match="TESSDATA_PREFIX names"):
        find_tessdata("", ["eng"])


def test_packages_of_scripts_have_names_of_their_own() -> None:
    assert package("jpn_vert") == "tesseract-ocr-jpn-vert"
    assert package("script/Latin") == "'tesseract-ocr-script-*'"


def test_the_characters_are_those_of_all_languages(tmp_path: Path) -> None:
    folder(tmp_path, "deu")
    other = "5\nNULL 0 Common 0\nJoined 7 0\n|Broken|0|1 f 0\nö 3 x\nß 3 x\n"
    (tmp_path / "old.traineddata").write_bytes(traineddata(other, entry=1))
    assert charset(tmp_path, ["deu", "old"]) == (" ", "ß", "fi", "ö")
    assert has_old_engine(tmp_path, ["deu", "old"])
    assert not has_old_engine(tmp_path, ["deu"])


@pytest.mark.parametrize("content", [b"", b"no language data", b"\xff" * 400])
def test_a_damaged_file_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "eng.traineddata").write_bytes(content)
    with pytest.raises(WeightsError, match=r"eng\.traineddata is no language data of Tesseract"):
        charset(tmp_path, ["eng"])
