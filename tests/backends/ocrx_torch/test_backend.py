"""PyTorch: what is particular to it; what any runtime must do is in test_contract.py."""

from __future__ import annotations

import gc
import importlib
import os
import subprocess
import sys
import threading
import warnings
import weakref
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import ocrx_torch.backend as module
from ocrx.artifacts import Artifact, ModelSpec
from ocrx.errors import BackendError, BackendMissing, DeviceMissing, PrecisionUnavailable
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.names import Precision
from ocrx.plugins.registrar import Request
from ocrx.plugins.registry import load_plugins
from ocrx.testing import LINE
from ocrx.testing.backends import verify
from ocrx.weights.store import Store
from ocrx_torch import onednn, placing
from ocrx_torch.backend import TorchBackend
from support.torchnetworks import Node, artifact, network, noise, opened, saved

ARTIFACT = LINE.artifact(("onnx",))


def test_it_is_found_like_any_plugin(tmp_path: Path) -> None:
    assert "torch" in entry_points(group="ocrx").names
    entry = load_plugins().get("backend", "torch")
    backend = entry.build(Request("", entry.options(cuda_graphs=2), Store(tmp_path)))
    assert isinstance(backend, TorchBackend)


def test_the_plugin_itself_loads_no_torch() -> None:
    code = "import ocrx_torch, ocrx_torch.backend, sys; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_torch_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Any:
        raise OSError("libc10.so: cannot open shared object file")

    monkeypatch.setattr(module, "_import", fail)
    found = TorchBackend().probe()
    assert not found.present
    assert found.remedy == 'pip install "ocrx[torch]"'
    assert "libc10.so" in found.detail
    with pytest.raises(BackendMissing, match=r"ocrx\[torch\]"):
        TorchBackend().open(ARTIFACT, SessionOptions())


@pytest.mark.parametrize(
    ("device", "remedy"), [("cuda:7", "nvidia-smi"), ("mps", "Apple"), ("xpu", "another")]
)
def test_a_device_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, device: str, remedy: str
) -> None:
    monkeypatch.setattr(module, "list_devices", lambda torch: ("cpu",))
    with pytest.raises(DeviceMissing) as caught:
        TorchBackend().open(ARTIFACT, SessionOptions(device=device))
    assert device in caught.value.message
    assert remedy in caught.value.remedy


def test_cards_have_their_makers_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def name(device: str) -> str:
        if device == "cuda:1":
            raise RuntimeError("CUDA error: unknown error")
        return "NVIDIA L4"

    monkeypatch.setattr(module, "list_devices", lambda torch: ("cpu", "cuda:0", "cuda:1", "mps"))
    monkeypatch.setattr(torch.cuda, "get_device_name", name)
    found = TorchBackend().probe()
    assert (found.present, found.names) == (True, {"cuda:0": "NVIDIA L4"})


def test_auto_takes_cuda_and_cuda_means_the_first() -> None:
    devices = ("cpu", "cuda:0", "cuda:1")
    assert module._pick_device(devices, "auto") == "cuda:0"
    assert module._pick_device(devices, "cuda") == "cuda:0"
    assert module._pick_device(devices, "cuda:1") == "cuda:1"
    assert module._pick_device(("cpu", "mps"), "auto") == "cpu"


@pytest.mark.parametrize(
    ("asked", "native", "chosen"),
    [
        ("auto", ("bf16", "fp32"), "bf16"),
        ("auto", ("fp32",), "fp32"),
        ("fp32", ("bf16", "fp32"), "fp32"),
    ],
)
def test_the_precision_is_what_the_device_computes(
    monkeypatch: pytest.MonkeyPatch, asked: Precision, native: Any, chosen: Precision
) -> None:
    monkeypatch.setattr(module, "native_precisions", lambda torch, device: native)
    assert module._pick_precision(torch, ARTIFACT, "cpu", asked) == chosen


