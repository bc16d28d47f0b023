"""Outputs that stay where torch made them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from ocrx.interfaces.tensors import HostTensor
from ocrx.testing import DIFFERENCE
from ocrx_torch.runner import TorchTensor
from support.torchnetworks import opened

PATH = DIFFERENCE.artifact(("onnx",)).path


def test_on_a_processor_nothing_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    feeds = DIFFERENCE.feeds(2, 16)
    with opened(PATH, device="cpu", precision="fp32") as session:
        once = session.compute(feeds)["difference"]
        assert isinstance(once, TorchTensor)
        assert (once.shape, once.dtype) == (feeds["first"].shape, "float32")
        assert np.shares_memory(once.numpy(), once.value.numpy())
        runner = session._runner
        assert runner is not None
        fed: list[int] = []

        def spy(inputs: Sequence[torch.Tensor], work: Any = runner.on_device) -> Any:
            fed.extend(x.data_ptr() for x in inputs)
            return work(inputs)

        monkeypatch.setattr(runner, "on_device", spy)
        second = HostTensor(feeds["second"])
        twice = session.compute({"first": once, "second": second})["difference"]
    assert fed == [once.value.data_ptr(), feeds["second"].ctypes.data]
    np.testing.assert_allclose(twice.numpy(), feeds["first"] - 2 * feeds["second"], atol=1e-5)


def test_a_session_in_bf16_gives_and_takes_what_the_network_declares(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ocrx_torch.backend._cpu_has_bf16", lambda torch: True)
    feeds = DIFFERENCE.feeds(2, 16)
    with opened(PATH, device="cpu", precision="bf16") as session:
        once = session.compute(feeds)["difference"]
        assert once.dtype == "float32"
        twice = session.compute({"first": once, "second": feeds["second"]})["difference"]
    np.testing.assert_allclose(twice.numpy(), feeds["first"] - 2 * feeds["second"], atol=0.1)
