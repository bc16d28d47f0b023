"""Models that OpenVINO compiled, kept for the next start."""

from __future__ import annotations

import errno
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

import onnx
import pytest

from ocrx.interfaces.runtimes import SessionOptions
from ocrx.plugins.registrar import Request
from ocrx.plugins.registry import load_plugins
from ocrx.testing import LINE
from ocrx.testing.backends import verify
from ocrx.weights.store import Store
from ocrx_openvino import compiled
from ocrx_openvino.backend import OpenVinoBackend, load_core
from ocrx_openvino.compiled import KEPT, CompiledModels

MODEL = LINE.artifact(("onnx",)).path
PROPERTIES = {"INFERENCE_PRECISION_HINT": "f32"}


@pytest.fixture(autouse=True)
def small_models_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "LEAST", 0)


class Watched:
    """OpenVINO, which remembers whether it had to compile."""

    def __init__(self) -> None:
        self.compiled = 0
        self._core = load_core()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._core, name)

    def compile_model(self, *arguments: Any) -> Any:
        self.compiled += 1
        return self._core.compile_model(*arguments)


def compiles(cache: Path, path: Path = MODEL, **properties: str) -> bool:
    """Whether a new process would have to compile the model; it is run, whatever it is."""
    core = Watched()
    model = CompiledModels(cache).open(core, path, "CPU", {**PROPERTIES, **properties})
    model.create_infer_request()
    return bool(core.compiled)


def kept(cache: Path) -> list[Path]:
    return sorted((cache / "compiled" / "openvino").iterdir())


def test_a_model_is_compiled_once(tmp_path: Path) -> None:
    assert [compiles(tmp_path), compiles(tmp_path)] == [True, False]
    assert [file.suffix for file in kept(tmp_path)] == [".blob"]


def test_what_is_kept_computes_the_same(tmp_path: Path) -> None:
    backend = OpenVinoBackend(tmp_path)
    options = SessionOptions(precision="fp32", concurrency=2)
    for _ in range(2):
        with backend.open(LINE.artifact(("onnx",)), options) as session:
            verify(session, LINE, LINE.feeds(2, 16))
            assert (session.precision, session.device) == ("fp32", "cpu")
    assert len(kept(tmp_path)) == 1


def test_readers_keep_models_in_the_cache(cache_dir: Path) -> None:
    request = Request("", None, Store())
    backend: Any = load_plugins().get("backend", "openvino").build(request)
    backend.open(LINE.artifact(("onnx",)), SessionOptions()).close()
    assert len(kept(cache_dir)) == 1


def test_what_it_depends_on_tells_models_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert compiles(tmp_path)
    assert compiles(tmp_path, NUM_STREAMS="2")
    assert compiles(tmp_path, INFERENCE_PRECISION_HINT="bf16")
    other = onnx.load(str(MODEL))
    other.producer_name = "another"
    path = tmp_path / "other.onnx"
    onnx.save(other, str(path))
    assert compiles(tmp_path, path)
    monkeypatch.setattr("openvino.get_version", lambda: "another")
    assert compiles(tmp_path)
    assert len(kept(tmp_path)) == 5


def sealed(blob: bytes) -> bytes:
    return hashlib.sha256(blob).digest() + blob


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2] + b"\0" + content[len(content) // 2 + 1 :],
        lambda content: b"",
        lambda content: content[:20],
        lambda content: sealed(b"not a model"),
        lambda content: sealed(content[32:90]),
    ],
    ids=["cut", "changed", "empty", "stub", "another's", "another's beginning"],
)
def test_a_damaged_file_is_not_used_and_replaced(tmp_path: Path, damage: Any) -> None:
    compiles(tmp_path)
    (file,) = kept(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert [compiles(tmp_path), compiles(tmp_path)] == [True, False]
    assert kept(tmp_path) == [file]


def test_a_cache_that_cannot_be_written_is_done_without(
    tmp_path: Path, recwarn: pytest.WarningsRecorder, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cache"
    file.write_text("no folder")
    assert [compiles(file), compiles(file)] == [True, True]
    assert not recwarn.list
    assert capfd.readouterr() == ("", "")


def test_nothing_is_exported_that_cannot_be_kept(tmp_path: Path) -> None:
    class Unexportable(Watched):
        def compile_model(self, *arguments: Any) -> Any:
            return self

        def export_model(self, target: object) -> NoReturn:
            raise AssertionError("it was exported")

    file = tmp_path / "cache"
    file.write_text("no folder")
    CompiledModels(file).open(Unexportable(), MODEL, "CPU", PROPERTIES)


def test_a_model_that_is_replaced_while_it_is_opened_is_not_kept(tmp_path: Path) -> None:
    class Slow(Watched):
        def read_model(self, path: Path) -> Any:
            other = onnx.load(str(MODEL))
            other.producer_name = "another"
            onnx.save(other, str(path))
            return self._core.read_model(path)

    path = tmp_path / "model.onnx"
    path.write_bytes(MODEL.read_bytes())
    CompiledModels(tmp_path).open(Slow(), path, "CPU", PROPERTIES)
    assert not (tmp_path / "compiled").exists()


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert compiles(tmp_path)
    assert kept(tmp_path) == []


def test_what_was_used_longest_ago_and_what_was_left_half_written_goes(tmp_path: Path) -> None:
    folder = tmp_path / "compiled" / "openvino"
    folder.mkdir(parents=True)
    for age in range(1, KEPT + 3):
        file = folder / f"{age:02}.{'part' if age % 2 else 'blob'}"
        file.touch()
        os.utime(file, (1e9 - age, 1e9 - age))
    assert compiles(tmp_path)
    names = {file.stem for file in kept(tmp_path)}
    assert len(names) == KEPT
    assert names > {f"{age:02}" for age in range(1, KEPT)}


def test_a_file_that_is_used_is_no_longer_old(tmp_path: Path) -> None:
    compiles(tmp_path)
    (file,) = kept(tmp_path)
    os.utime(file, (1e9, 1e9))
    assert not compiles(tmp_path)
    assert file.stat().st_mtime > 1e9 + 1


def test_many_may_open_it_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert any(pool.map(compiles, [tmp_path] * 24))
    assert [file.suffix for file in kept(tmp_path)] == [".blob"]
    assert not compiles(tmp_path)


def test_models_with_weights_in_another_file_are_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    model = onnx.load(str(MODEL))
    onnx.save(
        model,
        str(path),
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location="weights.bin",
        size_threshold=0,
    )
    assert (tmp_path / "weights.bin").is_file()
    assert [compiles(tmp_path, path), compiles(tmp_path, path)] == [True, True]


def test_small_models_are_not_worth_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "LEAST", 1_000_000)
    assert [compiles(tmp_path), compiles(tmp_path)] == [True, True]
    assert not (tmp_path / "compiled").exists()
