"""ONNX Runtime: any processor, and NVIDIA GPUs through CUDA or TensorRT."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocrx.hookspecs import hookimpl

if TYPE_CHECKING:
    from ocrx.plugins import Registrar, Request
    from ocrx_onnxruntime.backend import OnnxRuntimeBackend


@dataclass(frozen=True)
class OnnxRuntimeOptions:
    """`engine_cache` is a folder where TensorRT keeps the engines it builds, which takes minutes;
    empty, it builds them anew each time."""

    engine_cache: str = ""


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("backend", "onnxruntime", _build, options=OnnxRuntimeOptions)


def _build(request: Request) -> OnnxRuntimeBackend:
    from ocrx_onnxruntime.backend import OnnxRuntimeBackend

    return OnnxRuntimeBackend(request.options)
