"""The contracts of runtimes, on ocrx's own."""

from __future__ import annotations

from ocrx.interfaces import Backend
from ocrx.testing import BackendContract, SessionContract
from ocrx_onnxruntime.backend import OnnxRuntimeBackend
from ocrx_openvino.backend import OpenVinoBackend


class OpenVino:
    def make(self) -> Backend:
        return OpenVinoBackend()


class OnnxRuntime:
    def make(self) -> Backend:
        return OnnxRuntimeBackend()


class TestOpenVino(OpenVino, BackendContract):
    pass


class TestOpenVinoSession(OpenVino, SessionContract):
    pass


class TestOnnxRuntime(OnnxRuntime, BackendContract):
    pass


class TestOnnxRuntimeSession(OnnxRuntime, SessionContract):
    pass
