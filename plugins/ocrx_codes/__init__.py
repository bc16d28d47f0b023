"""Small recognisers of codes, trained by `ocrx train`, with their weights."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl
from ocrx_codes.settings import CodesOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ocrx.artifacts import ModelSpec
    from ocrx.plugins.registrar import Registrar, Request
    from ocrx_codes.recognition import CodesRecognition

NAMES = ("crnn", "detr")


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    for name in NAMES:
        registry.add(
            "recognizer",
            name,
            partial(_recognition, name),
            options=CodesOptions,
            models=partial(_models, name),
            paths=True,
        )


def _models(name: str) -> Mapping[str, ModelSpec]:
    from ocrx_codes.catalogue import models  # brings numpy

    return models(name)


def _recognition(name: str, request: Request) -> CodesRecognition:
    from ocrx_codes.catalogue import charset_of, find
    from ocrx_codes.recognition import CodesRecognition

    spec = find(name, request.variant)
    return CodesRecognition(spec, charset_of(spec, request.store), request.options)
