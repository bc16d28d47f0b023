"""Paddle Inference: what is particular to it; what any runtime must do is in tests/contract."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import ocrx_paddle.backend as module
from ocrx.artifacts import Artifact, ModelSpec
from ocrx.errors import (
    BackendError,
    BackendMissing,
    DeviceMissing,
    PrecisionUnavailable,
    SessionClosed,
)
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.names import Precision
from ocrx.plugins.registry import load_plugins
from ocrx.testing import LINE
from ocrx.testing.backends import verify
from ocrx_paddle.backend import PaddleBackend
from ocrx_paddle.runtime import load_runtime
from ocrx_paddle.session import PaddleSession
from support import paddle_files


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    return paddle_files.toy_artifact(LINE, tmp_path_factory.mktemp("line"))


def opened(artifact: Artifact, **options: Any) -> PaddleSession:
    return PaddleBackend().open(artifact, SessionOptions(**options))


class FakePaddle:
    """A Paddle with as many GPUs, None for one that is not built for any. Predictors are made on
    the real processor; what a configuration was told is in `said`."""

    def __init__(self, gpus: int | None) -> None:
        self.said: list[tuple[Any, ...]] = []
        real = load_runtime().inference

        def config(*files: str) -> Any:
            return FakeConfig(real.Config(*files), self.said)

        self.device = SimpleNamespace(
            is_compiled_with_cuda=lambda: gpus is not None,
            cuda=SimpleNamespace(device_count=lambda: gpus),
        )
        self.inference = SimpleNamespace(
            Config=config, create_predictor=lambda told: real.create_predictor(told.real)
        )


class FakeConfig:
    def __init__(self, real: Any, said: list[tuple[Any, ...]]) -> None:
        self.real, self._said = real, said

    def __getattr__(self, name: str) -> Any:
        def tell(*arguments: Any) -> None:
            self._said.append((name, *arguments))
            if name != "enable_use_gpu":
                getattr(self.real, name)(*arguments)

        return tell


def machine(monkeypatch: pytest.MonkeyPatch, gpus: int | None) -> FakePaddle:
    fake = FakePaddle(gpus)
    monkeypatch.setattr(module, "load_runtime", lambda: fake)
    return fake


def test_it_is_registered() -> None:
    registry = load_plugins()
    assert registry.get("backend", "paddle").plugin == "paddle"
    assert registry.get("converter", "paddle-onnx").plugin == "paddle"


@pytest.mark.parametrize(
    ("gpus", "asked", "device"),
    [(2, "auto", "gpu:0"), (2, "gpu", "gpu:0"), (2, "gpu:1", "gpu:1"), (2, "cpu", "cpu"),
     (0, "auto", "cpu"), (None, "auto", "cpu")],
)  # fmt: skip
def test_a_device_is_found_by_its_name(
    monkeypatch: pytest.MonkeyPatch, line: Artifact, gpus: int | None, asked: str, device: str
) -> None:
    fake = machine(monkeypatch, gpus)
    with opened(line, device=asked) as session:
        assert session.device == device
    there = [index for name, *index in fake.said if name == "enable_use_gpu"]
    assert there == ([] if device == "cpu" else [[256, int(device[-1])]])
    assert (("disable_gpu",) in fake.said) == (device == "cpu")


@pytest.mark.parametrize(
    ("gpus", "asked", "remedy"),
    [
        (None, "gpu", "Run: pip uninstall paddlepaddle && pip install paddlepaddle-gpu -i"),
        (None, "gpu:3", "Run: pip uninstall"),
        (0, "gpu", "Check with `nvidia-smi`"),
        (2, "gpu:2", "Check with `nvidia-smi`"),
        (2, "cuda:0", "Choose one of these"),
    ],
)
def test_a_device_that_is_not_there_is_never_replaced(
    monkeypatch: pytest.MonkeyPatch, line: Artifact, gpus: int | None, asked: str, remedy: str
) -> None:
    fake = machine(monkeypatch, gpus)
    with pytest.raises(DeviceMissing) as caught:
        opened(line, device=asked)
    assert repr(asked) in caught.value.message
    assert caught.value.remedy.startswith(remedy)
    assert fake.said == []


@pytest.mark.parametrize(
    ("held", "asked"),
    [("fp32", "bf16"), ("fp32", "fp16"), ("fp32", "int8"), ("int8", "auto"), ("int8", "fp32")],
)
def test_only_fp32_is_to_be_had(line: Artifact, held: Precision, asked: Precision) -> None:
    artifact = replace(line, spec=replace(line.spec, precision=held))
    with pytest.raises(PrecisionUnavailable, match="Use `--precision fp32`") as caught:
        opened(artifact, precision=asked)
    assert caught.value.message.endswith(f"in {asked if held == 'fp32' else held}")


@pytest.mark.parametrize(
    ("threads", "concurrency", "each"), [(4, 1, 4), (4, 2, 2), (2, 3, 1), (None, 9, 1)]
)
def test_threads_are_shared_by_the_calls_under_way(
    monkeypatch: pytest.MonkeyPatch,
    line: Artifact,
    threads: int | None,
    concurrency: int,
    each: int,
) -> None:
    fake = machine(monkeypatch, None)
    with opened(line, threads=threads, concurrency=concurrency) as session:
        assert session.concurrency == concurrency
        assert len(session._free) == concurrency
    assert ("set_cpu_math_library_num_threads", each) in fake.said


def test_as_many_runs_at_once_as_asked_for(line: Artifact) -> None:
    session = opened(line, concurrency=2)
    with session._taken() as one, session._taken() as two:
        assert one is not two
        waiting = threading.Thread(target=session.run, args=(LINE.feeds(1, 16),), daemon=True)
        waiting.start()
        time.sleep(0.05)
        assert waiting.is_alive()
    waiting.join(timeout=30)
    assert not waiting.is_alive()
    verify(session, LINE, LINE.feeds(1, 16))


def test_a_call_that_waits_while_it_is_closed_is_refused(line: Artifact) -> None:
    session, came = opened(line), list[str]()

    def wait() -> None:
        try:
            session.run(LINE.feeds(1, 16))
        except SessionClosed:
            came.append("closed")

    with session._taken():
        waiting = threading.Thread(target=wait, daemon=True)
        waiting.start()
        time.sleep(0.05)
        session.close()
        waiting.join(timeout=30)
    assert came == ["closed"]
    assert session._free == [], "the predictor that was under way is not kept"


def test_memory_is_given_back_only_between_runs(
    line: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    trimmed: list[bool] = []
    monkeypatch.setattr("ocrx_paddle.session.trim_memory", lambda: trimmed.append(True))
    session = opened(line, concurrency=2)
    before = session.run(LINE.feeds(2, 48))
    with session._taken():
        session.release()
    assert trimmed == []
    session.release()
    assert trimmed == [True]
    after = session.run(LINE.feeds(2, 48))
    assert all(np.array_equal(before[name], after[name]) for name in before)
    session.close()
    session.release()
    assert trimmed == [True]


def test_a_failure_while_running_names_model_and_shapes(tmp_path: Path) -> None:
    path = tmp_path / "reshaper.json"
    paddle_files.save(lambda paddle, inputs: [inputs[0].reshape([3, -1])], {"x": [-1]}, path)
    artifact = Artifact(path, "paddle", ModelSpec("reshaper", "recognition", {}))
    with opened(artifact) as session:
        with pytest.raises(BackendError, match=r"reshaper on x \(7,\)") as caught:
            session.run({"x": np.zeros(7, np.float32)})
        assert "must be divisible by known capacity" in caught.value.message
        assert "\n" not in caught.value.message
        (found,) = session.run({"x": np.zeros(6, np.float32)}).values()
    assert found.shape == (3, 2)


QUIET = """
import logging, os, signal, sys
before = signal.getsignal(signal.SIGTERM), dict(os.environ), list(logging.getLogger().handlers)
from pathlib import Path
import numpy as np
from ocrx.artifacts import Artifact, ModelSpec
from ocrx.interfaces import SessionOptions
from ocrx_paddle.backend import PaddleBackend
artifact = Artifact(Path(sys.argv[1]), "paddle", ModelSpec("mean", "recognition", {}))
with PaddleBackend().open(artifact, SessionOptions()) as session:
    session.run({"x": np.zeros((1, 3, 8, 8), np.float32)})
