"""ONNX Runtime as a backend: any processor, and NVIDIA GPUs through CUDA or TensorRT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl
from ocrx_onnxruntime.options import OnnxRuntimeOptions

if TYPE_CHECKING:
    from ocrx.plugins.registrar import Registrar, Request
    from ocrx_onnxruntime.backend import OnnxRuntimeBackend


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("backend", "onnxruntime", _build, options=OnnxRuntimeOptions)


def _build(request: Request) -> OnnxRuntimeBackend:
    from ocrx_onnxruntime.backend import OnnxRuntimeBackend

    return OnnxRuntimeBackend(request.options)
