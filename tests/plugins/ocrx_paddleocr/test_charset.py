"""Finding the charset in an ONNX file, and surviving any other file."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
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


@pytest.mark.parametrize("length", range(0, len(WHOLE), 7))
def test_a_file_cut_short_is_refused(place: Path, length: int) -> None:
    with pytest.raises(WeightsError, match=r"model\.onnx"):
        read(place, WHOLE[:length])


@pytest.mark.parametrize(
    ("content", "fact"),
    [
        (b"", "no charset"),
        (model(author="me"), "no charset"),
        (helper.make_model(helper.make_graph([], "g", [], [])).SerializeToString(), "no charset"),
        (b"\x72\x0b\x0a\x09character", "no charset"),  # the key without a value
        (b"\x72\x0f\x0a\x09character\x12\x02\xff\xfe", "not an ONNX file"),  # not UTF-8
        (b"\x72" + b"\xff" * 9 + b"\x7f", "not an ONNX file"),  # a field of 2 ** 70 bytes
        (b"\x72\xff\xff\xff\xff\xff\x7f", "not an ONNX file"),  # one of 4 TB
        (b"\x0a\xff\xff\xff\xff\xff\x7f", "not an ONNX file"),  # one to skip
        (b"\xff" * 100, "not an ONNX file"),
        (b"\0" * 100, "not an ONNX file"),
        (b"\x0b", "wire type 3"),
        (b"PK\x03\x04 some archive", "not an ONNX file"),
    ],
    ids=repr,
)
def test_what_carries_none_is_refused(place: Path, content: bytes, fact: str) -> None:
    with pytest.raises(WeightsError, match=fact) as caught:
        read(place, content)
    assert str(place) in caught.value.message
    assert caught.value.remedy


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(place: Path, content: bytes) -> None:
    with suppress(WeightsError):
        read(place, content)


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=12))
def test_any_damage_is_read_or_refused(place: Path, start: int, damage: bytes) -> None:
    with suppress(WeightsError):
        read(place, WHOLE[:start] + damage + WHOLE[start + len(damage) :])


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.onnx"):
        with pytest.raises(WeightsError, match="cannot be read"):
            read_charset(path)
