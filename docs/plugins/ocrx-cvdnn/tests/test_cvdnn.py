"""OpenCV computes what the toy networks say, and keeps the contract of a runtime."""

from __future__ import annotations

import cv2
import pytest

from ocrx.errors import UsageError
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.system.cpus import available_cpus
from ocrx.testing import BackendContract, SessionContract
from ocrx.testing.toys import LINE
from ocrx_cvdnn import CvDnnBackend


class Mine:
    def make(self) -> CvDnnBackend:
        return CvDnnBackend()


class TestBackend(Mine, BackendContract): ...


class TestSession(Mine, SessionContract): ...


def test_it_leaves_opencv_its_number_of_threads() -> None:
    before = cv2.getNumThreads()
    backend, artifact = CvDnnBackend(), LINE.artifact(("onnx",))
    with pytest.raises(UsageError, match="cannot be held to"):
        backend.open(artifact, SessionOptions(threads=available_cpus() + 1))
    with backend.open(artifact, SessionOptions(threads=available_cpus())) as session:
        session.run(LINE.feeds(1, 16))
    assert cv2.getNumThreads() == before
