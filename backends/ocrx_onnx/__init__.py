"""ONNX files in other numbers: fp16, and int8 with its scales written out (QDQ)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx.hookspecs import hookimpl

if TYPE_CHECKING:
    from ocrx.plugins import Registrar, Request
    from ocrx_onnx.converters import HalfConverter, QuantizingConverter


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("converter", "onnx-fp16", _half)
    registry.add("converter", "onnx-int8", _quantizing)


def _half(request: Request) -> HalfConverter:
    from ocrx_onnx.converters import HalfConverter

    return HalfConverter()


def _quantizing(request: Request) -> QuantizingConverter:
    from ocrx_onnx.converters import QuantizingConverter

    return QuantizingConverter()
