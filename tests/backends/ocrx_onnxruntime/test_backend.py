"""ONNX Runtime: what is particular to it; what any runtime must do is in tests/contract.

There is no GPU in these tests: a double of the package `onnxruntime` takes its place, which offers
providers and drops them as the real one does, and computes on the processor.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import onnxruntime
import pytest

import ocrx_onnxruntime.backend as module
import ocrx_onnxruntime.devices as devices_module
from ocrx.errors import (
    BackendMissing,
    DeviceMissing,
    PrecisionUnavailable,
    UnknownOption,
)
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.names import Precision
from ocrx.plugins.options import make_options
from ocrx.plugins.registrar import Request
from ocrx.plugins.registry import load_plugins
from ocrx.testing import LINE
from ocrx.testing.backends import verify
from ocrx.weights.store import Store
from ocrx_onnxruntime.backend import OnnxRuntimeBackend
from ocrx_onnxruntime.options import OnnxRuntimeOptions

ARTIFACT = LINE.artifact(("onnx",))
CPU, CUDA, TENSORRT = (devices_module.PROVIDERS[kind] for kind in ("cpu", "cuda", "tensorrt"))
CPU_ONLY = [CPU]
GPU_BUILD = [TENSORRT, CUDA, CPU]


class FakeRuntime:
    """The package, as far as the backend uses it. `loadable` are the providers whose libraries are
    there: the real package leaves out the others with no more than a line in its log."""

    __version__ = "1.31.0"

    def __init__(self, providers: Sequence[str], loadable: Sequence[str]) -> None:
        self.providers = list(providers)
        self.loadable = loadable
        self.opened: list[dict[str, Any]] = []
        self.settings: list[FakeSettings] = []
        self.SessionOptions = FakeSettings
        self.InferenceSession = self._open

    def get_available_providers(self) -> list[str]:
        return self.providers

    def _open(self, path: str, settings: FakeSettings, **rest: Any) -> FakeSession:
        self.settings.append(settings)
        self.opened.append(rest)
        asked = [name for name, _ in rest["providers"]]
        return FakeSession(path, [name for name in asked if name in self.loadable])


class FakeSettings:
    def __init__(self) -> None:
        self.entries: dict[str, str] = {}

    def add_session_config_entry(self, name: str, value: str) -> None:
        self.entries[name] = value


class FakeSession:
    def __init__(self, path: str, providers: list[str]) -> None:
        real = onnxruntime.InferenceSession(path, providers=[CPU])
        self.get_inputs, self.get_outputs, self.run = real.get_inputs, real.get_outputs, real.run
        self.providers = providers

    def get_providers(self) -> list[str]:
        return self.providers


def machine(
    monkeypatch: pytest.MonkeyPatch,
    providers: Sequence[str] = GPU_BUILD,
    gpus: int = 1,
    loadable: Sequence[str] = GPU_BUILD,
    installed: Sequence[str] = ("onnxruntime-gpu",),
) -> FakeRuntime:
    runtime = FakeRuntime(providers, loadable)
    monkeypatch.setattr(module, "load_runtime", lambda: runtime)
    monkeypatch.setattr(devices_module, "count_gpus", lambda: gpus)
    install(monkeypatch, *installed)
    return runtime


def install(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    def version(name: str) -> str:
        if name not in names:
            raise PackageNotFoundError(name)
        return "1.31.0"

    monkeypatch.setattr(devices_module, "version", version)


@pytest.mark.parametrize(
    ("providers", "gpus", "devices"),
    [
        (CPU_ONLY, 0, ("cpu",)),
        (CPU_ONLY, 1, ("cpu",)),
        (GPU_BUILD, 0, ("cpu",)),
        (GPU_BUILD, 1, ("cpu", "cuda:0", "tensorrt:0")),
        (GPU_BUILD, 2, ("cpu", "cuda:0", "cuda:1", "tensorrt:0", "tensorrt:1")),
        ([CUDA, CPU], 1, ("cpu", "cuda:0")),
    ],
)
def test_devices_need_both_the_provider_and_the_gpu(
    monkeypatch: pytest.MonkeyPatch, providers: list[str], gpus: int, devices: tuple[str, ...]
) -> None:
    machine(monkeypatch, providers, gpus)
    assert OnnxRuntimeBackend().probe().devices == devices


@pytest.mark.parametrize(
    ("asked", "providers", "device"),
    [
        ("auto", [CUDA, CPU], "cuda:0"),
        ("cpu", [CPU], "cpu"),
        ("cuda", [CUDA, CPU], "cuda:0"),
        ("cuda:1", [CUDA, CPU], "cuda:1"),
        ("tensorrt:1", [TENSORRT, CUDA, CPU], "tensorrt:1"),
    ],
)
def test_a_device_is_opened_by_its_provider(
    monkeypatch: pytest.MonkeyPatch, asked: str, providers: list[str], device: str
) -> None:
    runtime = machine(monkeypatch, gpus=2)
    session = OnnxRuntimeBackend().open(ARTIFACT, SessionOptions(device=asked))
    assert session.device == device
    [opened] = runtime.opened
    assert [name for name, _ in opened["providers"]] == providers
    index = device.partition(":")[2]
    for name, options in opened["providers"]:
        assert options.get("device_id", index) == index, name
    assert opened["enable_fallback"] == 0
    verify(session, LINE, LINE.feeds(1, 16))


def test_auto_is_the_processor_where_there_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, gpus=0)
    assert OnnxRuntimeBackend().open(ARTIFACT, SessionOptions()).device == "cpu"


@pytest.mark.parametrize(
    ("asked", "installed", "remedy"),
    [
        ("cuda:0", ["onnxruntime"], 'pip install "ocrx[onnxruntime-gpu]"'),
        ("tensorrt:0", ["onnxruntime"], "pip uninstall onnxruntime &&"),
        ("cuda:7", ["onnxruntime-gpu"], "nvidia-smi"),
        ("gpu", ["onnxruntime"], "another `--backend`"),
        ("cpu:1", ["onnxruntime"], "Choose one of these"),
    ],
)
def test_a_device_that_is_not_there_is_never_replaced(
    monkeypatch: pytest.MonkeyPatch, asked: str, installed: list[str], remedy: str
) -> None:
    providers = GPU_BUILD if "onnxruntime-gpu" in installed else CPU_ONLY
    runtime = machine(monkeypatch, providers, installed=installed)
    with pytest.raises(DeviceMissing) as caught:
        OnnxRuntimeBackend().open(ARTIFACT, SessionOptions(device=asked))
    assert repr(asked) in caught.value.message
    assert remedy in caught.value.remedy
    assert runtime.opened == []


@pytest.mark.parametrize(
    ("device", "loadable", "needs"),
    [
        ("cuda:0", [CPU], "cuDNN"),
        ("tensorrt:0", [CUDA, CPU], "TensorRT"),
        ("tensorrt:0", [CPU], "TensorRT"),
    ],
)
def test_a_provider_that_was_left_out_in_silence_is_an_error(
    monkeypatch: pytest.MonkeyPatch, device: str, loadable: list[str], needs: str
) -> None:
    machine(monkeypatch, loadable=loadable)
    with pytest.raises(DeviceMissing, match="could not start") as caught:
        OnnxRuntimeBackend().open(ARTIFACT, SessionOptions(device=device))
    assert needs in caught.value.remedy


def test_auto_reports_the_processor_when_the_gpu_s_provider_was_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine(monkeypatch, loadable=[CPU])
    assert OnnxRuntimeBackend().open(ARTIFACT, SessionOptions()).device == "cpu"


def test_fp32_on_cuda_is_not_rounded(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = machine(monkeypatch)
    session = OnnxRuntimeBackend().open(ARTIFACT, SessionOptions(device="cuda:0"))
    assert dict(runtime.opened[0]["providers"])[CUDA]["use_tf32"] == "0"
    assert session.precision == "fp32"


def test_tensorrt_keeps_its_engines_where_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = machine(monkeypatch)
    options = SessionOptions(device="tensorrt:0")
    OnnxRuntimeBackend().open(ARTIFACT, options)
    OnnxRuntimeBackend(OnnxRuntimeOptions(engine_cache="/engines")).open(ARTIFACT, options)
    without, kept = (dict(opened["providers"])[TENSORRT] for opened in runtime.opened)
    assert without == {"device_id": "0"}
    assert kept["trt_engine_cache_enable"] == "1"
    assert kept["trt_engine_cache_path"] == "/engines"


@pytest.mark.parametrize(
    ("held", "asked", "remedy"),
    [
        ("fp32", "bf16", "--backend openvino"),
        ("fp32", "fp16", "--backend openvino"),
        ("fp32", "int8", "published in int8"),
        ("int8", "fp32", "published in fp32"),
        ("fp16", "fp32", "--precision fp16"),
    ],
)
def test_only_the_precision_that_the_file_holds(
    held: Precision, asked: Precision, remedy: str
) -> None:
    artifact = replace(ARTIFACT, spec=replace(ARTIFACT.spec, precision=held))
    with pytest.raises(PrecisionUnavailable, match=f"it holds {held}") as caught:
        OnnxRuntimeBackend().open(artifact, SessionOptions(precision=asked))
    assert remedy in caught.value.remedy


@pytest.mark.parametrize("held", ["fp32", "fp16", "int8"])
def test_the_precision_that_the_file_holds_is_reported(held: Precision) -> None:
    artifact = replace(ARTIFACT, spec=replace(ARTIFACT.spec, precision=held))
    asked: tuple[Precision, ...] = ("auto", held)
    for precision in asked:
        with OnnxRuntimeBackend().open(artifact, SessionOptions(precision=precision)) as session:
            assert session.precision == held


SPIN = "session.intra_op.allow_spinning"


@pytest.mark.parametrize(
    ("others", "concurrency", "spins"),
    [
        ([], 1, True),
        ([], 2, False),
        (["openvino"], 1, False),
        (["torch"], 1, False),
        (["numpy"], 1, True),
    ],
)
def test_threads_do_not_spin_beside_others(
    monkeypatch: pytest.MonkeyPatch, others: list[str], concurrency: int, spins: bool
) -> None:
    runtime = machine(monkeypatch)
    for name in module.OTHER_RUNTIMES:
        monkeypatch.delitem(sys.modules, name, raising=False)
    for name in others:
        monkeypatch.setitem(sys.modules, name, sys.modules[__name__])
    OnnxRuntimeBackend().open(ARTIFACT, SessionOptions(concurrency=concurrency))
    expected = {} if spins else {SPIN: "0", "session.inter_op.allow_spinning": "0"}
    assert runtime.settings[0].entries == expected


def test_threads_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = machine(monkeypatch)
    OnnxRuntimeBackend().open(ARTIFACT, SessionOptions(threads=3))
    OnnxRuntimeBackend().open(ARTIFACT, SessionOptions())
    OnnxRuntimeBackend().open(ARTIFACT, SessionOptions(threads=6, concurrency=2))
    OnnxRuntimeBackend().open(ARTIFACT, SessionOptions(threads=1, concurrency=2))
    given, left, shared, scarce = (vars(settings) for settings in runtime.settings)
    assert given["intra_op_num_threads"] == 3
    assert shared["intra_op_num_threads"] == 3
    assert scarce["intra_op_num_threads"] == 1
    assert "intra_op_num_threads" not in left
    assert left["enable_mem_pattern"] is False


def test_the_real_runtime_takes_the_settings() -> None:
    options = SessionOptions(threads=4, concurrency=2)
    settings = module._session_options(onnxruntime, options)
    assert settings.intra_op_num_threads == 2
    assert settings.enable_mem_pattern is False
    assert settings.get_session_config_entry(SPIN) == "0"


def test_a_runtime_that_does_not_import_is_not_present(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    found = OnnxRuntimeBackend().probe()
    assert not found.present
    assert found.remedy == 'pip install "ocrx[onnxruntime]"'
    assert "ModuleNotFoundError" in found.detail
    with pytest.raises(BackendMissing, match=r"ocrx\[onnxruntime\]"):
        OnnxRuntimeBackend().open(ARTIFACT, SessionOptions())


def test_both_packages_at_once_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, installed=["onnxruntime", "onnxruntime-gpu"])
    found = OnnxRuntimeBackend().probe()
    assert found.present
    assert "onnxruntime 1.31.0 and onnxruntime-gpu 1.31.0 are both installed" in found.detail
    assert "uninstall both" in found.detail


def test_both_packages_at_once_explain_why_neither_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise AttributeError("module 'onnxruntime' has no attribute 'get_available_providers'")

    monkeypatch.setattr(module, "load_runtime", fail)
    install(monkeypatch, "onnxruntime", "onnxruntime-gpu")
    assert "both installed" in OnnxRuntimeBackend().probe().detail
    install(monkeypatch, "onnxruntime")
    assert OnnxRuntimeBackend().probe().detail.startswith("AttributeError: ")


def test_options_are_its_own(tmp_path: Path) -> None:
    entry = load_plugins().get("backend", "onnxruntime")
    options: Any = make_options(entry.options, {"engine_cache": "engines"}, "backend onnxruntime")
    built = entry.build(Request("", options, Store(tmp_path)))
    assert isinstance(built, OnnxRuntimeBackend)
    assert built._options.engine_cache == "engines"
    with pytest.raises(UnknownOption, match="engine_cache"):
        make_options(entry.options, {"engine": "x"}, "backend onnxruntime")
