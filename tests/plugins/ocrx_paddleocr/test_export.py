"""Models of the user's own: their characters, and what their export says of them."""

from __future__ import annotations

import json
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocrx import Reader
from ocrx.artifacts import Source
from ocrx.errors import UnknownName, WeightsError
from ocrx.plugins.registrar import Request
from ocrx.system.checksum import sha256_of
from ocrx.types import Batch
from ocrx.weights.store import Store
from ocrx_paddleocr import _recognition
from ocrx_paddleocr.catalogue import specs
from ocrx_paddleocr.charset import charset_of
from ocrx_paddleocr.export import Export, read_export
from ocrx_paddleocr.settings import RecognitionOptions
from ocrx_paddleocr.variants import find
from support.fileserver import serve
from support.labels import label

YML = """
Global:
  model_name: my_rec
PreProcess:
  transform_ops:
  - DecodeImage:
      channel_first: false
      img_mode: RGB
  - NormalizeImage:
      mean: [0.485, 0.456, 0.406]
      std: [0.229, 0.224, 0.225]
      order: hwc
  - RecResizeImg:
      image_shape: [3, 32, 320]
  - KeepKeys: null
PostProcess:
  name: CTCLabelDecode
  character_dict:
  - a
  - '1'
  - 2
  - ~
  - null
  - "'"
  - '"'
  - \u4e2d
"""
CHARACTERS = ("a", "1", "2", "~", "null", "'", '"', "中")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A folder as PaddleOCR exports a model."""
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "inference.yml").write_text(YML, "utf-8")
    (folder / "inference.json").write_text("{}")
    (folder / "inference.pdiparams").write_bytes(b"")
    return folder


def archived(folder: Path) -> Path:
    path = folder.parent / "export.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(folder, "my_rec_infer")
    return path


@pytest.mark.parametrize("form", ["folder", "json", "tar"])
def test_an_export_says_what_it_is(export: Path, form: str) -> None:
    path = {"folder": export, "json": export / "inference.json", "tar": archived(export)}[form]
    spec, known = find("recognition", str(path))
    assert (spec.name, list(spec.artifacts)) == ("my_rec", ["paddle"])
    assert spec.artifacts["paddle"].path == path
    assert (known.height, known.channels, known.mean[0]) == (32, "RGB", 0.485)
    assert spec.shapes["x"][2] == 32
    assert charset_of(spec, str(path), "", Store(offline=True)) == (*CHARACTERS, " ")


def test_an_onnx_file_has_the_characters_of_the_export_beside_it(export: Path) -> None:
    path = export / "rec.onnx"
    path.write_bytes(b"")
    spec, _ = find("recognition", str(path))
    assert list(spec.artifacts) == ["onnx"]
    assert charset_of(spec, str(path), "", Store(offline=True)) == (*CHARACTERS, " ")


def test_a_dictionary_that_is_named_goes_before_all_others(export: Path, tmp_path: Path) -> None:
    own = tmp_path / "dict.txt"
    own.write_bytes("\ufeffx\r\ny\r\n".encode())
    spec, _ = find("recognition", str(export))
    assert charset_of(spec, str(export), str(own), Store(offline=True)) == ("x", "y", " ")
    with pytest.raises(WeightsError, match=r"missing\.txt cannot be read"):
        charset_of(spec, str(export), str(tmp_path / "missing.txt"), Store(offline=True))


def test_a_paddle_model_without_characters_says_how_to_give_them(export: Path) -> None:
    (export / "inference.yml").unlink()
    spec, _ = find("recognition", str(export))
    with pytest.raises(WeightsError, match=r"recognizer\.dictionary=FILE"):
        charset_of(spec, str(export), "", Store(offline=True))


@pytest.mark.parametrize(
    "content", ["[", "a: b: c", "- 1", "PostProcess: 3", "PreProcess: {transform_ops: [3]}", "\x00"]
)
def test_a_damaged_export_is_named(export: Path, content: str) -> None:
    (export / "inference.yml").write_text(content)
    with pytest.raises(WeightsError, match=r"inference\.yml of .*export cannot be read"):
        read_export(export)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(characters=st.lists(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=30))
def test_any_characters_come_back(export: Path, characters: list[str]) -> None:
    quoted = "".join(f"  - {json.dumps(one, ensure_ascii=False)}\n" for one in characters)
    (export / "inference.yml").write_text(f"PostProcess:\n  character_dict:\n{quoted}", "utf-8")
    assert read_export(export) == Export("", tuple(characters))


def test_a_path_that_is_nothing_is_an_unknown_name(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match=r"a folder, \.tar, \.json or \.pdmodel"):
        find("recognition", str(tmp_path / "nothing"))


def emitted(count: int, characters: str, folder: Path) -> tuple[str, ...]:
    """The characters that a network with that many is read with, whose dictionary has these."""
    own = folder / "dict.txt"
    own.write_text("\n".join(characters))
    options = RecognitionOptions(dictionary=str(own))
    model = _recognition(Request("", options, Store(offline=True)))
    outputs = {"y": np.zeros((1, 3, count + 1), np.float32)}
    return tuple(model.emissions(outputs, Batch({}, [1.0])).charset)


def test_a_network_trained_without_the_space_knows_one_character_less(tmp_path: Path) -> None:
    assert emitted(3, "ab", tmp_path) == ("a", "b", " ")
    assert emitted(2, "ab", tmp_path) == ("a", "b")


def test_the_dictionary_of_another_network_is_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="knows 5 characters, but its dictionary has 3"):
        emitted(5, "ab", tmp_path)


def test_the_user_s_own_onnx_file_reads_with_a_dictionary(tmp_path: Path) -> None:
    """The default model again, whose characters come from a file."""
    store = Store(offline=True)
    whole, _ = find("recognition", "")
    characters = charset_of(whole, "", "", store)
    dictionary = tmp_path / "dict.txt"
    dictionary.write_text("\n".join(characters[:-1]), "utf-8", newline="\n")
    path = tmp_path / "own.onnx"
    path.write_bytes(store.path(whole.artifacts["onnx"]).read_bytes())
    options = {"recognizer": {"dictionary": str(dictionary)}}
    with Reader(recognizer=f"paddle:{path}", layout="line", options=options) as reader:
        assert reader.read(label(["LOT 4711"], (220, 80))[14:70]).text == "LOT 4711"


@pytest.mark.parametrize("variant", [*specs("recognition")])
def test_every_recogniser_of_the_catalogue_is_fetched_by_its_name(
    variant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a server here, which has a file of nothing but characters in place of each."""
    content = b"\x72\x12\x0a\x09character\x12\x05a\nb\nc"  # ModelProto.metadata_props
    file = tmp_path / "served.onnx"
    file.write_bytes(content)
    with serve(content) as server:
        source = Source(f"{variant}.onnx", url=server.url, sha256=sha256_of(file))
        fetched = {
            name: replace(spec, artifacts={"onnx": source})
            for name, spec in specs("recognition").items()
        }
        monkeypatch.setattr("ocrx_paddleocr.variants.specs", lambda task: fetched)
        store = Store(tmp_path / "cache", offline=False)
        model = _recognition(Request(variant, RecognitionOptions(), store))
        assert len(server.asked) == 1
    assert model.charset == ("a", "b", "c", " ")
    assert store.path(source).read_bytes() == content
