"""TFLite: what is particular to it; what any runtime must do is in tests/contract.

The files were converted for real, see tflite_files.py.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import ocrx_tflite.backend as module
from ocrx.artifacts import Artifact, Axis, Source
from ocrx.errors import (
    BackendError,
    BackendMissing,
    DeviceMissing,
    InvalidFeed,
    PrecisionUnavailable,
    SessionClosed,
)
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.plugins.registry import load_plugins
from ocrx.testing import DIFFERENCE, LINE
from ocrx.testing.backends import verify
from ocrx_tflite.backend import TfliteBackend
from ocrx_tflite.options import TfliteOptions
from ocrx_tflite.session import TfliteSession
from support import tflite_files


@pytest.fixture(scope="module")
def line() -> Artifact:
    return tflite_files.stored(LINE.spec())


@pytest.fixture(scope="module")
def difference() -> Artifact:
    return tflite_files.stored(DIFFERENCE.spec())


def opened(artifact: Artifact, options: TfliteOptions | None = None, **how: Any) -> TfliteSession:
    return TfliteBackend(options).open(artifact, SessionOptions(**how))


class Interpreters:
    """Stands for the class Interpreter: notes how it is called and passes on to the real one."""

    def __init__(self) -> None:
        self.real = module.load_runtime().interpreter
        self.threads: list[int] = []

    def __call__(self, model_content: bytes, num_threads: int) -> Any:
        self.threads.append(num_threads)
        return self.real(model_content=model_content, num_threads=num_threads)


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Interpreters:
    found = Interpreters()
    runtime = module.Runtime(found, "ai-edge-litert", "1.0")
    monkeypatch.setattr(module, "load_runtime", lambda: runtime)
    return found


def test_it_is_registered() -> None:
    registry = load_plugins()
    assert registry.get("backend", "tflite").plugin == "tflite"
    assert registry.get("converter", "onnx2tflite").plugin == "tflite"


def test_one_file_serves_every_width_of_the_model(line: Artifact) -> None:
    with opened(line) as session:
        for width in range(8, 257, 8):
            verify(session, LINE, LINE.feeds(1, width))
    assert [path.name for path in line.path.parent.glob("*.tflite")] == ["model.tflite"]


def test_a_width_between_the_models_steps_is_refused(line: Artifact) -> None:
    with opened(line) as session:
        with pytest.raises(InvalidFeed, match=r"width is 20.*multiple of 8"):
            session.run(LINE.feeds(1, 20))
        verify(session, LINE, LINE.feeds(1, 24))


def test_inputs_that_disagree_are_refused(difference: Artifact) -> None:
    wide, narrow = DIFFERENCE.feeds(2, 6), DIFFERENCE.feeds(2, 5)
    with opened(difference) as session:
        with pytest.raises(InvalidFeed, match="width is 6 and 5"):
            session.run({"first": wide["first"], "second": narrow["second"]})
        with pytest.raises(InvalidFeed, match="rows"):
            session.run({"first": wide["first"], "second": wide["second"][:1]})
        verify(session, DIFFERENCE, narrow)


@pytest.mark.parametrize(("asked", "concurrency", "each"), [(4, 1, 4), (4, 2, 2), (2, 3, 1)])
def test_threads_are_shared_by_the_calls_under_way(
    line: Artifact, runtime: Interpreters, asked: int, concurrency: int, each: int
) -> None:
    with opened(line, threads=asked, concurrency=concurrency) as session:
        assert session.concurrency == concurrency
    assert runtime.threads == [each]


def test_an_interpreter_is_made_for_each_size_and_kept(
    line: Artifact, runtime: Interpreters
) -> None:
    with opened(line) as session:
        for width in (32, 64, 32, 64, 64, 32):
            verify(session, LINE, LINE.feeds(3, width))
    assert len(runtime.threads) == 2, "32 is the size it was converted at, 64 another"


def test_memory_is_bounded(
    line: Artifact, runtime: Interpreters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_usual_memory", lambda: 0)
    with opened(line) as session:
        for width in (32, 64, 32, 64):
            verify(session, LINE, LINE.feeds(1, width))
    assert len(runtime.threads) == 4, "room for one: it is made anew whenever the width changes"


def test_interpreters_are_given_back_when_memory_is_asked_for(
    line: Artifact, runtime: Interpreters
) -> None:
    with opened(line) as session:
        session.release()
        verify(session, LINE, LINE.feeds(1, 32))
    assert len(runtime.threads) == 2


def test_a_tflite_file_on_its_own_is_run_at_its_size_and_gives_what_it_holds(
    line: Artifact, tmp_path: Path
) -> None:
    path = tmp_path / "line.tflite"
    path.write_bytes(line.path.with_name("model.tflite").read_bytes())
    fixed = {"picture": (Axis(1, 2, 8), 1, 8, 32)}
    with opened(Artifact(path, "tflite", replace(line.spec, shapes=fixed))) as session:
        assert session.inputs[0].shape == (None, 1, 8, 32)
        feeds = LINE.feeds(2, 32)
        found, right = session.run(feeds), LINE.reference(feeds)
        scores = right["scores"].transpose(0, 2, 1)
        np.testing.assert_allclose(found["scores"], scores, atol=1e-5)
        np.testing.assert_allclose(found["features"], right["features"], atol=1e-5)
        with pytest.raises(InvalidFeed):
            session.run(LINE.feeds(2, 40))


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda read: [], id="a list"),
        pytest.param(lambda read: {}, id="nothing in it"),
        pytest.param(lambda read: read | {"patches": [{"at": [0]}]}, id="half a patch"),
        pytest.param(lambda read: read | {"file": "other.tflite"}, id="a file that is not there"),
        pytest.param(
            lambda read: read | {"outputs": [read["outputs"][0] | {"name": "strange"}]},
            id="an output that the file has not",
        ),
    ],
)
def test_a_broken_template_is_an_error_that_names_it(
    line: Artifact, tmp_path: Path, spoil: Any
) -> None:
    for file in line.path.parent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    path = tmp_path / "model.json"
    path.write_text(json.dumps(spoil(json.loads(path.read_text("utf-8")))), "utf-8")
    with pytest.raises(BackendError, match=r"model\.json") as caught:
        opened(Artifact(path, "tflite", line.spec))
    assert "models clean" in caught.value.remedy


def test_a_truncated_tflite_file_is_an_error(line: Artifact, tmp_path: Path) -> None:
    content = line.path.with_name("model.tflite").read_bytes()
    path = tmp_path / "cut.tflite"
    for length in (0, 7, 100, len(content) // 2):
        path.write_bytes(content[:length])
        with pytest.raises(BackendError, match=r"cut\.tflite"):
            opened(Artifact(path, "tflite", line.spec))


@pytest.mark.parametrize("asked", ["bf16", "fp16", "int8"])
def test_only_the_precision_of_the_file_is_had(line: Artifact, asked: Any) -> None:
    with pytest.raises(PrecisionUnavailable, match="holds fp32"):
        opened(line, precision=asked)


def test_there_is_no_gpu(line: Artifact) -> None:
    with pytest.raises(DeviceMissing, match="cuda:0"):
        opened(line, device="cuda:0")


def only(monkeypatch: pytest.MonkeyPatch, **modules: Any) -> None:
    """No runtime but those given can be imported."""
    for name, distribution in module.RUNTIMES:
        package = distribution.replace("-", "_")
        monkeypatch.setitem(sys.modules, package, None)
        monkeypatch.setitem(sys.modules, name, None)
        if package in modules:
            parent, child = ModuleType(package), ModuleType(name)
            for key, value in modules[package].items():
                setattr(child, key, value)
            monkeypatch.setitem(sys.modules, package, parent)
            monkeypatch.setitem(sys.modules, name, child)


def test_the_older_package_serves_where_it_is_the_one_there_is(
    monkeypatch: pytest.MonkeyPatch, line: Artifact
) -> None:
    real = module.load_runtime().interpreter
    only(monkeypatch, tflite_runtime={"Interpreter": real})
    found = TfliteBackend().probe()
    assert found.present
    assert found.detail == "tflite-runtime"
    with opened(line) as session:
        verify(session, LINE, LINE.feeds(2, 48))
    with pytest.raises(PrecisionUnavailable, match="gives wrong results with int8"):
        opened(replace(line, spec=replace(line.spec, precision="int8")))


@pytest.mark.parametrize("there", [{}, {"ai_edge_litert": {}}])
def test_without_a_runtime_there_is_a_remedy(
    monkeypatch: pytest.MonkeyPatch, line: Artifact, there: dict[str, Any]
) -> None:
    only(monkeypatch, **there)
    found = TfliteBackend().probe()
    assert not found.present
    assert found.remedy == 'pip install "ocrx[tflite]"'
    assert "ai_edge_litert" in found.detail
    with pytest.raises(BackendMissing, match="ocrx\\[tflite\\]"):
        opened(line)


def test_a_closed_session_frees_its_interpreters(line: Artifact, runtime: Interpreters) -> None:
    session = opened(line)
    session.close()
    with pytest.raises(SessionClosed):
        session.run(LINE.feeds(1, 32))
    assert runtime.threads == [runtime.threads[0]]


def test_a_source_names_a_file(line: Artifact) -> None:
    """The folder can be copied to a device that has no converter: two files are all there is."""
    published = replace(line.spec, artifacts={"tflite": Source("model.json", path=line.path)})
    with opened(Artifact(line.path, "tflite", published)) as session:
        verify(session, LINE, LINE.feeds(1, 40))
