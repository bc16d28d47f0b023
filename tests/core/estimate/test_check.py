from __future__ import annotations

import pytest

from ocrx.estimate import check
from ocrx.estimate.check import Check, checked, raised, times
from ocrx.estimate.devices import Device
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.testing import LINE
from ocrx.weights.store import Store

SLOW = Device("slow", "Slow", {"fp32": 1e-9, "int8": 5.0}, 1.0, 0, "measured")
FAST = Device("fast", "Fast", {"fp32": 1e9}, 1.0, 0, "measured")


@pytest.fixture
def assembly() -> Assembly:
    return Assembly(load_plugins(), Store(offline=True))


def test_a_peak_is_raised_to_what_a_runtime_does(
    assembly: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "PEAK_SECONDS", 0.05)
    runtime, inspector = assembly.backend("onnxruntime"), assembly.inspector("onnx")
    options = SessionOptions("cpu", "fp32", 1)
    found = raised(SLOW, inspector, runtime, options)
    assert 1e-4 < found.tflops["fp32"] < 100
    assert found.tflops["int8"] == 5.0
    assert found.source == "measured; matrix products on onnxruntime"
    assert raised(FAST, inspector, runtime, options).tflops == FAST.tflops


def test_a_session_runs_for_some_time_and_some_runs(
    assembly: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "SECONDS", 0.05)
    runtime = assembly.backend("onnxruntime")
    with runtime.open(LINE.artifact(runtime.accepts), SessionOptions("cpu", "fp32", 1)) as session:
        shapes = {one.name: tuple(length or 32 for length in one.shape) for one in session.inputs}
        few = times(session, shapes, 0.0)
        assert len(few) == check.LEAST
        assert all(spent > 0 for spent in few)
        assert len(times(session, shapes, 0.2)) > check.LEAST
        found = checked(session, "onnxruntime", shapes, 1e-9)
    assert found.holds
    assert found.fastest <= found.median
    assert (found.backend, found.device, found.precision) == ("onnxruntime", "cpu", "fp32")


def test_the_efficiency_is_the_bounds_share() -> None:
    found = Check("b", "cpu", "fp32", 5, fastest=4.0, median=5.0, bound=1.0)
    assert (found.holds, found.efficiency) == (True, 25.0)
    assert not Check("b", "cpu", "fp32", 5, fastest=4.0, median=5.0, bound=4.1).holds
