"""The PP-OCR models of PaddleOCR: text detection, line orientation and recognition.

https://github.com/PaddlePaddle/PaddleOCR
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from ocrx.plugins.hooks import hookimpl
from ocrx_paddleocr.settings import DetectionOptions, RecognitionOptions, UprightOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ocrx.artifacts import ModelSpec
    from ocrx.interfaces.components import Orienter
    from ocrx.names import Task
    from ocrx.plugins.registrar import Registrar, Request
    from ocrx_paddleocr.detection import PaddleDetection
    from ocrx_paddleocr.orientation import PaddleOrientation
    from ocrx_paddleocr.recognition import PaddleRecognition
    from ocrx_paddleocr.upright import Upright

NAME = "paddle"


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
    registry.add("preprocessor", "upright", _upright, options=UprightOptions)
    registry.add("orienter", NAME, _orientation, models=partial(_specs, "orientation"), paths=True)
    registry.add(
        "recognizer",
        NAME,
        _recognition,
        options=RecognitionOptions,
        models=partial(_specs, "recognition"),
        paths=True,
    )


def _specs(task: Task) -> Mapping[str, ModelSpec]:
    from ocrx_paddleocr.catalogue import specs  # brings numpy

    return specs(task)


def _detection(request: Request) -> PaddleDetection:
    from ocrx_paddleocr.detection import PaddleDetection
    from ocrx_paddleocr.variants import find

    return PaddleDetection(*find("detection", request.variant), request.options)


def _orientation(request: Request) -> PaddleOrientation:
    from ocrx_paddleocr.orientation import PaddleOrientation
    from ocrx_paddleocr.variants import find

    return PaddleOrientation(*find("orientation", request.variant))


def _upright(request: Request) -> Upright:
    from ocrx_paddleocr.upright import Upright

    orienter = request.open("orienter", f"{NAME}:v5-page", {})
    return Upright(cast("Orienter", orienter), request.options)


def _recognition(request: Request) -> PaddleRecognition:
    from ocrx_paddleocr.charset import charset_of
    from ocrx_paddleocr.recognition import PaddleRecognition
    from ocrx_paddleocr.variants import find

    spec, parameters = find("recognition", request.variant)
    options: RecognitionOptions = request.options
    charset = charset_of(spec, request.variant, options.dictionary, request.store)
    return PaddleRecognition(
        spec,
        parameters,
        charset,
        options.least_width(request.layout),
        options.batch,
        near_tie=options.near_tie,
    )
