"""Running on a GPU. The choice between replaying and running is tested everywhere, with the GPU's
part replaced; the part itself only where there is a GPU that torch can use (marked `gpu`)."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from ocrx.interfaces.runtimes import SessionOptions
from ocrx.testing import DIFFERENCE, LINE
from ocrx.testing.backends import verify
from ocrx.types import TensorSpec
from ocrx_torch.backend import TorchBackend
from ocrx_torch.cuda import CudaRunner
from ocrx_torch.network import TorchNetwork
from ocrx_torch.options import TorchOptions
from ocrx_torch.placement import Placement
from ocrx_torch.runner import TorchTensor
from support.torchnetworks import opened

ARTIFACT = LINE.artifact(("onnx",))


class Graph:
    def __init__(self, log: list[str], name: str) -> None:
        self.log, self.name = log, name

    def reset(self) -> None:
        self.log.append(f"forget {self.name}")


class Fake(CudaRunner):
    """What is done for each call, by the width of its input."""

    recordable = True

    def __init__(self, limit: int) -> None:
        self.log: list[str] = []
        outputs = (TensorSpec("y", (None, None), "float32"),)
        network = TorchNetwork(torch.nn.Identity(), (), outputs)
        super().__init__(network, Placement(torch.device("cpu")), limit)

    def _by_operations(self, inputs: list[torch.Tensor]) -> list[torch.Tensor]:
        self.log.append(f"run {inputs[0].shape[-1]}")
        return inputs

    def _record(self, recording: Any, inputs: list[torch.Tensor]) -> bool:
        name = str(inputs[0].shape[-1])
        self.log.append(f"record {name}")
        recording.graph = Graph(self.log, name) if self.recordable else None
        return self.recordable

    def _replay(self, recording: Any, inputs: list[torch.Tensor]) -> list[torch.Tensor]:
        self.log.append(f"replay {recording.graph.name}")
        return inputs

    def feed(self, *widths: int) -> list[str]:
        self.log.clear()
        for width in widths:
            self.on_device([torch.zeros(1, width)])
        return self.log


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("device", "stream"):
        monkeypatch.setattr(torch.cuda, name, lambda _: nullcontext())
    monkeypatch.setattr(torch.cuda, "Stream", lambda _: SimpleNamespace(synchronize=lambda: None))


@pytest.mark.usefixtures("no_gpu")
class TestChoice:
    def test_the_second_call_of_a_shape_records(self) -> None:
        expected = ["run 8", "record 8", "replay 8", "replay 8", "run 9"]
        assert Fake(4).feed(8, 8, 8, 9) == expected

    def test_the_shape_used_longest_ago_is_forgotten(self) -> None:
        runner = Fake(2)
        runner.feed(1, 1, 2, 2, 1)
        assert runner.feed(3, 1, 2) == ["forget 2", "run 3", "replay 1", "run 2"]

    def test_what_cannot_be_recorded_runs_for_good(self) -> None:
        runner = Fake(4)
        runner.recordable = False
        assert runner.feed(8, 8, 8) == ["run 8", "record 8", "run 8", "run 8"]

    def test_none_are_recorded_if_none_may_be(self) -> None:
        assert Fake(0).feed(8, 8) == ["run 8", "run 8"]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
class TestGpu:
    @pytest.mark.parametrize("precision", ["fp32", "fp16", "bf16"])
    def test_recorded_and_replayed_it_computes_the_same(self, precision: str) -> None:
        with opened(ARTIFACT.path, device="cuda:0", precision=precision) as session:
            for seed in range(4):
                for batch, width in ((1, 16), (3, 16), (2, 48)):
                    verify(session, LINE, LINE.feeds(batch, width, seed))

    def test_results_stay_when_the_graph_is_replayed(self) -> None:
        with opened(ARTIFACT.path, device="cuda:0", precision="fp32") as session:
            runs = [session.run(LINE.feeds(2, 32, seed)) for seed in range(4)]
        for seed, found in enumerate(runs):
            right = LINE.reference(LINE.feeds(2, 32, seed))
            for name, array in found.items():
                np.testing.assert_allclose(array, right[name], atol=1e-4)

    @pytest.mark.parametrize("graphs", [0, 8])
    def test_what_it_computes_stays_on_the_gpu_and_is_fed_from_there(self, graphs: int) -> None:
        asked = SessionOptions(device="cuda:0", precision="fp32")
        artifact = DIFFERENCE.artifact(("onnx",))
        backend = TorchBackend(TorchOptions(cuda_graphs=graphs))
        with backend.open(artifact, asked) as one, backend.open(artifact, asked) as other:
            for seed in range(4):  # by operations, recorded, and replayed
                feeds = DIFFERENCE.feeds(2, 16, seed)
                once = one.compute(feeds)["difference"]
                assert isinstance(once, TorchTensor)
                assert once.value.is_cuda
                twice = other.compute({"first": once, "second": feeds["second"]})["difference"]
                one.compute(DIFFERENCE.feeds(2, 16, seed + 9))
                right = feeds["first"] - feeds["second"]
                np.testing.assert_allclose(once.numpy(), right, atol=1e-5)
                np.testing.assert_allclose(twice.numpy(), right - feeds["second"], atol=1e-5)

    def test_memory_does_not_grow_with_shapes(self) -> None:
        with opened(ARTIFACT.path, device="cuda:0", precision="fp16") as session:
            peaks = []
            for sweep in range(3):
                for width in range(16, 256, 8):
                    for _ in range(3):
                        session.run(LINE.feeds(1, width, sweep))
                peaks.append(torch.cuda.memory_reserved(0))
        assert peaks[2] <= peaks[1] * 1.1

    def test_auto_is_the_gpu_in_fp16(self) -> None:
        with opened(ARTIFACT.path) as session:
            assert (session.device, session.precision) == ("cuda:0", "fp16")
        assert "cuda:0" in TorchBackend().probe().devices
