"""The command line in this process, with a reader that needs no models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from ocrx.plugins.registrar import Registrar
from ocrx_cli.app import main
from support.onlyplugins import install_only
from support.samples import encode, gradient


@dataclass(frozen=True)
class Run:
    """What a command line came to."""

    code: int
    out: str
    err: str


@pytest.fixture
def ocrx(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Run]:
    """Runs a command line with no plugin but the fake reader; `read` uses it."""
    named = {
        "fake": "support.fakereader",
        "output": "ocrx.output.plugin",
        "bench": "ocrx.bench.plugin",
    }
    points = [EntryPoint(name, value, "ocrx") for name, value in named.items()]
    monkeypatch.setattr("ocrx.plugins.registry.entry_points", lambda group: points)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: points)

    def run(*arguments: str | Path) -> Run:
        argv = [str(argument) for argument in arguments]
        if argv[:1] == ["read"] and "-r" not in argv and "--help" not in argv:
            argv[1:1] = ["-r", "fake"]
        code = main(argv)
        out, err = capfdbinary.readouterr()
        return Run(code, out.decode(), err.decode())

    return run


@pytest.fixture
def only_plugin(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes what the functions add all there is, each as a plugin of its own."""

    def use(*added: Callable[[Registrar], None]) -> None:
        install_only(
            monkeypatch,
            {f"acme{number or ''}": register for number, register in enumerate(added)},
        )

    return use


@pytest.fixture
def picture(tmp_path: Path) -> Callable[..., Path]:
    """Writes a picture of that size into the test's folder."""

    def make(name: str, width: int = 40, height: int = 20, folder: Path = tmp_path) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(gradient(width, height)))
        return path

    return make
