"""Models of several networks in `ocrx models` and `ocrx estimate`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ocrx.artifacts import ModelSpec
from ocrx.conversion.kept import cached
from ocrx.estimate import check, measure
from ocrx.plugins.registrar import Registrar
from ocrx.weights.store import Store
from ocrx_cli.app import main
from ocrx_onnx.inspector import OnnxInspector
from ocrx_onnxruntime.backend import OnnxRuntimeBackend
from support.attention import MOST, Attention, spec
from support.fakeconverter import ONNX_TO_ENGINE, FakeBackend, FakeConverter

FILES = ["encoder.onnx", "decoder.onnx"]


@pytest.fixture(autouse=True)
def made(only_plugin: Callable[..., None], tmp_path: Path, cache_dir: Path) -> ModelSpec:
    """The only plugin there is: the recogniser, a runtime, a converter for it, an inspector."""
    made = spec(tmp_path)

    def add(registrar: Registrar) -> None:
        registrar.add("backend", "fake", lambda request: FakeBackend())
        registrar.add("converter", "press", lambda request: FakeConverter("press", ONNX_TO_ENGINE))
        registrar.add("backend", "onnxruntime", lambda request: OnnxRuntimeBackend())
        registrar.add("inspector", "onnx", lambda request: OnnxInspector())
        registrar.add(
            "recognizer", "attention", lambda _: Attention(made), models=lambda: {"v1": made}
        )

    only_plugin(add)
    return made


def out(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main([*arguments]) == 0
    return capsys.readouterr().out


def test_every_part_is_listed_found_and_pulled(capsys: pytest.CaptureFixture[str]) -> None:
    listed = out(capsys, "models", "list")
    assert "attention:v1 encoder (default)" in listed
    assert "attention:v1 decoder (default)" in listed
    records = json.loads(out(capsys, "models", "list", "--json"))["models"]
    assert [(one["part"], one["model"]) for one in records] == [
        ("encoder", "attention/encoder"),
        ("decoder", "attention/decoder"),
    ]
    for command in ("path", "pull"):
        paths = out(capsys, "models", command, "attention").splitlines()
        assert [Path(path).name for path in paths] == FILES


def test_every_part_is_built(capsys: pytest.CaptureFixture[str]) -> None:
    built = out(capsys, "models", "build", "attention", "-b", "fake").splitlines()
    assert len({*built}) == 2
    assert all(Path(path).read_bytes().startswith(b"press<") for path in built)
    listed = out(capsys, "models", "list")
    assert "attention/encoder (press fp32)" in listed
    assert "attention/decoder (press fp32)" in listed


def test_the_shapes_of_parts_are_those_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["estimate", "attention", "--device", "jetson-nano", "--json", "--batch", "2"]
    typical = json.loads(out(capsys, *arguments))["models"]
    assert [one["inputs"] for one in typical] == [
        {"picture": [2, 1, 8, 32]},
        {"features": [2, 4, 6], "where": [2, 4], "token": [2]},
    ]
    asked = ("--shape", "8x64", "--shape", "features=2x8x6", "--shape", "where=2x8")
    encoder, decoder = json.loads(out(capsys, *arguments, *asked))["models"]
    assert encoder["inputs"] == {"picture": [2, 1, 8, 64]}
    assert decoder["inputs"] == {"features": [2, 8, 6], "where": [2, 8], "token": [2]}
    assert decoder["macs"] > typical[1]["macs"]
    assert main([*arguments, "--shape", "feature=2x8x6"]) == 2
    assert "Did you mean 'features'?" in capsys.readouterr().err


def test_every_part_is_measured_against_its_estimate(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "SECONDS", 0.0)
    monkeypatch.setattr(check, "PEAK_SECONDS", 0.0)
    monkeypatch.setattr(measure, "_probe", lambda cores: (1e12, 1e11, 1e7))
    found = json.loads(
        out(capsys, "estimate", "attention", "--check", "-b", "onnxruntime", "--json")
    )
    assert [(one["part"], one["check"]["backend"]) for one in found["models"]] == [
        ("encoder", "onnxruntime"),
        ("decoder", "onnxruntime"),
    ]
    assert all(one["check"]["fastest"] > 0 for one in found["models"])


def test_every_part_is_removed(capsys: pytest.CaptureFixture[str], cache_dir: Path) -> None:
    out(capsys, "models", "build", "attention", "-b", "fake")
    assert len(cached(Store(cache_dir))) == 2
    out(capsys, "models", "clean")
    assert cached(Store(cache_dir)) == []


def test_parts_are_estimated_and_added_up(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("estimate", "attention", "--device", "jetson-nano")
    found = json.loads(out(capsys, *arguments, "--json"))
    encoder, decoder = found["models"]
    assert (encoder["part"], encoder["runs"]) == ("encoder", 1)
    assert (decoder["part"], decoder["runs"]) == ("decoder", MOST)
    (whole,) = found["wholes"]
    assert whole["name"] == "attention:v1"
    assert whole["ms"] == pytest.approx(encoder["ms"] + MOST * decoder["ms"])
    told = out(capsys, *arguments)
    assert f"attention:v1, 1 x encoder + {MOST} x decoder: at least" in told
