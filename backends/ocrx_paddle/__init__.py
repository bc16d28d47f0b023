"""Paddle Inference as a backend: the runtime that Paddle's own models are made for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl

if TYPE_CHECKING:
    from ocrx.plugins.registrar import Registrar, Request
    from ocrx_paddle.backend import PaddleBackend
    from ocrx_paddle.converter import PaddleOnnx


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("backend", "paddle", _backend)
    registry.add("converter", "paddle-onnx", _converter)


def _backend(request: Request) -> PaddleBackend:
    from ocrx_paddle.backend import PaddleBackend

    return PaddleBackend()


def _converter(request: Request) -> PaddleOnnx:
    from ocrx_paddle.converter import PaddleOnnx

    return PaddleOnnx(request.store.cache_dir)