@pytest.mark.parametrize("asked", ["fp16", "int8", "bf16"])
def test_a_precision_that_is_not_there(monkeypatch: pytest.MonkeyPatch, asked: Precision) -> None:
    monkeypatch.setattr(module, "_cpu_has_bf16", lambda torch: False)
    with pytest.raises(PrecisionUnavailable, match="auto, fp32"):
        TorchBackend().open(ARTIFACT, SessionOptions(device="cpu", precision=asked))


def test_what_is_quantised_stays_so(tmp_path: Path) -> None:
    held = replace(artifact(ARTIFACT.path, "int8"), format="torch")
    assert module._pick_precision(torch, held, "cpu", "auto") == "int8"
    assert module._pick_precision(torch, held, "cpu", "int8") == "int8"
    with pytest.raises(PrecisionUnavailable, match="its weights are int8"):
        module._pick_precision(torch, held, "cpu", "bf16")


@pytest.mark.parametrize("asked", ["auto", "int8"])
def test_onnx_in_int8_would_be_computed_in_fp32_and_is_refused(asked: Precision) -> None:
    held = artifact(ARTIFACT.path, "int8")
    with pytest.raises(PrecisionUnavailable, match=r"would compute .* in fp32") as caught:
        TorchBackend().open(held, SessionOptions(device="cpu", precision=asked))
    assert "--backend openvino" in caught.value.remedy


def test_nothing_is_quantised_for_torch_to_refuse() -> None:
    assert TorchBackend().weights("int8") == "fp32"


@pytest.fixture
def bf16(monkeypatch: pytest.MonkeyPatch) -> None:
    """A processor that lacks it offers it too: torch then emulates it slowly, but not in oneDNN."""
    if not module._cpu_has_bf16(torch):
        monkeypatch.setattr(module, "_cpu_has_bf16", lambda torch: True)
        monkeypatch.setattr(onednn, "available", lambda: False)


@pytest.mark.usefixtures("bf16")
def test_bf16_gives_float32_near_the_exact() -> None:
    feeds = LINE.feeds(2, 32)
    with opened(ARTIFACT.path, device="cpu", precision="bf16") as session:
        assert session.precision == "bf16"
        found = session.run(feeds)
    right = LINE.reference(feeds)
    for name, array in found.items():
        assert array.dtype == np.float32
        assert 0 < np.abs(array - right[name]).max() < 0.03


@pytest.mark.usefixtures("bf16")
def test_casts_follow_the_precision(tmp_path: Path) -> None:
    """A network that casts to float32 on its way, before a product with weights in bf16."""
    nodes: list[Node] = [
        ("Shape", ["x"], ["s"], {}),
        ("Cast", ["s"], ["f"], {"to": 1}),
        ("MatMul", ["f", "w"], ["a"], {}),
        ("ConstantOfShape", ["s"], ["zeros"], {}),
        ("Add", ["zeros", "a"], ["b"], {}),
        ("MatMul", ["b", "w"], ["c"], {}),
        ("Add", ["x", "c"], ["y"], {}),
    ]
    model = network(nodes, {"x": ["n", 2]}, {"w": np.eye(2, dtype=np.float32)})
    path = saved(model, tmp_path).path
    with opened(path, device="cpu", precision="bf16") as session:
        (y,) = session.run({"x": np.zeros((3, 2), np.float32)}).values()
    assert y.tolist() == [[3, 2]] * 3


