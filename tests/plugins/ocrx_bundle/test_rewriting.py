"""Networks rewritten for TensorRT 8.2 compute what they did before."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from ocrx.errors import ConversionFailed
from ocrx_bundle.operators import load_parser
from ocrx_bundle.opsets import opset
from ocrx_bundle.rewriting import rewritten

PARSER = load_parser("tensorrt-8.2.json")
Weights = Mapping[str, NDArray[Any]]
SHAPES: dict[str, list[str | int | None]] = {"x": ["N", 4, "H", 6], "y": ["N", "C", "H", "W"]}
NODE = helper.make_node
RANDOM = np.random.default_rng(4)


def some(*shape: int) -> NDArray[np.float32]:
    return RANDOM.normal(size=shape).astype(np.float32)


def saved(path: Path, nodes: list[onnx.NodeProto], version: int, weights: Weights) -> Path:
    """A network from x [N, 4, H, 6] to y, which has the same rank."""
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in SHAPES.items()
    ]
    constants = [numpy_helper.from_array(value, name) for name, value in weights.items()]
    graph = helper.make_graph(nodes, "network", ends[:1], ends[1:], constants)
    opsets = [helper.make_opsetid("", version)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), path)
    return path


def branch(operator: str) -> onnx.GraphProto:
    """A branch of If that takes the tensor `copy`."""
    end = helper.make_tensor_value_info("z", TensorProto.FLOAT, None)
    return helper.make_graph([NODE(operator, ["copy"], ["z"])], operator, [], [end])


SIX, FOUR, TWO = ({"s": some(length), "b": some(length)} for length in (6, 4, 2))
CASES: dict[str, tuple[list[onnx.NodeProto], int, Weights]] = {
    "HardSwish": ([NODE("HardSwish", ["x"], ["y"])], 14, {}),
    "Mish": ([NODE("Mish", ["x"], ["y"])], 18, {}),
    "Gelu": ([NODE("Gelu", ["x"], ["y"])], 20, {}),
    "Gelu by tanh": ([NODE("Gelu", ["x"], ["y"], approximate="tanh")], 20, {}),
    "Swish": ([NODE("Swish", ["x"], ["y"], alpha=0.5)], 24, {}),
    "LayerNormalization": ([NODE("LayerNormalization", ["x", "s", "b"], ["y"])], 17, SIX),
    "LayerNormalization of two axes": (
        [NODE("LayerNormalization", ["x", "s"], ["y"], axis=2, epsilon=0.1)],
        18,
        {"s": some(1, 6)},
    ),
    "GroupNormalization by groups": (
        [NODE("GroupNormalization", ["x", "s", "b"], ["y"], num_groups=2)], 18, TWO,
    ),
    "GroupNormalization by channels": (
        [NODE("GroupNormalization", ["x", "s", "b"], ["y"], num_groups=2)], 21, FOUR,
    ),
    "Reciprocal": ([NODE("Reciprocal", ["x"], ["y"])], 13, {}),
    "ReduceSum": ([NODE("ReduceSum", ["x", "a"], ["y"])], 13, {"a": np.array([1])}),
    "ReduceMean": ([NODE("ReduceMean", ["x", "a"], ["y"])], 18, {"a": np.array([1])}),
    "Mod": (
        [
            NODE("Cast", ["x"], ["i"], to=TensorProto.INT64),
            NODE("Mod", ["i", "d"], ["m"]),
            NODE("Cast", ["m"], ["y"], to=TensorProto.FLOAT),
        ],
        13,
        {"d": np.array([3, -3, 1, 2, -1, -2])},
    ),
    "Reshape": (
        [NODE("Reshape", ["x", "t"], ["y"], allowzero=0)], 14, {"t": np.array([0, 2, 2, -1])},
    ),
    "Split": (
        [NODE("Split", ["x"], ["p", "q"], axis=1, num_outputs=2), NODE("Sub", ["p", "q"], ["y"])],
        18,
        {},
    ),
    "a copied weight": (
        [
            NODE("Identity", ["w"], ["v"]),
            NODE("Conv", ["x", "v"], ["c"], pads=[1] * 4),
            NODE("Identity", ["c"], ["y"]),
        ],
        13,
        {"w": some(3, 4, 3, 3)},
    ),
    "a weight in 16 bits": (
        [
            NODE("Cast", ["w"], ["v"], to=TensorProto.FLOAT),
            NODE("Conv", ["x", "v"], ["y"], pads=[1] * 4),
        ],
        13,
        {"w": some(3, 4, 3, 3).astype(np.float16)},
    ),
    "a copy that a branch takes": (
        [
            NODE("Identity", ["x"], ["copy"]),
            NODE("If", ["yes"], ["y"], then_branch=branch("Neg"), else_branch=branch("Abs")),
        ],
        13,
        {"yes": np.array(True)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_parser_takes_it_and_it_computes_the_same(name: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "network.onnx", *CASES[name])
    found = rewritten(path, name, PARSER)
    assert not PARSER.objections(found.model)
    assert opset(found.model) <= PARSER.opset
    operator = name.split(maxsplit=1)[0]
    assert found.operators == ((operator,) if operator not in (*PARSER.operators, "a") else ())
    feeds = {"x": 3 * some(2, 4, 3, 6)}
    before, after = (
        np.asarray(next(iter(ReferenceEvaluator(model).run(None, feeds))))
        for model in (onnx.load(path), found.model)
    )
    np.testing.assert_allclose(after, before, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("nodes", "weights", "lacks"),
    [
        ([NODE("Hardmax", ["x"], ["h"]), NODE("IsInf", ["h"], ["y"])], {}, "Hardmax, IsInf"),
        ([NODE("FusedConv", ["x"], ["y"], domain="com.microsoft")], {}, "com.microsoft.FusedConv"),
        (
            [NODE("Abs", ["w"], ["v"]), NODE("Conv", ["x", "v"], ["y"])],
            {"w": some(3, 4, 3, 3)},
            "Conv whose input 1 is computed",
        ),
        (
            [NODE("Resize", ["x", "", "s"], ["y"], mode="cubic")],
            {"s": np.ones(4, np.float32)},
            "Resize with mode=cubic",
        ),
    ],
)
def test_what_it_lacks_is_named(
    nodes: list[onnx.NodeProto], weights: Weights, lacks: str, tmp_path: Path
) -> None:
    path = saved(tmp_path / "network.onnx", nodes, 13, weights)
    with pytest.raises(ConversionFailed, match=f"TensorRT 8.2 does not take n: it lacks {lacks}"):
        rewritten(path, "n", PARSER)


def test_an_opset_that_cannot_be_lowered_is_named(tmp_path: Path) -> None:
    node = NODE("Resize", ["x", "", "s"], ["y"], antialias=1, mode="linear")
    path = saved(tmp_path / "network.onnx", [node], 18, {"s": np.ones(4, np.float32)})
    with pytest.raises(ConversionFailed, match="opset 18 and cannot be written at 13"):
        rewritten(path, "n", PARSER)


def test_what_is_no_network_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "network.onnx"
    path.write_bytes(b"no network")
    with pytest.raises(ConversionFailed, match="is not an ONNX file"):
        rewritten(path, "n", PARSER)
