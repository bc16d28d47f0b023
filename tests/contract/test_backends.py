"""The contracts of runtimes, on ocrx's own."""

from __future__ import annotations

from pathlib import Path

import openvino
import pytest

from ocrx.artifacts import Artifact
from ocrx.interfaces.runtimes import Backend
from ocrx.testing import BackendContract, SessionContract, Toy
from ocrx_onnxruntime.backend import OnnxRuntimeBackend
from ocrx_openvino.backend import OpenVinoBackend


class OpenVino:
    def make(self) -> Backend:
        return OpenVinoBackend()


class OpenVinoOwnFormat(OpenVino):
    def artifact(self, toy: Toy, folder: Path) -> Artifact:
        path = folder / f"{toy.name}.xml"
        if not path.exists():
            model = openvino.Core().read_model(toy.files["onnx"])
            openvino.save_model(model, path, compress_to_fp16=False)
        return Artifact(path, "openvino", toy.spec())


class OnnxRuntime:
    def make(self) -> Backend:
        return OnnxRuntimeBackend()


class TestOpenVino(OpenVino, BackendContract):
    pass


class TestOpenVinoSession(OpenVino, SessionContract):
    pass


class TestOpenVinoOwnFormat(OpenVinoOwnFormat, BackendContract):
    pass


class TestOpenVinoOwnFormatSession(OpenVinoOwnFormat, SessionContract):
    @pytest.mark.slow  # dozens of sessions, of the runtime that was just tried
    def test_a_closed_session_holds_no_memory(self, tmp_path: Path) -> None:
        super().test_a_closed_session_holds_no_memory(tmp_path)


class TestOnnxRuntime(OnnxRuntime, BackendContract):
    pass


class TestOnnxRuntimeSession(OnnxRuntime, SessionContract):
    pass
