"""Models of several networks in `ocrx models` and `ocrx estimate`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ocrx.artifacts import ModelSpec
from ocrx.plugins.registrar import Registrar
from ocrx_cli.app import main
from ocrx_onnx.inspector import OnnxInspector
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
