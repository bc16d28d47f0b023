"""The contracts of runtimes, on TFLite, with the toys as its converter makes them."""

from __future__ import annotations

from pathlib import Path

from ocrx.artifacts import Artifact
from ocrx.interfaces.runtimes import Backend
from ocrx.testing import BackendContract, SessionContract, Toy
from ocrx_tflite.backend import TfliteBackend
from support import tflite_files


class Tflite:
    def make(self) -> Backend:
        return TfliteBackend()

    def artifact(self, toy: Toy, folder: Path) -> Artifact:
        return tflite_files.stored(toy.spec())


class TestTflite(Tflite, BackendContract):
    pass


class TestTfliteSession(Tflite, SessionContract):
    pass
