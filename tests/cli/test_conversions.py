"""`ocrx models build` and `clean`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fakeconverter import ONNX_TO_ENGINE, FakeBackend, FakeConverter
from ocrx import plugins
from ocrx.artifacts import ModelSpec, Source
from ocrx.plugins import PluginRecord, Registrar, Registry
from ocrx_cli.app import main


@pytest.fixture(autouse=True)
def converter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cache_dir: Path) -> FakeConverter:
    """The only plugin there is: one recogniser, one runtime, one converter between them."""
    weights = tmp_path / "toy.onnx"
    weights.write_bytes(b"weights")
    spec = ModelSpec("toy", "recognition", {"onnx": Source("toy.onnx", path=weights)})
    converter = FakeConverter("press", ONNX_TO_ENGINE)
    registrar = Registrar("acme", "acme-ocr")
    registrar.add("backend", "fake", lambda request: FakeBackend())
    registrar.add("converter", "press", lambda request: converter)
    registrar.add("recognizer", "toy", lambda request: None, models=lambda: {"v1": spec})
    registry = Registry([PluginRecord("acme", "acme-ocr", "1.0", registrar.added)])
    monkeypatch.setattr(plugins, "load_plugins", lambda: registry)
    return converter


def test_a_model_is_built_once_listed_and_cleaned(
    capsys: pytest.CaptureFixture[str], converter: FakeConverter
) -> None:
    assert main(["models", "build", "toy:v1", "--backend", "fake"]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path.read_bytes() == b"press<weights>"
    assert main(["models", "build", "-b", "fake"]) == 0, "without a name, what is read with"
    assert Path(capsys.readouterr().out.strip()) == path
    assert len(converter.calls) == 1

    assert main(["models", "list"]) == 0
    assert "toy (press fp32)" in capsys.readouterr().out
    assert main(["models", "list", "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["conversions"]
    assert (entry["model"], entry["converter"], entry["whole"]) == ("toy", "press", True)
    path.write_bytes(b"press<")
    assert main(["models", "list"]) == 0
    assert "damaged" in capsys.readouterr().out

    assert main(["models", "clean"]) == 0
    assert not path.exists()


def test_what_cannot_be_built_is_told_with_the_reason(
    capsys: pytest.CaptureFixture[str], converter: FakeConverter
) -> None:
    assert main(["models", "build", "toy", "-b", "fake", "--precision", "int8"]) == 5
    assert "press (onnx to engine fp32)" in capsys.readouterr().err
    converter.present = False
    assert main(["models", "build", "toy", "-b", "fake"]) == 5
    assert "pip install press" in capsys.readouterr().err
    assert main(["models", "build", "toy"]) == 5, "no runtime takes it as it is"
