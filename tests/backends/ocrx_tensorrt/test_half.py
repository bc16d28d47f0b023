"""The cast to fp16, judged by ONNX Runtime on what comes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from ocrx.artifacts import Artifact
from ocrx.plugins.registrar import Kind
from ocrx.plugins.registry import load_plugins
from ocrx.testing import DIFFERENCE, LINE
from ocrx.types import Tensor
from ocrx.weights.store import Store
from ocrx_tensorrt.half import to_fp16
from support.crnn import crnn
from support.onnx_files import Shape, save

X: dict[str, tuple[str, Shape]] = {"x": ("float32", [1, 1, 1, "w"])}
Y: dict[str, tuple[str, Shape]] = {"y": ("float32", [1, 1, 1, "v"])}


def compute(model: bytes, feeds: dict[str, Tensor]) -> list[Any]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    assert all(node.type == "tensor(float)" for node in session.get_inputs())
    return list(session.run(None, feeds))


def both(path: Path, feeds: dict[str, Tensor]) -> tuple[list[Any], list[Any]]:
    """What the network computes in fp32 and in fp16."""
    return compute(path.read_bytes(), feeds), compute(to_fp16(path), feeds)


@pytest.mark.parametrize("toy", [LINE, DIFFERENCE], ids=lambda toy: str(toy.name))
def test_names_types_and_shapes_stay(toy: Any) -> None:
    path = toy.files["onnx"]
    before, after = (onnx.load_from_string(m).graph for m in (path.read_bytes(), to_fp16(path)))
    assert list(after.input) == list(before.input)
    assert list(after.output) == list(before.output)
    onnx.checker.check_model(onnx.load_from_string(to_fp16(path)), full_check=True)
    right, half = both(path, toy.feeds(2, 16))
    for one, other in zip(right, half, strict=True):
        assert other.dtype == np.float32
        assert abs(one - other).max() < 1e-2


def test_no_weight_stays_fp32(tmp_path: Path) -> None:
    graph = onnx.load_from_string(to_fp16(crnn(tmp_path).path)).graph
    kinds = {tensor.data_type for tensor in graph.initializer}
    assert kinds == {TensorProto.FLOAT16, TensorProto.INT64}


@pytest.mark.parametrize(
    ("kind", "shape", "close"),
    [
        ("detector", (1, 3, 128, 160), 5e-3),
        ("recognizer", (2, 3, 48, 160), 3e-2),
        ("orienter", (2, 3, 48, 192), 2e-2),
    ],
)
def test_the_networks_of_pp_ocr(
    kind: Kind, shape: tuple[int, ...], close: float, tmp_path: Path
) -> None:
    spec = next(iter(load_plugins().get(kind, "paddle").models().values()))
    path = Store(tmp_path, offline=True).path(spec.artifacts["onnx"])
    pictures = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
    (right,), (half,) = both(path, {"x": pictures})
    assert abs(right - half).max() < close
    assert len(to_fp16(path)) < 0.6 * path.stat().st_size


def test_an_lstm(tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).uniform(-1, 1, (2, 1, 32, 64)).astype(np.float32)
    path = crnn(tmp_path).path
    (right,) = compute(path.read_bytes(), {"picture": pictures})
    assert right.shape == (16, 2, 11)
    # ONNX Runtime has no LSTM in fp16; TensorRT takes it (test_build.py).
    onnx.checker.check_model(onnx.load_from_string(to_fp16(path)), full_check=True)


def test_sizes_are_not_rounded(tmp_path: Path) -> None:
    """A factor of 1001/1000 is 1 in fp16, and 2001 columns become 2000 of 2000."""
    factors = helper.make_tensor("factors", TensorProto.FLOAT, [4], [1, 1, 1, 1.001])
    node = helper.make_node("Resize", ["x", "", "factors"], ["y"], mode="nearest")
    artifact = save(tmp_path / "resize.onnx", [node], X, Y, [factors])
    (right,), (half,) = both(artifact.path, {"x": np.ones((1, 1, 1, 2000), np.float32)})
    assert right.shape == half.shape == (1, 1, 1, 2002)


def test_sizes_that_are_computed_are_cast_back(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Mul", ["f", "f"], ["factors"]),
        helper.make_node("Resize", ["x", "", "factors"], ["y"], mode="nearest"),
    ]
    twos = helper.make_tensor("f", TensorProto.FLOAT, [4], [1, 1, 1, 2])
    artifact = save(tmp_path / "resize.onnx", nodes, X, Y, [twos])
    (right,), (half,) = both(artifact.path, {"x": np.ones((1, 1, 1, 3), np.float32)})
    assert right.shape == half.shape == (1, 1, 1, 12)


def test_what_fp16_cannot_hold_is_kept_finite_and_above_zero(tmp_path: Path) -> None:
    """sqrt(x * 0 + 1e-12) * 1e9: not zero, and not infinite; -inf stays what it is."""
    constants = [
        helper.make_tensor("zero", TensorProto.FLOAT, [], [0.0]),
        helper.make_tensor("tiny", TensorProto.FLOAT, [], [1e-12]),
        helper.make_tensor("huge", TensorProto.FLOAT, [2], [1e9, -np.inf]),
    ]
    nodes = [
        helper.make_node("Mul", ["x", "zero"], ["none"]),
        helper.make_node("Add", ["none", "tiny"], ["little"]),
        helper.make_node("Identity", ["little"], ["y"]),
        helper.make_node("Identity", ["huge"], ["z"]),
    ]
    outputs: Any = {"y": ("float32", ["n"]), "z": ("float32", [2])}
    artifact = save(tmp_path / "eps.onnx", nodes, {"x": ("float32", ["n"])}, outputs, constants)
    little, huge = compute(to_fp16(artifact.path), {"x": np.ones(2, np.float32)})
    assert (little > 0).all()
    assert huge.tolist() == [65504.0, -np.inf]


def test_constants_of_every_kind_and_branches(tmp_path: Path) -> None:
    """Constant nodes by tensor, number and list; a Cast to float; an If that captures an input."""
    branches = [_branch("then", "Add"), _branch("else", "Sub")]
    nodes = [
        helper.make_node("Constant", [], ["one"], value_float=1.0),
        helper.make_node("Constant", [], ["list"], value_floats=[1.0, 2.0]),
        helper.make_node(
            "Constant",
            [],
            ["tensor"],
            value=numpy_helper.from_array(np.array([3, 4], np.float32), "t"),
        ),
        helper.make_node("Cast", ["count"], ["number"], to=TensorProto.FLOAT),
        helper.make_node("Sum", ["one", "list", "tensor", "number"], ["sum"]),
        helper.make_node("If", ["yes"], ["y"], then_branch=branches[0], else_branch=branches[1]),
    ]
    inputs: Any = {"x": ("float32", [2]), "count": ("int64", [1]), "yes": ("bool", [])}
    artifact: Artifact = save(tmp_path / "kinds.onnx", nodes, inputs, {"y": ("float32", [2])})
    cast = to_fp16(artifact.path)
    session = onnxruntime.InferenceSession(cast, providers=["CPUExecutionProvider"])
    feeds = {"x": np.array([1, 2], np.float32), "count": np.array([5])}
    plus, minus = (session.run(None, {**feeds, "yes": np.array(yes)})[0] for yes in (True, False))
    assert plus.tolist() == [11.0, 14.0]
    assert minus.tolist() == [-9.0, -10.0]


def _branch(name: str, operation: str) -> onnx.GraphProto:
    out = helper.make_tensor_value_info(f"{name}_y", TensorProto.FLOAT, [2])
    node = helper.make_node(operation, ["x", "sum"], [f"{name}_y"])
    return helper.make_graph([node], name, [], [out])
