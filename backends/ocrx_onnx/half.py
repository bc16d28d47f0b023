"""Converts fp32 to fp16 with the converter that comes with ONNX Runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx.errors import ConversionFailed
from ocrx_onnx.graph import REMEDY, sort_nodes, stem
from ocrx_onnx.ortools import tool

if TYPE_CHECKING:
    import onnx


RECURRENT = ("LSTM", "GRU", "RNN")
BESIDE_RECURRENT = (*RECURRENT, "Transpose")
"""What stays in fp32 in recurrent networks: ONNX Runtime 1.32 crashes on a processor when it opens
a recurrent layer in fp16, or one in fp32 that is fed by a transposition in fp16."""


def halved(model: onnx.ModelProto, name: str) -> onnx.ModelProto:
    """The model with weights and arithmetic in fp16. Inputs, outputs and the stem stay fp32, and so
    do operations without fp16, between casts.

    Raises ConversionFailed.
    """
    float16 = tool("transformers.float16")
    recurrent = any(node.op_type in RECURRENT for node in model.graph.node)
    try:
        converted: onnx.ModelProto = float16.convert_float_to_float16(
            model,
            keep_io_types=True,
            op_block_list=[
                *float16.DEFAULT_OP_BLOCK_LIST,
                *(BESIDE_RECURRENT if recurrent else ()),
            ],
            node_block_list=sorted(stem(model)),
        )
        sort_nodes(converted.graph)  # the converter appends its casts at the end
    # The converter asserts, and an unexpected graph makes it raise anything.
    except Exception as error:
        raise ConversionFailed(f"{name} cannot be converted to fp16: {error}", REMEDY) from error
    del converted.graph.value_info[:]  # these are the types from before the casts
    return converted
