"""The contracts of runtimes, on Paddle Inference."""

from __future__ import annotations

from pathlib import Path

from ocrx.artifacts import Artifact
from ocrx.interfaces.runtimes import Backend
from ocrx.testing import BackendContract, SessionContract, Toy
from ocrx_paddle.backend import PaddleBackend
from support import paddle_files


class Paddle:
    def make(self) -> Backend:
        return PaddleBackend()

    def artifact(self, toy: Toy, folder: Path) -> Artifact:
        return paddle_files.toy_artifact(toy, folder)


class TestPaddle(Paddle, BackendContract):
    pass


class TestPaddleSession(Paddle, SessionContract):
    pass
