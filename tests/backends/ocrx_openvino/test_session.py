"""OpenVINO sessions: outputs, calls at once, memory, closing."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import openvino
import pytest
from onnx import helper

from ocrx.artifacts import Axis
from ocrx.errors import BackendError
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.testing import LINE
from ocrx.testing.backends import verify
from ocrx_openvino import session as module
from ocrx_openvino.backend import OpenVinoBackend
from support.onnx_files import reshaper, save

ARTIFACT = LINE.artifact(("onnx",))


def test_outputs_are_not_copied_and_not_kept() -> None:
    """Each is a view of a tensor of its own, which the session lets go at once."""
    with OpenVinoBackend().open(ARTIFACT, SessionOptions()) as session:
        one = session.run(LINE.feeds(1, 32))["features"]
        (request,) = session._requests._free
        assert [tensor.get_size() for tensor in request._outputs] == [0] * len(session.outputs)
        other = session.run(LINE.feeds(1, 32))["features"]
    assert isinstance(one.base, openvino.Tensor)
    assert not np.shares_memory(one, other)


def test_an_output_that_is_an_input_and_one_given_twice_and_static_shapes(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Identity", ["x"], ["same"]),
        helper.make_node("Neg", ["x"], ["negative"]),
        helper.make_node("Identity", ["negative"], ["again"]),
    ]
    x = np.arange(4, dtype=np.float32)[None]
    shapes = {name: ("float32", [1, 4]) for name in ("same", "negative", "again")}
    artifact = save(tmp_path / "copies.onnx", nodes, {"x": ("float32", [1, 4])}, shapes)
    with OpenVinoBackend().open(artifact, SessionOptions(precision="fp32")) as session:
        outputs = session.run({"x": x})
        session.run({"x": x * 9})
    assert {name: array.tolist() for name, array in outputs.items()} == {
        "same": x.tolist(),
        "negative": (-x).tolist(),
        "again": (-x).tolist(),
    }
    outputs["negative"][:] = 5
    assert outputs["again"].tolist() == (-x).tolist()
    assert x.tolist() == [[0, 1, 2, 3]]


def test_a_failure_while_running_names_model_and_shapes(tmp_path: Path) -> None:
    artifact = reshaper(tmp_path)
    with OpenVinoBackend().open(artifact, SessionOptions(precision="fp32")) as session:
        with pytest.raises(BackendError, match=r"reshaper on x \(7,\)"):
            session.run({"x": np.zeros(7, np.float32)})
        assert session.run({"x": np.zeros(6, np.float32)})["y"].shape == (3, 2)


def test_as_many_runs_at_once_as_asked_for() -> None:
    session = OpenVinoBackend().open(ARTIFACT, SessionOptions(concurrency=2))
    pool = session._requests
    with pool.take() as one, pool.take() as two:
        assert one is not two
        waiting = threading.Thread(target=session.run, args=(LINE.feeds(1, 16),), daemon=True)
        waiting.start()
        time.sleep(0.05)
        assert waiting.is_alive()
    waiting.join(timeout=30)
    assert not waiting.is_alive()
    verify(session, LINE, LINE.feeds(1, 16))


def test_memory_is_given_back_only_between_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    session = OpenVinoBackend().open(ARTIFACT, SessionOptions(concurrency=2))
    feeds = LINE.feeds(2, 48)
    before = session.run(feeds)
    done: list[str] = []
    model = session._requests._model

    class Watched:
        def release_memory(self) -> None:
            model.release_memory()
            done.append("released")

    monkeypatch.setattr(session._requests, "_model", Watched())
    with session._requests.take():
        session.release()
    assert done == []
    session.release()
    assert done == ["released"]
    after = session.run(feeds)
    assert all(np.array_equal(before[name], after[name]) for name in before)
    session.close()
    session.release()
    assert done == ["released"]


def test_after_many_shapes_the_model_is_opened_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenVINO keeps something of every shape."""
    monkeypatch.setattr(module, "SHAPES", 3)
    monkeypatch.setattr(module, "SIZES", 2)
    free = replace(ARTIFACT.spec, shapes={"page": (1, 3, Axis(32, 64, 96), Axis(32, 64, 96))})
    with OpenVinoBackend().open(replace(ARTIFACT, spec=free), SessionOptions()) as pages:
        assert pages._most == 2  # pages come in more sizes than lines
    session = OpenVinoBackend().open(ARTIFACT, SessionOptions(concurrency=2))
    requests = [weakref.ref(request) for request in session._requests._free]
    for width in (16, 24, 16):
        session.run(LINE.feeds(1, width))
    session.release()
    assert all(request() for request in requests)
    before = session.run(LINE.feeds(1, 32))
    with session._requests.take():
        session.release()
    assert all(request() for request in requests)
    session.release()
    gc.collect()
    assert [request() for request in requests] == [None, None]
    after = session.run(LINE.feeds(1, 32))
    assert all(np.array_equal(before[name], after[name]) for name in before)
    session.close()


def test_a_model_that_cannot_be_opened_anew_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHAPES", 1)
    session = OpenVinoBackend().open(ARTIFACT, SessionOptions())
    session.run(LINE.feeds(1, 16))

    def fail() -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(session, "_opened", fail)
    session.release()
    verify(session, LINE, LINE.feeds(1, 16))
    session.close()


def test_closing_frees_the_model() -> None:
    """Its requests are what holds it."""
    session = OpenVinoBackend().open(ARTIFACT, SessionOptions(concurrency=2))
    requests = [weakref.ref(request) for request in session._requests._free]
    assert len(requests) == 2
    with session._requests.take():
        session.close()
    gc.collect()
    assert [request() for request in requests] == [None, None]
    assert not session._requests._free


def test_closing_wakes_those_who_wait() -> None:
    session = OpenVinoBackend().open(ARTIFACT, SessionOptions())
    errors: list[str] = []

    def wait_for_a_turn() -> None:
        try:
            session.run(LINE.feeds(1, 16))
        except BackendError as error:
            errors.append(type(error).__name__)

    with session._requests.take():
        waiting = threading.Thread(target=wait_for_a_turn, daemon=True)
        waiting.start()
        time.sleep(0.05)
        session.close()
        waiting.join(timeout=30)
    assert errors == ["SessionClosed"]
