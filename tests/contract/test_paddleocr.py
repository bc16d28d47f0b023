"""The contracts of detectors, recognisers and orienters, on PP-OCR's default models."""

from __future__ import annotations

from typing import cast

from ocrx.assembly import Assembly
from ocrx.interfaces import Component, Detector, Orienter, Recognizer, SessionOptions
from ocrx.plugins import Kind, load_plugins
from ocrx.store import Store
from ocrx.testing import DetectorContract, OrienterContract, RecognizerContract

REGISTRY = load_plugins()


def make(kind: Kind, backend: str = "openvino") -> Component:
    assembly = Assembly(REGISTRY, Store(offline=True))
    return assembly.component(kind, "paddle", backend, SessionOptions(threads=2, concurrency=2))


class TestDetector(DetectorContract):
    def make(self) -> Detector:
        return cast("Detector", make("detector"))


class TestRecognizer(RecognizerContract):
    def make(self) -> Recognizer:
        return cast("Recognizer", make("recognizer"))


class TestRecognizerOnOnnxRuntime(RecognizerContract):
    def make(self) -> Recognizer:
        return cast("Recognizer", make("recognizer", "onnxruntime"))


class TestOrienter(OrienterContract):
    def make(self) -> Orienter:
        return cast("Orienter", make("orienter"))
