"""OpenCV computes what the toy networks say, and keeps the contract of a runtime."""

from __future__ import annotations

from ocrx.testing import BackendContract, SessionContract
from ocrx_cvdnn import CvDnnBackend


class Mine:
    def make(self) -> CvDnnBackend:
        return CvDnnBackend()


class TestBackend(Mine, BackendContract): ...


class TestSession(Mine, SessionContract): ...
