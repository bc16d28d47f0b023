"""What a user may set of the ONNX Runtime backend."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OnnxRuntimeOptions:
    """`engine_cache` is the folder where the TensorRT provider keeps the engines it builds. Without
    one ("") every session builds its engines again, which takes minutes."""

    engine_cache: str = ""
