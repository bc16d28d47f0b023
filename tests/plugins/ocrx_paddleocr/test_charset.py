"""Finding the charset of a recogniser, in its ONNX file or beside it."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from onnx import helper

from ocrx.errors import WeightsError
from ocrx.weights.store import Store
from ocrx_paddleocr.catalogue import specs
from ocrx_paddleocr.charset import read_charset


def model(**metadata: str) -> bytes:
    """An ONNX file with some weights and that metadata."""
    weights = helper.make_tensor("w", onnx.TensorProto.FLOAT, [64], [0.5] * 64)
    graph = helper.make_graph([], "nothing", [], [], [weights])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)])
    helper.set_model_props(made, metadata)
    return bytes(made.SerializeToString())


WHOLE = model(note="x" * 300, character="a\nö\n中\n.")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("charset") / "model.onnx"


def read(place: Path, content: bytes) -> tuple[str, ...]:
    place.write_bytes(content)
    return read_charset(place)


def test_the_characters_are_followed_by_the_space(place: Path) -> None:
    assert read(place, WHOLE) == ("a", "ö", "中", ".", " ")


def test_the_default_model_s_charset_is_found() -> None:
    path = Store(offline=True).path(specs("recognition")["v6-small"].artifacts["onnx"])
    charset = read_charset(path)
    assert len(charset) == 18709
    assert charset[-1] == " "
    assert set("Aa09Öß中") <= set(charset)


def test_a_dictionary_serves_where_the_file_carries_none(place: Path, tmp_path: Path) -> None:
    dictionary = tmp_path / "dictionary.txt"
    dictionary.write_bytes("x\r\n\u2028\r\n中\r\n".encode())
    place.write_bytes(WHOLE)
    assert read_charset(place, dictionary) == ("a", "ö", "中", ".", " ")
    place.write_bytes(model())
    assert read_charset(place, dictionary) == ("x", "\u2028", "中", " ")


@pytest.mark.parametrize("content", [b"", model(author="me")], ids=("nothing", "other metadata"))
def test_a_file_that_carries_none_is_refused(place: Path, content: bytes) -> None:
    with pytest.raises(WeightsError, match="no charset") as caught:
        read(place, content)
    assert str(place) in caught.value.message
    assert caught.value.remedy


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.onnx"):
        with pytest.raises(WeightsError, match="cannot be read"):
            read_charset(path)
