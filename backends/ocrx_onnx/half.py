"""Converts fp32 to fp16 with the converter that comes with ONNX Runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx.errors import ConversionFailed
from ocrx_onnx.graph import REMEDY, sort_nodes, stem
from ocrx_onnx.ortools import tool

if TYPE_CHECKING:
    import onnx


def halved(model: onnx.ModelProto, name: str) -> onnx.ModelProto:
    """The model with weights and arithmetic in fp16. Inputs, outputs and the stem stay fp32, and so
    do operations without fp16, between casts.

    Raises ConversionFailed.
    """
    try:
        converted: onnx.ModelProto = tool("transformers.float16").convert_float_to_float16(
            model, keep_io_types=True, node_block_list=sorted(stem(model))
        )
        sort_nodes(converted.graph)  # the converter appends its casts at the end
    # The converter asserts, and an unexpected graph makes it raise anything.
    except Exception as error:
        raise ConversionFailed(f"{name} cannot be converted to fp16: {error}", REMEDY) from error
    del converted.graph.value_info[:]  # these are the types from before the casts
    return converted
