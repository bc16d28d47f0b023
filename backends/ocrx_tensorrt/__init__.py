"""The TensorRT runtime: NVIDIA GPUs, through TensorRT 8.5 to 11 or TensorRT for RTX."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from ocrx.hookspecs import hookimpl

if TYPE_CHECKING:
    from ocrx.plugins import Registrar, Request
    from ocrx_tensorrt.backend import TensorRtBackend
    from ocrx_tensorrt.converter import TensorRtConverter

LibraryName: TypeAlias = Literal["auto", "tensorrt", "tensorrt_rtx"]


@dataclass(frozen=True)
class TensorRtOptions:
    """`library` is the Python module to use; "auto" takes the one the engine was built with, and
    for an engine that does not say, the first of the two that is installed."""

    library: LibraryName = "auto"


@dataclass(frozen=True)
class TensorRtConverterOptions:
    """How engines are built. `library` as for the runtime; `optimization_level` from 0 (built
    fastest) to 5 (runs fastest) and `workspace` in MiB are TensorRT's own choice if None; `tf32`
    lets fp32 engines multiply with 10 bits of mantissa."""

    library: LibraryName = "auto"
    optimization_level: int | None = None
    workspace: int | None = None
    tf32: bool = False


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
