"""TensorRT as a backend: NVIDIA GPUs, through TensorRT 8.5 to 11 or TensorRT for RTX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl
from ocrx_tensorrt.options import TensorRtConverterOptions, TensorRtOptions

if TYPE_CHECKING:
    from ocrx.plugins.registrar import Registrar, Request
    from ocrx_tensorrt.backend import TensorRtBackend
    from ocrx_tensorrt.converter import TensorRtConverter


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("backend", "tensorrt", _backend, options=TensorRtOptions)
    registry.add("converter", "tensorrt", _converter, options=TensorRtConverterOptions)


def _backend(request: Request) -> TensorRtBackend:
    from ocrx_tensorrt.backend import TensorRtBackend

    return TensorRtBackend(request.options, request.store.cache_dir)


def _converter(request: Request) -> TensorRtConverter:
    from ocrx_tensorrt.converter import TensorRtConverter

    return TensorRtConverter(request.options, request.store.cache_dir)
