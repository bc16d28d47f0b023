"""What a user may set of the TensorRT backend and of its converter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

LibraryName: TypeAlias = Literal["auto", "tensorrt", "tensorrt_rtx"]


@dataclass(frozen=True)
class TensorRtOptions:
    """`library` is the Python module to use. "auto" takes the one that the engine was built with,
    or, for an engine that does not say, the first of the two that is installed."""

    library: LibraryName = "auto"


@dataclass(frozen=True)
class TensorRtConverterOptions:
    """How engines are built.

    `library` is as for the backend. `optimization_level` runs from 0 (builds fastest) to 5 (runs
    fastest), `workspace` is in MiB; None leaves either to TensorRT. `tf32` lets fp32 engines
    multiply with 10 bits of mantissa.
    """

    library: LibraryName = "auto"
    optimization_level: int | None = None
    workspace: int | None = None
    tf32: bool = False