after = signal.getsignal(signal.SIGTERM), dict(os.environ), list(logging.getLogger().handlers)
assert after[0] == before[0] and after[2] == before[2], (before, after)
names = ("OMP_NUM_THREADS", "GLOG_minloglevel")
assert [after[1].get(n) for n in names] == [before[1].get(n) for n in names]
os.kill(os.getpid(), signal.SIGTERM)
"""


def resized_mean(paddle: Any, inputs: Any) -> Any:
    """Of both that Paddle 3.3's oneDNN has trouble with."""
    larger = paddle.nn.functional.interpolate(inputs[0], scale_factor=2, mode="nearest")
    return [paddle.nn.Conv2D(3, 4, 3)(larger).mean([2, 3])]


@pytest.mark.slow
def test_paddle_says_nothing_and_changes_nothing_in_the_process(tmp_path: Path) -> None:
    """Its crash report for SIGTERM and its line on stdout for every mean among the rest."""
    path = tmp_path / "mean.json"
    paddle_files.save(resized_mean, {"x": [-1, 3, -1, -1]}, path)
    command = [sys.executable, "-c", QUIET, str(path)]
    usual = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=usual)
    assert (done.stdout, done.stderr) == ("", "")
    assert done.returncode == -15


def test_a_runtime_that_does_not_import_is_not_present(
    monkeypatch: pytest.MonkeyPatch, line: Artifact
) -> None:
    monkeypatch.setitem(sys.modules, "paddle", None)
    found = PaddleBackend().probe()
    assert not found.present
    assert found.remedy == 'pip install "ocrx[paddle]"'
    assert "ModuleNotFoundError" in found.detail
    with pytest.raises(BackendMissing, match="ocrx\\[paddle\\]"):
        opened(line)
