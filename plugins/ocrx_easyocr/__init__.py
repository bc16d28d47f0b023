"""EasyOCR's models: the detector CRAFT, and the recognisers of generations 1 and 2.

https://github.com/JaidedAI/EasyOCR
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl
from ocrx_easyocr.settings import DetectionOptions, RecognitionOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ocrx.artifacts import ModelSpec
    from ocrx.names import Task
    from ocrx.plugins.registrar import Registrar, Request
    from ocrx_easyocr.converter import EasyOcrToOnnx
    from ocrx_easyocr.detection import EasyOcrDetection
    from ocrx_easyocr.recognition import EasyOcrRecognition

NAME = "easyocr"


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add(
        "detector",
        NAME,
        _detection,
        options=DetectionOptions,
        models=partial(_specs, "detection"),
        paths=True,
    )
    registry.add(
        "recognizer",
        NAME,
        _recognition,
        options=RecognitionOptions,
        models=partial(_specs, "recognition"),
        paths=True,
    )
    registry.add("converter", "easyocr-onnx", _converter)


def _specs(task: Task) -> Mapping[str, ModelSpec]:
    from ocrx_easyocr.catalogue import specs  # brings numpy

    return specs(task)


def _detection(request: Request) -> EasyOcrDetection:
    from ocrx_easyocr.detection import EasyOcrDetection
    from ocrx_easyocr.variants import detector

    return EasyOcrDetection(detector(request.variant), request.options)


def _recognition(request: Request) -> EasyOcrRecognition:
    from ocrx_easyocr.recognition import EasyOcrRecognition
    from ocrx_easyocr.variants import recognizer

    chosen = recognizer(request.variant, request.options)
    return EasyOcrRecognition(chosen.spec, chosen.charset, chosen.unread, request.options)


def _converter(request: Request) -> EasyOcrToOnnx:
    from ocrx_easyocr.converter import EasyOcrToOnnx

    return EasyOcrToOnnx()
