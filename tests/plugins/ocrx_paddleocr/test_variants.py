"""Which model is meant: a variant, or a file of the user's own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import get_args

import pytest

from ocrx import Reader
from ocrx.errors import UnknownName, WeightsError
from ocrx.names import Task
from ocrx.weights.store import Store
from ocrx_paddleocr.catalogue import parameters, specs
from ocrx_paddleocr.variants import find
from support.labels import label


@pytest.mark.parametrize("task", get_args(Task))
def test_every_variant_is_found_and_none_means_the_first(task: Task) -> None:
    for variant, spec in specs(task).items():
        assert find(task, variant) == (spec, parameters(task, variant))
    assert find(task, "") == find(task, next(iter(specs(task))))


@pytest.mark.parametrize(
    ("variant", "near"),
    [("v5-latn", "v5-latin"), ("v6_small", "v6-small"), ("V6-SMALL", None), ("klingon", None)],
)
def test_an_unknown_one_is_refused_with_those_near_it(variant: str, near: str | None) -> None:
    with pytest.raises(UnknownName, match=f"recognition model '{variant}'") as caught:
        find("recognition", variant)
    assert (f"Did you mean '{near}'" in caught.value.remedy) if near else True
    assert "ocrx models list" in caught.value.remedy


def test_a_file_is_a_model_of_the_default_s_kind() -> None:
    spec, known = find("recognition", "models/own.onnx")
    default = specs("recognition")["v6-small"]
    assert (spec.name, spec.shapes, spec.task) == ("own", default.shapes, "recognition")
    assert spec.artifacts["onnx"].path == Path("models/own.onnx")
    assert (spec.artifacts["onnx"].url, spec.licence, spec.languages) == (None, "", ())
    assert known == parameters("recognition", "v6-small")


def test_a_file_in_the_home_folder_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    monkeypatch.setenv("USERPROFILE", "/somewhere")
    assert find("detection", "~/own.onnx")[0].artifacts["onnx"].path == Path("/somewhere/own.onnx")


def test_the_user_s_own_file_reads(tmp_path: Path) -> None:
    path = tmp_path / "own.onnx"
    shutil.copy(Store(offline=True).path(specs("recognition")["v6-small"].artifacts["onnx"]), path)
    with Reader(recognizer=f"paddle:{path}", layout="line", offline=True) as reader:
        page = reader.read(label(["LOT 4711"], (220, 80))[14:70])
    assert page.text == "LOT 4711"
    assert [used.model for used in page.used] == ["own"]


@pytest.mark.parametrize("task", get_args(Task))
def test_a_file_that_is_not_there_is_named(task: Task, tmp_path: Path) -> None:
    spec, _ = find(task, str(tmp_path / "missing.onnx"))
    with pytest.raises(WeightsError, match=r"missing\.onnx"):
        Store(offline=True).path(spec.artifacts["onnx"])


def test_a_reader_does_not_open_without_it(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"missing\.onnx"):
        Reader(recognizer=f"paddle:{tmp_path / 'missing.onnx'}", layout="line")


def test_a_detector_given_as_a_recogniser_is_told_apart() -> None:
    path = Store(offline=True).path(specs("detection")["v6-small"].artifacts["onnx"])
    with pytest.raises(WeightsError, match="carries no charset"):
        Reader(recognizer=f"paddle:{path}", layout="line", offline=True)
