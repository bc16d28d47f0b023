from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto

from ocrx_onnx.graph import prepared, run
from ocrx_onnx.qdq import candidates, rounded, tensors
from ocrx_onnx.scales import find_scales
from ocrx_onnx.schemes import INTEGER
from ocrx_onnx.sensitivity import divergence
from ocrx_onnx.storage import MANY, compact
from support.deepnetwork import batches, deep


def test_large_constants_take_16_bits_and_scales_stay(tmp_path: Path) -> None:
    model = prepared(deep(tmp_path).path, "deep")
    nodes = candidates(model)[8:]
    scales = find_scales(model, sorted(tensors(model, nodes, INTEGER)), batches())
    plain = rounded(model, scales, nodes, INTEGER)
    small = onnx.ModelProto()
    small.CopyFrom(plain)
    compact(small)
    onnx.checker.check_model(small)
    assert small.ByteSize() < 0.8 * plain.ByteSize()
    assert not small.graph.value_info
    held = {one.name: one for one in small.graph.initializer}
    floats = [one for one in held.values() if one.data_type == TensorProto.FLOAT]
    assert max(int(np.prod(one.dims)) for one in floats) < MANY
    for node in small.graph.node:
        if node.op_type in ("QuantizeLinear", "DequantizeLinear"):
            assert held[node.input[1]].data_type == TensorProto.FLOAT
    for expected, found in zip(run(plain, batches()), run(small, batches()), strict=True):
        assert divergence(expected, found) < 0.01


def test_what_16_bits_cannot_hold_stays(tmp_path: Path) -> None:
    model = prepared(deep(tmp_path).path, "deep")
    for tensor in model.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor) * np.float32(1e6)
        tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
    before = model.graph.SerializeToString(deterministic=True)
    compact(model)
    assert "Cast" not in {node.op_type for node in model.graph.node}
    assert len(model.graph.SerializeToString(deterministic=True)) <= len(before)
