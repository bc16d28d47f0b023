"""TensorFlow Lite (LiteRT) as a backend: any processor, even a small or old one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl
from ocrx_tflite.options import TfliteOptions

if TYPE_CHECKING:
    from ocrx.plugins.registrar import Registrar, Request
    from ocrx_tflite.backend import TfliteBackend
    from ocrx_tflite.converter import OnnxToTflite


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("backend", "tflite", _backend, options=TfliteOptions)
    registry.add("converter", "onnx2tflite", _converter)


def _backend(request: Request) -> TfliteBackend:
    from ocrx_tflite.backend import TfliteBackend

    return TfliteBackend(request.options)


def _converter(request: Request) -> OnnxToTflite:
    from ocrx_tflite.converter import OnnxToTflite

    return OnnxToTflite(request.store.cache_dir)
