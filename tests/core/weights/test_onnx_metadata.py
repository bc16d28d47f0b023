"""Reading the metadata of an ONNX file, and surviving any other file."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from ocrx.errors import WeightsError
from ocrx.weights.onnx_metadata import onnx_metadata
from support.onnx_files import WITH_CHARSET


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("metadata") / "model.onnx"


def read(place: Path, content: bytes) -> dict[str, str]:
    place.write_bytes(content)
    return onnx_metadata(place)


def test_pairs_are_read_past_the_weights(place: Path) -> None:
    assert read(place, WITH_CHARSET) == {"note": "x" * 300, "character": "a\nö\n中\n."}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        helper.make_model(helper.make_graph([], "g", [], [])).SerializeToString(),
        b"\x72\x0b\x0a\x09character",  # a key without a value
    ],
    ids=("nothing", "no metadata", "no value"),
)
def test_a_file_may_have_none(place: Path, content: bytes) -> None:
    assert read(place, content) == {}


@pytest.mark.parametrize("length", range(0, len(WITH_CHARSET), 7))
def test_a_file_cut_short_is_refused_or_lacks_pairs(place: Path, length: int) -> None:
    with suppress(WeightsError):
        assert read(place, WITH_CHARSET[:length]).items() < read(place, WITH_CHARSET).items()


@pytest.mark.parametrize(
    ("content", "fact"),
    [
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
def test_what_is_no_onnx_file_is_refused(place: Path, content: bytes, fact: str) -> None:
    with pytest.raises(WeightsError, match=fact) as caught:
        read(place, content)
    assert str(place) in caught.value.message
    assert caught.value.remedy


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(place: Path, content: bytes) -> None:
    with suppress(WeightsError):
        read(place, content)


@given(st.integers(0, len(WITH_CHARSET) - 1), st.binary(min_size=1, max_size=12))
def test_any_damage_is_read_or_refused(place: Path, start: int, damage: bytes) -> None:
    with suppress(WeightsError):
        read(place, WITH_CHARSET[:start] + damage + WITH_CHARSET[start + len(damage) :])


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.onnx"):
        with pytest.raises(WeightsError, match="cannot be read"):
            onnx_metadata(path)
