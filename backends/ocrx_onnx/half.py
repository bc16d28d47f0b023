"""fp32 to fp16, by the converter that comes with ONNX Runtime."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ocrx.errors import ConversionFailed
from ocrx_onnx.graph import REMEDY, sort_nodes, stem

if TYPE_CHECKING:
    import onnx


def halved(model: onnx.ModelProto, name: str) -> onnx.ModelProto:
    """`model` with weights and arithmetic in fp16; inputs, outputs and the stem stay fp32.

    Operations that have no fp16 stay in fp32 between casts. Raises ConversionFailed.
    """
    first = stem(model)
    if len(first) == len(model.graph.node):  # it is all stem: too small to be worth sparing any
        first = set()
    try:
        converted: onnx.ModelProto = _float16().convert_float_to_float16(
            model, keep_io_types=True, node_block_list=sorted(first)
        )
        sort_nodes(converted.graph)  # it appends its casts
    # Its checks are asserts, and what it does to a graph it did not expect raises anything.
    except Exception as error:
        raise ConversionFailed(f"{name} does not convert to fp16: {error}", REMEDY) from error
    del converted.graph.value_info[:]  # shapes as they were inferred before the casts came
    return converted


def _float16() -> Any:
    paths = list(sys.path)
    try:
        from onnxruntime.transformers import float16
    finally:
        sys.path[:] = paths  # its package adds its own folder, with a `benchmark` and others in it
    return float16
