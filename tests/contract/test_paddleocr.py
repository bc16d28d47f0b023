"""The contracts of detectors, recognisers and orienters, on PP-OCR's default models."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ocrx.interfaces.components import Component, Detector, Orienter, Recognizer
from ocrx.interfaces.networks import NetworkModel
from ocrx.interfaces.runtimes import Backend, SessionOptions
from ocrx.plugins.registrar import Kind, Request
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.testing import (
    DetectorContract,
    NetworkModelContract,
    OrienterContract,
    RecognizerContract,
)
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


class PaddleModelContract(NetworkModelContract):
    """What holds for each of its models, on OpenVINO."""

    kind: Kind

    def make(self) -> NetworkModel[Any]:
        entry = REGISTRY.get(self.kind, "paddle")
        built = entry.build(Request("", entry.options(), Store(offline=True)))
        return cast("NetworkModel[Any]", built)

    def backend(self) -> Backend:
        return Assembly(REGISTRY, Store(offline=True)).backend("openvino")


@pytest.mark.slow
class TestDetectionModel(PaddleModelContract):
    kind = "detector"


@pytest.mark.slow
class TestRecognitionModel(PaddleModelContract):
    kind = "recognizer"


@pytest.mark.slow
class TestOrientationModel(PaddleModelContract):
    kind = "orienter"