def test_each_session_computes_with_its_own_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    before = torch.get_num_threads()
    seen: dict[int, int] = {}
    sessions = {n: opened(ARTIFACT.path, device="cpu", threads=n) for n in (1, 2, 3)}
    for wanted, session in sessions.items():
        runner = session._runner
        assert runner is not None

        def spy(inputs: Any, wanted: int = wanted, work: Any = runner.on_host) -> Any:
            seen[wanted] = torch.get_num_threads()
            return work(inputs)

        monkeypatch.setattr(runner, "on_host", spy)
    for session in [*sessions.values(), *sessions.values()]:
        verify(session, LINE, LINE.feeds(1, 16))
        session.close() if len(seen) > 3 else None
    fresh: list[int] = []
    thread = threading.Thread(target=lambda: fresh.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert seen == {1: 1, 2: 2, 3: 3}
    assert (torch.get_num_threads(), fresh) == (before, [before])


@pytest.mark.parametrize(("asked", "concurrency", "each"), [(4, 1, 4), (4, 2, 2), (2, 3, 1)])
def test_threads_are_shared_by_the_calls_under_way(asked: int, concurrency: int, each: int) -> None:
    options = {"device": "cpu", "threads": asked, "concurrency": concurrency}
    with opened(ARTIFACT.path, **options) as session:
        assert session._workers.submit(torch.get_num_threads).result() == each
        assert session.divided == (concurrency > 1)


def test_an_output_that_is_an_input_or_a_constant_is_a_copy(tmp_path: Path) -> None:
    model = network(
        [("Identity", ["x"], ["y"], {})], {"x": ["n", 2]}, {"c": np.ones(2, np.float32)}
    )
    model.graph.output.append(type(model.graph.output[0])(name="c"))
    model.graph.output[1].type.tensor_type.elem_type = 1
    path = saved(model, tmp_path).path
    x = noise(3, 2)
    with opened(path, device="cpu", precision="fp32") as session:
        first = session.run({"x": x})
        assert np.array_equal(first["y"], x)
        assert not np.shares_memory(first["y"], x)
        first["c"][:] = 5
        assert session.run({"x": x})["c"].tolist() == [1, 1]


def test_a_shape_that_does_not_fit_inside_is_told(tmp_path: Path) -> None:
    node: Node = ("Reshape", ["x", "s"], ["y"], {})
    model = network([node], {"x": ["n", 2]}, {"s": np.array([-1, 4])})
    with (
        opened(saved(model, tmp_path).path, device="cpu") as session,
        pytest.raises(BackendError, match=r"small on x \(3, 2\)"),
    ):
        session.run({"x": noise(3, 2)})


class Named(torch.nn.Module):
    def forward(self, picture: torch.Tensor, more: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"sum": picture + more}


class Unnamed(torch.nn.Module):
    def forward(self, picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return picture + 1, picture + 2


def scripted(network: torch.nn.Module, folder: Path) -> Artifact:
    path = folder / "network.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.save(torch.jit.script(network), str(path))
    spec = ModelSpec("network", "recognition", {}, LINE.shapes)
    return Artifact(path, "torch", spec)


def test_torchscript_without_names_gets_some(tmp_path: Path) -> None:
    with TorchBackend().open(scripted(Unnamed(), tmp_path), SessionOptions()) as session:
        found = session.run({"picture": np.zeros((1, 1, 8, 16), np.float32)})
    assert {name: array.max() for name, array in found.items()} == {"output_0": 1, "output_1": 2}


def test_torchscript_that_cannot_be_fed_is_told(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="its input 'more' is not among"):
        TorchBackend().open(scripted(Named(), tmp_path), SessionOptions())


def test_torch_is_asked_for_bf16_by_names_it_has() -> None:
    """They are inner ones: should torch rename them, bf16 would silently never be chosen."""
    cpu = importlib.import_module("torch.cpu")
    assert hasattr(cpu, "_is_avx512_bf16_supported")
    assert hasattr(cpu, "_is_amx_tile_supported")


def test_a_closed_session_lets_go_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    placed = []
    place = placing.place

    def noting(*arguments: Any) -> Any:
        compute = place(*arguments)
        placed.append(weakref.ref(compute))
        return compute

    monkeypatch.setattr(placing, "place", noting)
    session = TorchBackend().open(ARTIFACT, SessionOptions())
    verify(session, LINE, LINE.feeds(1, 16))
    session.close()
    gc.collect()
    assert placed[0]() is None, "the session itself is still held"


def test_few_plans_are_kept_unless_the_user_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, users = module.PLANS
    monkeypatch.delenv(ours, raising=False)
    monkeypatch.setenv(users, "7")
    assert TorchBackend().probe().present
    assert (os.environ[ours], os.environ[users]) == (module.KEPT, "7")
