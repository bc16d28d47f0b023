"""On a real card, with onnxruntime-gpu: `pytest -m gpu tests/backends/ocrx_onnxruntime`."""

from __future__ import annotations

import pytest

from ocrx.interfaces.runtimes import Backend, SessionOptions
from ocrx.testing import DIFFERENCE, BackendContract, SessionContract
from ocrx_onnxruntime.backend import OnnxRuntimeBackend
from ocrx_onnxruntime.session import OrtTensor

pytestmark = pytest.mark.gpu


class OnCard:
    def make(self) -> Backend:
        return OnnxRuntimeBackend()


class TestBackend(OnCard, BackendContract):
    pass


class TestSession(OnCard, SessionContract):
    pass


def test_what_is_computed_stays_on_the_card() -> None:
    artifact = DIFFERENCE.artifact(("onnx",))
    with OnnxRuntimeBackend().open(artifact, SessionOptions(device="cuda:0")) as session:
        kept = session.compute(DIFFERENCE.feeds(2, 16))["difference"]
        assert isinstance(kept, OrtTensor)
        assert kept.value.device_name() == "cuda"
