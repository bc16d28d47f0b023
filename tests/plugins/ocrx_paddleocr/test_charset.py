"""Finding the charset of a recogniser, in its ONNX file or beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocrx.errors import WeightsError
from ocrx.weights.store import Store
from ocrx_paddleocr.catalogue import specs
from ocrx_paddleocr.charset import read_charset
from support.onnx_files import WITH_CHARSET, with_metadata


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("charset") / "model.onnx"


def read(place: Path, content: bytes) -> tuple[str, ...]:
    place.write_bytes(content)
    return read_charset(place)


def test_the_characters_are_followed_by_the_space(place: Path) -> None:
    assert read(place, WITH_CHARSET) == ("a", "ö", "中", ".", " ")


def test_the_default_model_s_charset_is_found() -> None:
    path = Store(offline=True).path(specs("recognition")["v6-small"].artifacts["onnx"])
    charset = read_charset(path)
    assert len(charset) == 18709
    assert charset[-1] == " "
    assert set("Aa09Öß中") <= set(charset)


def test_a_dictionary_serves_where_the_file_carries_none(place: Path, tmp_path: Path) -> None:
    dictionary = tmp_path / "dictionary.txt"
    dictionary.write_bytes("x\r\n\u2028\r\n中\r\n".encode())
    place.write_bytes(WITH_CHARSET)
    assert read_charset(place, dictionary) == ("a", "ö", "中", ".", " ")
    place.write_bytes(with_metadata())
    assert read_charset(place, dictionary) == ("x", "\u2028", "中", " ")


@pytest.mark.parametrize(
    "content", [b"", with_metadata(author="me")], ids=("nothing", "other metadata")
)
def test_a_file_that_carries_none_is_refused(place: Path, content: bytes) -> None:
    with pytest.raises(WeightsError, match="no charset") as caught:
        read(place, content)
    assert str(place) in caught.value.message
    assert caught.value.remedy


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.onnx"):
        with pytest.raises(WeightsError, match="cannot be read"):
            read_charset(path)
