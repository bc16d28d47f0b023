"""OpenVINO: what is particular to it; what any runtime must do is in tests/contract."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openvino
import pytest

import ocrx_openvino.backend as module
from ocrx.errors import BackendMissing, DeviceMissing, PrecisionUnavailable
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.names import Precision
from ocrx.plugins.registrar import Request
from ocrx.plugins.registry import load_plugins
from ocrx.system.processor import Processor, processor
from ocrx.testing import LINE
from ocrx.testing.backends import verify
from ocrx.weights.store import Store
from ocrx_onnxruntime.backend import OnnxRuntimeBackend
from ocrx_openvino.backend import OpenVinoBackend, rank

ARTIFACT = LINE.artifact(("onnx",))


class FakeCore:
    """What the backend asks of openvino.Core, on a machine with the devices given: `compile_model`
    goes to the real processor and remembers what it was asked."""

    def __init__(self, devices: dict[str, list[str]]) -> None:
        self.available_devices = list(devices)
        self.capabilities = devices
        self.compiled: list[tuple[str, dict[str, Any]]] = []
        self.executed_on: list[str] | None = None
        self.called = {"GPU": "Intel(R) Arc(TM) A770 (dGPU)", "NPU": "Intel(R) AI Boost"}

    def get_property(self, device: str, name: str) -> list[str] | str:
        if name == "FULL_DEVICE_NAME":
            if device not in self.called:
                raise RuntimeError(f"the driver of {device} is gone")
            return self.called[device]
        assert name == "OPTIMIZATION_CAPABILITIES"
        return self.capabilities[device]

    def read_model(self, path: Path) -> Any:
        return openvino.Core().read_model(path)

    def compile_model(self, model: Any, device: str, properties: dict[str, Any]) -> Any:
        self.compiled.append((device, properties))
        return FakeCompiled(
            openvino.Core().compile_model(model, "CPU"),
            self.executed_on or [device],
            properties["INFERENCE_PRECISION_HINT"],
        )


class FakeCompiled:
    """A compiled model that says it runs elsewhere."""

    def __init__(self, real: Any, devices: list[str], hint: str) -> None:
        self.inputs, self.outputs = real.inputs, real.outputs
        self.create_infer_request = real.create_infer_request
        self.properties = {
            "EXECUTION_DEVICES": devices,
            "INFERENCE_PRECISION_HINT": getattr(openvino.Type, hint),
        }

    def get_property(self, name: str) -> Any:
        return self.properties[name]


ONE_GPU = {"CPU": ["FP32", "INT8"], "GPU": ["FP32", "FP16", "INT8"], "NPU": ["FP16", "INT8"]}
TWO_GPUS = {"CPU": ["FP32", "BF16"], "GPU.0": ["FP32", "FP16"], "GPU.1": ["FP32", "FP16"]}
ARM = {"CPU": ["FP32", "FP16", "INT8"]}


def machine(monkeypatch: pytest.MonkeyPatch, devices: dict[str, list[str]]) -> FakeCore:
    core = FakeCore(devices)
    monkeypatch.setattr(module, "load_core", lambda: core)
    return core


@pytest.mark.parametrize(
    ("devices", "asked", "opened"),
    [
        (ONE_GPU, "auto", "CPU"),
        (ONE_GPU, "cpu", "CPU"),
        (ONE_GPU, "gpu", "GPU"),
        (ONE_GPU, "gpu.0", "GPU"),
        (ONE_GPU, "npu", "NPU"),
        (TWO_GPUS, "auto", "CPU"),
        (TWO_GPUS, "gpu", "GPU.0"),
        (TWO_GPUS, "gpu.1", "GPU.1"),
    ],
)
def test_a_device_is_found_by_its_name(
    monkeypatch: pytest.MonkeyPatch, devices: dict[str, list[str]], asked: str, opened: str
) -> None:
    core = machine(monkeypatch, devices)
    session = OpenVinoBackend().open(ARTIFACT, SessionOptions(device=asked))
    assert [device for device, _ in core.compiled] == [opened]
    assert session.device == opened.lower()


def test_devices_but_the_processor_have_their_makers_name(monkeypatch: pytest.MonkeyPatch) -> None:
    core = machine(monkeypatch, ONE_GPU)
    found = OpenVinoBackend().probe()
    assert found.devices == ("cpu", "gpu", "npu")
    assert found.names == {"gpu": "Intel(R) Arc(TM) A770 (dGPU)", "npu": "Intel(R) AI Boost"}
    del core.called["GPU"]  # its driver does not answer
    found = OpenVinoBackend().probe()
    assert (found.present, found.names) == (True, {"npu": "Intel(R) AI Boost"})


@pytest.mark.parametrize("asked", ["gpu.1", "gpu.00", "cuda:0", "", "cpu,gpu"])
def test_a_device_that_is_not_there_is_never_replaced(
    monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    core = machine(monkeypatch, ONE_GPU)
    with pytest.raises(DeviceMissing, match="only cpu, gpu, npu") as caught:
        OpenVinoBackend().open(ARTIFACT, SessionOptions(device=asked))
    assert repr(asked) in caught.value.message
    assert core.compiled == []


def test_where_it_really_runs_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    core = machine(monkeypatch, ONE_GPU)
    core.executed_on = ["GPU.0"]
    assert OpenVinoBackend().open(ARTIFACT, SessionOptions(device="gpu")).device == "gpu"
    core.executed_on = ["CPU"]
    assert OpenVinoBackend().open(ARTIFACT, SessionOptions(device="gpu")).device == "cpu"


@pytest.mark.parametrize(
    ("devices", "device", "asked", "hint"),
    [
        (TWO_GPUS, "cpu", "auto", "bf16"),
        (TWO_GPUS, "cpu", "fp32", "f32"),
        (TWO_GPUS, "cpu", "bf16", "bf16"),
        (ONE_GPU, "cpu", "auto", "f32"),
        (ONE_GPU, "gpu", "auto", "f16"),
        (ONE_GPU, "npu", "auto", "f16"),
        (ARM, "cpu", "auto", "f16"),
        (ARM, "cpu", "fp16", "f16"),
        (ARM, "cpu", "fp32", "f32"),
    ],
)
def test_the_precision_is_always_said(
    monkeypatch: pytest.MonkeyPatch,
    devices: dict[str, list[str]],
    device: str,
    asked: Precision,
    hint: str,
) -> None:
    core = machine(monkeypatch, devices)
    session = OpenVinoBackend().open(ARTIFACT, SessionOptions(device=device, precision=asked))
    assert core.compiled[0][1]["INFERENCE_PRECISION_HINT"] == hint
    assert session.precision == {"f32": "fp32", "bf16": "bf16", "f16": "fp16"}[hint]


@pytest.mark.parametrize(
    ("held", "asked", "remedy"),
    [
        ("fp32", "bf16", "Choose one of: auto, fp32"),
        ("fp32", "fp16", "Choose one of: auto, fp32"),
        ("fp32", "int8", "Choose a model that is published in int8"),
        ("int8", "fp32", "Choose a model that is published in fp32"),
    ],
)
def test_a_precision_that_cannot_be_had_is_never_replaced(
    monkeypatch: pytest.MonkeyPatch, held: Precision, asked: Precision, remedy: str
) -> None:
    core = machine(monkeypatch, ONE_GPU)
    artifact = replace(ARTIFACT, spec=replace(ARTIFACT.spec, precision=held))
    with pytest.raises(PrecisionUnavailable) as caught:
        OpenVinoBackend().open(artifact, SessionOptions(precision=asked))
    assert caught.value.remedy.startswith(remedy)
    assert core.compiled == []


@pytest.mark.parametrize("asked", ["auto", "int8"])
def test_a_model_in_int8_says_so(asked: Precision) -> None:
    artifact = replace(ARTIFACT, spec=replace(ARTIFACT.spec, precision="int8"))
    assert OpenVinoBackend().open(artifact, SessionOptions(precision=asked)).precision == "int8"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (SessionOptions(), {"PERFORMANCE_HINT": "LATENCY"}),
        (SessionOptions(threads=3), {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": 3}),
        (SessionOptions(concurrency=2), {"NUM_STREAMS": 2}),
        (
            SessionOptions(concurrency=2, threads=4),
            {"NUM_STREAMS": 2, "INFERENCE_NUM_THREADS": 4},
        ),
    ],
)
def test_threads_and_streams(
    monkeypatch: pytest.MonkeyPatch, options: SessionOptions, expected: dict[str, Any]
) -> None:
    core = machine(monkeypatch, ONE_GPU)
    session = OpenVinoBackend().open(ARTIFACT, options)
    always = {"INFERENCE_PRECISION_HINT": "f32", "ENABLE_CPU_PINNING": False}
    assert core.compiled == [("CPU", expected | always)]
    assert session.concurrency == options.concurrency


def test_properties_of_the_processor_stay_away_from_other_devices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    core = machine(monkeypatch, ONE_GPU)
    OpenVinoBackend().open(ARTIFACT, SessionOptions("gpu", threads=4, concurrency=2))
    properties = {"INFERENCE_PRECISION_HINT": "f16", "PERFORMANCE_HINT": "LATENCY"}
    assert core.compiled == [("GPU", properties)]


def test_the_real_runtime_takes_the_properties() -> None:
    """A misspelt or withdrawn property raises; these are read back as they were set."""
    core = module.load_core()
    options = SessionOptions(precision="fp32", threads=2, concurrency=2)
    properties = module._properties("CPU", "f32", options)
    model = core.compile_model(core.read_model(ARTIFACT.path), "CPU", properties)
    assert model.get_property("INFERENCE_PRECISION_HINT") == openvino.Type.f32
    assert model.get_property("ENABLE_CPU_PINNING") is False
    assert model.get_property("INFERENCE_NUM_THREADS") <= 2
    core.set_property("CPU", module.CACHED_PLANS)


@pytest.mark.usefixtures("fresh_core")
def test_few_plans_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, dict[str, str]]] = []
    set_property = openvino.Core.set_property

    def say_and_set(core: Any, device: str, properties: dict[str, str]) -> None:
        said.append((device, properties))
        set_property(core, device, properties)

    monkeypatch.setattr(openvino.Core, "set_property", say_and_set)
    assert module.load_core().available_devices
    assert said == [("CPU", {"CPU_RUNTIME_CACHE_CAPACITY": "256"})]


@pytest.mark.usefixtures("fresh_core")
def test_a_release_that_does_not_know_the_property_works_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "CACHED_PLANS", {"CPU_WITHDRAWN_PROPERTY": "128"})
    assert "cpu" in OpenVinoBackend().probe().devices
    with OpenVinoBackend().open(ARTIFACT, SessionOptions(precision="fp32")) as session:
        verify(session, LINE, LINE.feeds(1, 16))


@pytest.fixture
def fresh_core() -> Iterator[None]:
    module._load_core.cache_clear()
    yield
    module._load_core.cache_clear()


@pytest.mark.usefixtures("fresh_core")
def test_a_runtime_that_does_not_import_is_not_present(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    found = OpenVinoBackend().probe()
    assert not found.present
    assert found.remedy == 'pip install "openvino>=2025.0"'
    assert "ModuleNotFoundError" in found.detail
    with pytest.raises(BackendMissing, match="pip install"):
        OpenVinoBackend().open(ARTIFACT, SessionOptions())


@pytest.mark.parametrize("error", [OSError("libtbb.so.12"), RuntimeError("no plugins.xml")])
def test_whatever_a_broken_runtime_raises_stays_in_probe(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(module, "load_core", fail)
    assert str(error) in OpenVinoBackend().probe().detail
    with pytest.raises(BackendMissing, match=str(error)):
        OpenVinoBackend().open(ARTIFACT, SessionOptions())


def test_nothing_of_the_runtime_is_imported_before_it_is_used() -> None:
    code = (
        "import sys; from ocrx.plugins.registry import load_plugins; "
        "e = load_plugins().get('backend', 'openvino'); "
        "assert not {'openvino', 'onnxruntime', 'torch'} & set(sys.modules), 'imported early'; "
        "print(e.plugin, e.distribution)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "openvino ocrx\n"), done.stderr


def test_it_is_registered(tmp_path: Path) -> None:
    registry = load_plugins()
    built = {
        name: entry.build(Request("", entry.options(), Store(tmp_path)))
        for name, entry in ((n, registry.get("backend", n)) for n in ("openvino", "onnxruntime"))
    }
    assert isinstance(built["openvino"], OpenVinoBackend)
    assert built["openvino"].priority == rank(processor())


@pytest.mark.parametrize(
    ("flags", "preferred"),
    [
        (("avx2",), False),
        (("avx2", "avx_vnni"), False),
        (("avx2", "avx512"), True),
        (("avx2", "avx512", "avx512_bf16"), True),
        (("neon",), True),
        ((), True),
    ],
)
def test_it_comes_first_unless_avx2_is_the_widest(
    flags: tuple[str, ...], *, preferred: bool
) -> None:
    assert (rank(Processor("", flags)) > OnnxRuntimeBackend.priority) is preferred
