"""What a user may set of the ONNX Runtime backend."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OnnxRuntimeOptions:
    """`engine_cache` is a folder where the TensorRT provider keeps the engines it builds. Building
    one takes minutes; if the folder is empty text, every session builds its engines again."""

    engine_cache: str = ""
