"""`ocrx converters`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ocrx.conversion import environments
from ocrx.conversion.environments import Say
from ocrx.errors import BackendError
from ocrx.interfaces.conversion import Environment
from ocrx.plugins.registrar import Registrar
from ocrx_cli.app import main
from support.fakeconverter import ONNX_TO_ENGINE, FakeConverter

HERE = sys.version_info[:2]
ENVIRONMENT = Environment("kiln", ("clay==1.0",), HERE, (HERE[0], HERE[1] + 1), 12)


@pytest.fixture
def cache(
    monkeypatch: pytest.MonkeyPatch, only_plugin: Callable[..., None], cache_dir: Path
) -> Path:
    """Two converters: `press` needs nothing, `kiln` an environment, which is installed by writing
    its mark."""
    press, kiln = (FakeConverter(name, ONNX_TO_ENGINE) for name in ("press", "kiln"))
    kiln.environment = ENVIRONMENT

    def add(registrar: Registrar) -> None:
        registrar.add("converter", "press", lambda request: press)
        registrar.add("converter", "kiln", lambda request: kiln)

    only_plugin(add)

    def install(environment: Environment, cache: Path, say: Say, python: Path | None) -> Path:
        if python is not None and not python.exists():
            raise BackendError(f"no {python}", "Another.")
        say("working")
        folder = environment.folder(cache)
        folder.mkdir(parents=True)
        return folder / "python"

    monkeypatch.setattr(environments, "install", install)
    return cache_dir


def test_they_are_listed(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["converters", "list"]) == 0
    heading, kiln, press = capsys.readouterr().out.splitlines()
    assert heading.split()[:3] == ["CONVERTER", "MAKES", "STATE"]
    assert "onnx fp32 > engine" in press
    assert press.startswith("press")
    assert kiln.startswith("kiln")
    assert main(["converters", "list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "ocrx/1"
    [kiln, press] = told["converters"]
    assert (press["state"], press["environment"], press["megabytes"]) == ("ok", None, None)
    assert kiln["environment"] == str(ENVIRONMENT.folder(cache))
    assert kiln["megabytes"] == 12


def test_an_environment_is_installed_and_removed(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["converters", "install", "kiln"]) == 0
    said = capsys.readouterr()
    assert said.out.strip() == str(ENVIRONMENT.folder(cache) / "python")
    assert "working" in said.err
    assert main(["converters", "remove", "kiln"]) == 0
    assert "deleted" in capsys.readouterr().err
    assert not ENVIRONMENT.folder(cache).exists()
    assert main(["converters", "remove", "kiln", "press"]) == 0
    assert "kiln has no environment" in capsys.readouterr().err


def test_one_that_needs_none_says_so(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["converters", "install", "press"]) == 0
    assert "needs no environment" in capsys.readouterr().err


def test_errors_are_one_line(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["converters", "install", "kilm"]) == 2
    assert "Did you mean 'kiln'?" in capsys.readouterr().err
    assert main(["converters", "install", "kiln", "--python", "nowhere"]) == 5
    assert "no nowhere" in capsys.readouterr().err
    assert main(["converters", "install"]) == 2
    assert "NAME" in capsys.readouterr().err
