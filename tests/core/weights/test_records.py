from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ocrx.artifacts import ModelSpec, Source
from ocrx.errors import UsageError, WeightsError
from ocrx.reading.choice import split_reference
from ocrx.reading.reader import Reader
from ocrx.weights.records import (
    RECORD,
    Figure,
    Record,
    Step,
    check_kind,
    check_task,
    origin,
    record_of,
    write_record,
)

FIGURE = Figure("onnxruntime", "int8", 5.5, 12.5, (98.0, 97.0, 99.0))
KEPT = Record(
    kind="recognizer",
    component="paddle",
    variant="v6-small",
    task="recognition",
    model="PP-OCRv6_rec_small",
    file="model.onnx",
    format="onnx-u8",
    precision="int8",
    sha256="ab",
    source_sha256="cd",
    steps=(Step("quantize", {"mode": "static"}, ("all",)),),
    before=(FIGURE,),
    after=(FIGURE,),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.onnx").write_bytes(b"network")
    write_record(KEPT, tmp_path)
    return tmp_path


def test_the_folder_and_the_file_in_it_have_the_record(folder: Path) -> None:
    for path in (folder, folder / "model.onnx"):
        found = record_of(path)
        assert found is not None
        assert found[1] == folder
        assert (found[0].precision, found[0].methods) == ("int8", "quantize")
        assert found[0].after[0].ms == 12.5
        assert split_reference(str(path)) == ("paddle", str(path))
        assert origin(str(path)) == "v6-small"


def test_other_paths_and_names_have_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "other.onnx").write_bytes(b"")
    assert record_of(folder / "other.onnx") is None
    assert record_of(folder / "missing.onnx") is None
    assert record_of(folder.parent) is None
    monkeypatch.chdir(folder.parent)
    assert split_reference(folder.name) == (folder.name, "")
    assert split_reference("paddle:v6-small") == ("paddle", "v6-small")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": "other"}', '{"schema": "ocrx-compressed/1"}']
)
def test_a_damaged_record_is_an_error(folder: Path, text: str) -> None:
    (folder / RECORD).write_text(text)
    with pytest.raises(WeightsError, match="Compress the model again"):
        record_of(folder)


def test_a_record_that_points_elsewhere_is_an_error(folder: Path) -> None:
    write_record(replace(KEPT, file="../model.onnx"), folder)
    with pytest.raises(WeightsError, match="no network"):
        record_of(folder)


def test_it_gives_the_model_its_file(folder: Path) -> None:
    spec = ModelSpec("m", "recognition", {"onnx": Source("x.onnx")}, tier="fast")
    made = KEPT.applied(spec, folder)
    assert made.artifacts == {
        "onnx-u8": Source("model.onnx", path=folder / "model.onnx", sha256="ab")
    }
    assert (made.precision, made.name, made.tier) == ("int8", "m (quantize)", None)


def test_a_recogniser_is_no_detector() -> None:
    check_task(KEPT, "recognition", Path("here"))
    with pytest.raises(UsageError, match="here is a recognizer"):
        check_task(KEPT, "detection", Path("here"))


def test_its_path_is_of_one_kind(folder: Path) -> None:
    check_kind("recognizer", folder / "model.onnx")
    check_kind("detector", folder.parent)
    with pytest.raises(UsageError, match="is a recognizer, made from PP-OCRv6_rec_small"):
        Reader(detector=f"{folder}/")
