"""Every operation that the importer claims, on ONNX's own tests of it, whichever opset they use.

Each network runs twice: as imported, and as it is rewritten to run fast on a processor.
"""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch

from ocrx_torch.importer import import_model
from ocrx_torch.options import TorchOptions
from ocrx_torch.placing import place
from ocrx_torch.registry import HOST, OPS
from support.onnx_cases import Tensors, load_cases

pytestmark = pytest.mark.slow

CLAIMED = OPS.keys() | HOST.keys() | {"Constant"}

# Tests of claimed operations that are not passed, and why. Patterns are looked for in the name.
EXCLUDED = {
    r"FLOAT[48]|float4|e4m3fn|e5m2": "floating point in 8 bits and less: nobody publishes in it",
    r"INT[24]|int[24]": "integers of 4 and 2 bits, which torch does not hold",
    r"STRING|_string": "text is not computed with",
    r"uint(16|32|64)": "torch holds wide unsigned integers and hardly computes in them",
    r"BFLOAT16": "the test's files hold bfloat16 as UINT16",
    r"linear_blocked": "quantisation in blocks",
    r"^test_identity_(sequence|opt)$": "sequences and optionals are no tensors",
    r"^test_training_dropout|_training_mode$": "training",
    r"^test_lstm_with_peepholes$": "torch's LSTM has no peepholes",
    r"^test_maxpool_with_argmax_2d_precomputed_strides$": "indices in column-major order",
    r"^test_reduce_(max|min)_empty_set$": "torch has no maximum of nothing",
    r"^test_resize_downsample_scales_(linear|cubic)_align_corners$": (
        "the test divides by the size before rounding; torch and ONNX Runtime, after"
    ),
    r"^test_averagepool_3d_dilations_large_count_include_pad_is_1_ceil_mode_is_True$": (
        "the test counts places beyond the padding; ONNX Runtime, like us, does not"
    ),
}

CASES = load_cases()
MODELS = {name: case.model for name, case in CASES.items()}
COVERED = [
    name
    for name, model in MODELS.items()
    if {node.op_type for node in model.graph.node} <= CLAIMED
    and not any(re.search(pattern, name) for pattern in EXCLUDED)
]


# How far results may be off, relatively, in numbers that have few digits.
COARSE = {torch.float16: 4e-3, torch.bfloat16: 2e-2}


def compare(found: Tensors, right: Tensors) -> None:
    for ours, theirs in zip(found, right, strict=True):
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        off = COARSE.get(ours.dtype, 1e-3)
        # NumPy has no bfloat16.
        pair = [x.float() if x.dtype == torch.bfloat16 else x for x in (ours, theirs)]
        np.testing.assert_allclose(pair[0].numpy(), pair[1].numpy(), rtol=off, atol=1e-6)


@pytest.mark.parametrize("name", COVERED)
def test_it_computes_what_onnx_says(name: str) -> None:
    model = MODELS[name]
    for inputs, right in CASES[name].sets():
        network = import_model(model, name)
        with torch.inference_mode():
            compare(list(network(*(x.clone() for x in inputs))), right)
            runner = place(network, "cpu", "fp32", "fp32", TorchOptions())
            compare(runner.on_host(inputs), right)


def test_every_claim_is_covered() -> None:
    seen = {node.op_type for name in COVERED for node in MODELS[name].graph.node}
    assert sorted(CLAIMED - seen) == []
    assert len(COVERED) > 850


@pytest.mark.parametrize("pattern", EXCLUDED)
def test_every_exclusion_excludes_something(pattern: str) -> None:
    claimed = [
        name
        for name, model in MODELS.items()
        if {node.op_type for node in model.graph.node} <= CLAIMED
    ]
    assert any(re.search(pattern, name) for name in claimed)
