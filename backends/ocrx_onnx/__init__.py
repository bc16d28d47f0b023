"""Converters of ONNX files to fp16 and int8 (QDQ), a compressor that does so on a user's pictures,
and an inspector of what networks compute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl
from ocrx_onnx.options import QuantizeOptions

if TYPE_CHECKING:
    from ocrx.plugins.registrar import Registrar, Request
    from ocrx_onnx.compressor import Quantize
    from ocrx_onnx.converters import HalfConverter, IntegerConverter, QuantizingConverter
    from ocrx_onnx.inspector import OnnxInspector


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("converter", "onnx-fp16", _half)
    registry.add("converter", "onnx-int8", _quantizing)
    registry.add("converter", "onnx-u8", _integer)
    registry.add("inspector", "onnx", _inspector)
    registry.add("compressor", "quantize", _quantize, options=QuantizeOptions)


def _half(request: Request) -> HalfConverter:
    from ocrx_onnx.converters import HalfConverter

    return HalfConverter()


def _quantizing(request: Request) -> QuantizingConverter:
    from ocrx_onnx.converters import QuantizingConverter

    return QuantizingConverter()


def _inspector(request: Request) -> OnnxInspector:
    from ocrx_onnx.inspector import OnnxInspector

    return OnnxInspector()


def _integer(request: Request) -> IntegerConverter:
    from ocrx_onnx.converters import IntegerConverter

    return IntegerConverter()


def _quantize(request: Request) -> Quantize:
    from ocrx_onnx.compressor import Quantize

    return Quantize(request.options)
