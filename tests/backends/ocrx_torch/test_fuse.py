"""What is put together runs as one operation, and gives what ONNX Runtime gives."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ocrx_torch.fuse import fuse
from ocrx_torch.reuse import reuse
from support.torchnetworks import (
    Node,
    check_against_onnxruntime,
    functions,
    imported,
    network,
    noise,
    saved,
)

HALF, ONE, ROOT = np.float32(0.5), np.float32(1), np.float32(math.sqrt(2))

GELU: list[Node] = [
    ("Div", ["x", "root"], ["a"], {}),
    ("Erf", ["a"], ["b"], {}),
    ("Add", ["b", "one"], ["c"], {}),
]
LAYER_NORM: list[Node] = [
    ("ReduceMean", ["x"], ["mean"], {"axes": [-1]}),
    ("Sub", ["x", "mean"], ["centred"], {}),
    ("Pow", ["centred", "two"], ["squares"], {}),
    ("ReduceMean", ["squares"], ["variance"], {"axes": [-1]}),
    ("Add", ["variance", "epsilon"], ["sum"], {}),
    ("Sqrt", ["sum"], ["root"], {}),
    ("Div", ["centred", "root"], ["normal"], {}),
    ("Mul", ["normal", "weight"], ["scaled"], {}),
    ("Add", ["scaled", "bias"], ["y"], {}),
]
CONV: Node = ("Conv", ["x", "w"], ["a"], {"pads": [1, 1, 1, 1]})
TRANSPOSED: Node = ("ConvTranspose", ["x", "w"], ["a"], {"strides": [2, 2], "group": 3})
STATISTICS = {
    "scale": noise(6, seed=1) + 2,
    "bias": noise(6, seed=2),
    "mean": noise(6, seed=3),
    "variance": noise(6, seed=4) + 2,
}
NORM: Node = ("BatchNormalization", ["a", "scale", "bias", "mean", "variance"], ["y"], {})
EIGHT = noise(8, seed=5)

CASES: dict[str, tuple[list[Node], dict[str, Any], list[str]]] = {
    "gelu, halved last": (
        [*GELU, ("Mul", ["x", "c"], ["d"], {}), ("Mul", ["d", "half"], ["y"], {})],
        {"root": ROOT, "one": ONE, "half": HALF},
        ["gelu"],
    ),
    "gelu, halved first": (
        [*GELU, ("Mul", ["x", "half"], ["d"], {}), ("Mul", ["d", "c"], ["y"], {})],
        {"root": ROOT, "one": ONE, "half": HALF},
        ["gelu"],
    ),
    "almost gelu": (
        [*GELU, ("Mul", ["x", "c"], ["d"], {}), ("Mul", ["d", "half"], ["y"], {})],
        {"root": ROOT, "one": ONE, "half": np.float32(0.6)},
        ["divide", "erf", "add", "mul", "mul"],
    ),
    "hardswish by hardsigmoid": (
        [
            ("HardSigmoid", ["x"], ["a"], {"alpha": 1 / 6}),
            ("Mul", ["x", "a"], ["y"], {}),
        ],
        {},
        ["hardswish"],
    ),
    "hardswish by clip": (
        [
            ("Add", ["x", "three"], ["a"], {}),
            ("Clip", ["a", "zero", "six"], ["b"], {}),
            ("Mul", ["x", "b"], ["c"], {}),
            ("Div", ["c", "six"], ["y"], {}),
        ],
        {"three": np.float32(3), "zero": np.float32(0), "six": np.float32(6)},
        ["hardswish"],
    ),
    "no hardswish: another slope": (
        [("HardSigmoid", ["x"], ["a"], {}), ("Mul", ["x", "a"], ["y"], {})],
        {},
        ["hard_sigmoid", "mul"],
    ),
    "swish": (
        [("Sigmoid", ["x"], ["a"], {}), ("Mul", ["a", "x"], ["y"], {})],
        {},
        ["silu"],
    ),
    "layer norm": (
        LAYER_NORM,
        {
            "two": np.float32(2),
            "epsilon": np.float32(1e-5),
            "weight": EIGHT,
            "bias": EIGHT,
        },
        ["layer_norm"],
    ),
    "product and bias": (
        [("MatMul", ["x", "w"], ["a"], {}), ("Add", ["bias", "a"], ["y"], {})],
        {"w": noise(8, 5), "bias": noise(5)},
        ["linear"],
    ),
    "product and no bias": (
        [("MatMul", ["x", "w"], ["a"], {}), ("Add", ["bias", "a"], ["y"], {})],
        {"w": noise(8, 5), "bias": noise(1, 5)},
        ["linear", "add"],
    ),
    "adding nothing": (
        [("Add", ["x", "zero"], ["a"], {}), ("Relu", ["a"], ["y"], {})],
        {"zero": np.float32(0)},
        ["relu"],
    ),
    "convolution, bias, factor": (
        [CONV, ("Add", ["a", "b"], ["c"], {}), ("Mul", ["f", "c"], ["y"], {})],
        {"w": noise(6, 3, 3, 3), "b": noise(1, 6, 1, 1), "f": noise(6, 1, 1, seed=9)},
        ["conv"],
    ),
    "convolution, another's bias": (
        [CONV, ("Add", ["a", "b"], ["y"], {})],
        {"w": noise(6, 3, 3, 3), "b": noise(1, 1, 1, 8)},
        ["conv", "add"],
    ),
    "convolution and normalisation": (
        [CONV, NORM],
        {"w": noise(6, 3, 3, 3), **STATISTICS},
        ["conv"],
    ),
    "transposed convolution and normalisation": (
        [TRANSPOSED, NORM],
        {"w": noise(3, 2, 2, 2), **STATISTICS},
        ["conv_transpose"],
    ),
    "transposed convolution, windows side by side": (
        [
            ("ConvTranspose", ["x", "w", "b"], ["a"], {"strides": [2, 3]}),
            ("Relu", ["a"], ["y"], {}),
        ],
        {"w": noise(3, 6, 2, 3), "b": noise(6)},
        ["conv_transpose", "relu"],
    ),
    "padded to the same size": (
        [("Conv", ["x", "w"], ["a"], {"auto_pad": "SAME_UPPER"}), ("Relu", ["a"], ["y"], {})],
        {"w": noise(6, 3, 2, 2)},
        ["conv", "relu"],
    ),
    "padded to the same size, from below": (
        [("Conv", ["x", "w"], ["y"], {"auto_pad": "SAME_LOWER"})],
        {"w": noise(6, 3, 4, 2)},
        ["conv"],
    ),
    "padded to the same size, with strides": (
        [("Conv", ["x", "w"], ["y"], {"auto_pad": "SAME_UPPER", "strides": [2, 2]})],
        {"w": noise(6, 3, 3, 3)},
        ["conv"],
    ),
    "a pool of pairs": (
        [("MaxPool", ["x"], ["y"], {"kernel_shape": [2, 2], "auto_pad": "SAME_UPPER"})],
        {},
        ["max_pool"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_one_operation_with_the_same_result(tmp_path: Path, case: str) -> None:
    nodes, constants, expected = CASES[case]
    model = network(nodes, {"x": ["n", 3, "h", 8]}, constants)
    module = imported(model, case)
    fuse(module)
    module.recompile()
    assert functions(module) == expected
    path = saved(model, tmp_path).path
    for height in (7, 12):
        check_against_onnxruntime(path, {"x": noise(2, 3, height, 8) * 4})


def test_the_larger_of_a_pair_with_nothing_beside_it(tmp_path: Path) -> None:
    """Pools pad with less than any number, not with 0."""
    node: Node = ("MaxPool", ["x"], ["y"], {"kernel_shape": [2, 2], "auto_pad": "SAME_UPPER"})
    model = network([node], {"x": ["n", 1, "h", "w"]}, {})
    x = -np.abs(noise(2, 1, 3, 4)) - 1
    check_against_onnxruntime(saved(model, tmp_path).path, {"x": x})


def test_only_what_is_done_with_is_written_over() -> None:
    model = network(
        [
            ("Relu", ["x"], ["a"], {}),  # not over an input
            ("Mul", ["a", "a"], ["b"], {}),  # not over `a`, which is needed once more
            ("Add", ["b", "a"], ["c"], {}),  # over `b`
            ("Transpose", ["c"], ["d"], {"perm": [1, 0]}),
            ("Relu", ["c"], ["e"], {}),  # not over `c`, which `d` shows
            ("Add", ["e", "d"], ["f"], {}),  # over `e`
            ("Add", ["row", "f"], ["y"], {}),  # over `f`, not over a constant
        ],
        {"x": [3, 3]},
        {"row": noise(3)},
    )
    module = imported(model)
    x = torch.rand(3, 3) - 0.5
    before = x.clone()
    with torch.inference_mode():
        right = module(x)[0].clone()
        reuse(module)
        module.recompile()
        found = module(x)[0]
    names = ["relu", "mul", "add_into", "transpose", "relu", "add_into", "add_into"]
    assert functions(module) == names
    assert torch.equal(found, right)
    assert torch.equal(x, before)


def test_what_does_nothing_keeps_no_hold_of_its_operand() -> None:
    model = network(
        [
            ("Relu", ["x"], ["a"], {}),
            ("ReduceMean", ["a"], ["b"], {"noop_with_empty_axes": 1}),
            ("Add", ["a", "x"], ["c"], {}),  # over `a`
            ("Sub", ["b", "c"], ["y"], {}),
        ],
        {"x": [3]},
        {},
        opset=18,
    )
    module = imported(model)
    reuse(module)
    module.recompile()
    assert functions(module) == ["relu", "reduce_mean", "add_into", "sub"]
    assert module(torch.ones(3))[0].tolist() == [-1.0] * 3


def test_nothing_grows_over_what_is_smaller() -> None:
    model = network(
        [("Relu", ["x"], ["a"], {}), ("Add", ["a", "z"], ["y"], {})],
        {"x": [1, 3], "z": [2, 3]},
        {},
    )
    module = imported(model)
    reuse(module)
    module.recompile()
    assert module(torch.ones(1, 3), torch.ones(2, 3))[0].tolist() == [[2.0] * 3] * 2
