"""`ocrx doctor`: what is here, what is missing, and how to get it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ocrx.artifacts import Artifact, ModelSpec, Source
from ocrx.errors import BackendMissing
from ocrx.interfaces.runtimes import Availability, Backend, Session, SessionOptions
from ocrx.plugins.registrar import Registrar
from ocrx_cli.app import main

Runner = Callable[..., Any]


class Present(Backend):
    name: ClassVar[str] = "present"
    accepts: ClassVar[tuple[str, ...]] = ("onnx",)

    def probe(self) -> Availability:
        names = {"cuda:0": "NVIDIA L4"}
        return Availability(True, "1.2.3", ("cpu", "cuda:0"), names=names)

    def open(self, artifact: Artifact, options: SessionOptions) -> Session:
        raise NotImplementedError


class Missing(Present):
    name = "missing"

    def probe(self) -> Availability:
        return Availability(False, remedy="pip install 'ocrx[missing]'", detail="not installed")


class Rude(Present):
    name = "rude"

    def probe(self) -> Availability:
        raise RuntimeError("probe fell over")


def refuse(request: object) -> Backend:
    raise BackendMissing("no such runtime", "Buy one.")


def fail(request: object) -> Backend:
    raise ZeroDivisionError


@pytest.fixture
def world(only_plugin: Callable[..., None], cache_dir: Path) -> Callable[..., None]:
    """Makes these backends all there is."""

    def make(**backends: Any) -> None:
        def add(registrar: Registrar) -> None:
            for name, build in backends.items():
                registrar.add("backend", name, build)
            registrar.add("recognizer", "reads", fail, models=models)
            registrar.add("recognizer", "breaks", fail, models=unlisted)

        only_plugin(add, broken)

    def broken(registrar: Registrar) -> None:
        raise ImportError("boom")

    def models() -> dict[str, ModelSpec]:
        weights = cache_dir.parent / "here.onnx"
        weights.write_bytes(b"x")
        absent = Source("away.onnx", url="https://example.org/away.onnx", sha256="0" * 64)
        return {
            "here": ModelSpec("h", "recognition", {"onnx": Source("here.onnx", path=weights)}),
            "away": ModelSpec("a", "recognition", {"onnx": absent}),
        }

    return make


def unlisted() -> dict[str, ModelSpec]:
    raise ZeroDivisionError


def built(backend: type[Backend]) -> Callable[[object], Backend]:
    return lambda request: backend()


def test_each_runtime_is_there_or_says_how_to_get_it(ocrx: Runner, world: Any) -> None:
    world(
        present=built(Present),
        missing=built(Missing),
        rude=built(Rude),
        refused=refuse,
        broken=fail,
    )
    run = ocrx("doctor")
    assert run.code == 0
    lines = {line.split()[0]: line for line in run.out.splitlines() if line.startswith("  ")}
    assert lines["present"].split(maxsplit=3)[1:] == ["ok", "1.2.3", "cpu, cuda:0 (NVIDIA L4)"]
    assert "missing" in lines["missing"]
    assert "pip install 'ocrx[missing]'" in lines["missing"]
    assert "RuntimeError: probe fell over" in lines["rude"]
    assert "Buy one." in lines["refused"]
    assert "ZeroDivisionError" in lines["broken"]
    assert "ImportError: boom" in run.out
    assert run.out.endswith("Ready to read.\n")


def test_no_runtime_is_exit_5(ocrx: Runner, world: Any) -> None:
    world(missing=built(Missing))
    run = ocrx("doctor")
    assert run.code == 5
    assert run.out.endswith("Not ready: no runtime can be used.\n")
    run = ocrx("doctor", "--json")
    assert run.code == 5
    assert json.loads(run.out)["ready"] is False


def test_json_says_the_same(ocrx: Runner, world: Any, cache_dir: Path) -> None:
    world(present=built(Present))
    (cache_dir / "models").mkdir(parents=True)
    (cache_dir / "models" / "x").write_bytes(b"12345")
    found = json.loads(ocrx("doctor", "--json").out)
    assert found["schema"] == "ocrx/1"
    assert found["ready"] is True
    assert found["backends"] == [
        {
            "name": "present",
            "present": True,
            "version": "1.2.3",
            "devices": ["cpu", "cuda:0"],
            "remedy": "",
            "detail": "",
            "names": {"cuda:0": "NVIDIA L4"},
        }
    ]
    assert found["cache"] == {"folder": str(cache_dir), "size": 5, "writable": True}
    assert [model["name"] for model in found["models"]] == ["reads:here"]
    assert found["models_missing"] == 1
    assert [row["name"] for row in found["failed_plugins"]] == ["acme1"]
    assert found["system"]["environment"]["OCRX_CACHE_DIR"] == str(cache_dir)
    assert found["system"]["cores"] >= 1


def test_it_changes_nothing(ocrx: Runner, world: Any, cache_dir: Path) -> None:
    world(present=built(Present))
    ocrx("doctor")
    assert not cache_dir.exists()


def test_a_cache_that_cannot_be_written(
    ocrx: Runner, world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world(present=built(Present))
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("OCRX_CACHE_DIR", str(tmp_path / "file" / "cache"))
    run = ocrx("doctor")
    assert run.code == 0
    assert "cannot be written" in run.out


def test_the_runtime_that_comes_along_is_ready(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "openvino" in out
    assert "paddle:v6-small" in out
