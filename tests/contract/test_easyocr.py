"""The contracts of detectors and recognisers, on EasyOCR's own weights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from ocrx.artifacts import Artifact
from ocrx.interfaces.components import Component, Detector, Recognizer
from ocrx.interfaces.networks import NetworkModel
from ocrx.interfaces.runtimes import Backend, SessionOptions
from ocrx.plugins.registrar import Kind
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.testing import DetectorContract, NetworkModelContract, RecognizerContract
from ocrx.testing import pictures as drawn
from ocrx.types import Image
from ocrx.weights.store import Store

pytestmark = pytest.mark.slow
REGISTRY = load_plugins()
READABLE = ("Total 118.40", "Order NLX 4500")
"""Texts that this network reads as drawn."""


def assembly() -> Assembly:
    return Assembly(REGISTRY, Store(offline=True))


def make(kind: Kind, backend: str = "openvino") -> Component:
    options = SessionOptions(threads=2, concurrency=2)
    return assembly().component(kind, "easyocr", backend, options)


def expected() -> Iterator[tuple[Image, str]]:
    for text in READABLE:
        yield drawn.line(text), text


class TestDetector(DetectorContract):
    def make(self) -> Detector:
        return cast("Detector", make("detector"))


class TestRecognizer(RecognizerContract):
    def make(self) -> Recognizer:
        return cast("Recognizer", make("recognizer"))

    def expected(self) -> list[tuple[Image, str]]:
        return list(expected())


class EasyOcrModelContract(NetworkModelContract):
    """What holds for each of its models, on OpenVINO."""

    kind: Kind

    def make(self) -> NetworkModel[Any]:
        model = assembly().network(self.kind, "easyocr")
        assert model is not None
        return model

    def backend(self) -> Backend:
        return assembly().backend("openvino")

    def artifact(self) -> Artifact:
        return assembly().artifact(self.make().spec, self.backend(), SessionOptions())


class TestDetectionModel(EasyOcrModelContract):
    kind = "detector"


class TestRecognitionModel(EasyOcrModelContract):
    kind = "recognizer"

    def expected(self) -> list[tuple[Image, Any]]:
        return list(expected())
