"""The contracts of detectors, recognisers and orienters, on PP-OCR's default models."""

from __future__ import annotations

from typing import cast

import pytest

from ocrx.interfaces.components import Component, Detector, Orienter, Recognizer
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.plugins.registrar import Kind
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.testing import DetectorContract, OrienterContract, RecognizerContract
from ocrx.weights.store import Store

REGISTRY = load_plugins()


def make(kind: Kind, backend: str = "openvino") -> Component:
    assembly = Assembly(REGISTRY, Store(offline=True))
    return assembly.component(kind, "paddle", backend, SessionOptions(threads=2, concurrency=2))


@pytest.mark.slow
class TestDetector(DetectorContract):
    def make(self) -> Detector:
        return cast("Detector", make("detector"))


class TestRecognizer(RecognizerContract):
    def make(self) -> Recognizer:
        return cast("Recognizer", make("recognizer"))


@pytest.mark.slow
class TestRecognizerOnOnnxRuntime(RecognizerContract):
    def make(self) -> Recognizer:
        return cast("Recognizer", make("recognizer", "onnxruntime"))


@pytest.mark.slow
class TestOrienter(OrienterContract):
    def make(self) -> Orienter:
        return cast("Orienter", make("orienter"))
