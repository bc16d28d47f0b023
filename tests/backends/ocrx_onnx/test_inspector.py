from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from ocrx.errors import InputError, UsageError
from ocrx.interfaces.inspection import Graph
from ocrx.plugins.registry import load_plugins
from ocrx.weights.store import Store
from ocrx_onnx.inspector import OnnxInspector
from support.crnn import CLASSES, HIDDEN, crnn
from support.onnx_files import reshaper, save

F = "float32"


def shipped(kind: str) -> Path:
    (entry,) = [e for e in load_plugins().entries() if (e.kind, e.name) == (kind, "paddle")]
    spec = next(iter(entry.models().values()))
    return Store(offline=True).path(spec.artifacts["onnx"])


@pytest.mark.parametrize(
    ("kind", "shape", "gmacs", "weights"),
    [
        ("detector", (1, 3, 640, 640), 4.33, 2.45e6),
        ("recognizer", (1, 3, 48, 320), 1.09, 5.27e6),
        ("orienter", (1, 3, 48, 192), 0.016, 0.13e6),
    ],
)
def test_the_shipped_models_are_counted_whole(
    kind: str, shape: tuple[int, ...], gmacs: float, weights: float
) -> None:
    graph = OnnxInspector().inspect(shipped(kind), {"x": shape})
    assert graph.uncounted == ()
    assert graph.macs / 1e9 == pytest.approx(gmacs, rel=0.02)
    constants = {name for one in graph.operations for name in one.weights}
    assert sum(graph.sizes[name].elements for name in constants) == pytest.approx(weights, rel=0.03)


def test_work_grows_with_the_batch_and_the_width() -> None:
    path = shipped("recognizer")
    one, four, wide = (
        OnnxInspector().inspect(path, {"x": shape}).macs
        for shape in ((1, 3, 48, 320), (4, 3, 48, 320), (1, 3, 48, 640))
    )
    assert four == pytest.approx(4 * one, rel=1e-3)
    assert 2 * one < wide < 2.1 * one  # attention grows with the square


def test_an_lstm_is_counted_by_hand(tmp_path: Path) -> None:
    path = crnn(tmp_path).path
    graph = OnnxInspector().inspect(path, {"picture": (2, 1, 32, 128)})
    by_kind = {one.kind: one for one in graph.operations}
    steps, pictures, directions = 32, 2, 2
    assert by_kind["LSTM"].macs == steps * pictures * directions * 4 * HIDDEN * (HIDDEN + HIDDEN)
    assert by_kind["MatMul"].macs == steps * pictures * 2 * HIDDEN * CLASSES
    convs = [one.macs for one in graph.operations if one.kind == "Conv"]
    assert convs == [2 * 8 * 16 * 64 * 9, 2 * HIDDEN * 8 * 32 * 8 * 9]
    assert graph.sizes["scores"].shape == (32, 2, CLASSES)
    assert graph.uncounted == ()


def counted(
    folder: Path, node: onnx.NodeProto, inputs: dict[str, list[int]], **weights: Any
) -> Graph:
    tensors = [numpy_helper.from_array(np.asarray(v), name) for name, v in weights.items()]
    artifact = save(
        folder / "net.onnx",
        [node],
        {name: (F, shape) for name, shape in inputs.items()},
        {node.output[0]: (F, [])},
        tensors,
    )
    model = onnx.load(artifact.path)
    model.graph.output[0].type.tensor_type.ClearField("shape")
    onnx.save(model, artifact.path)
    shapes = {name: tuple(shape) for name, shape in inputs.items()}
    return OnnxInspector().inspect(artifact.path, shapes)


def zeros(*shape: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.zeros(shape, np.float32)


Case: TypeAlias = tuple[str, dict[str, list[int]], dict[str, Any], dict[str, Any], tuple[int, int]]
"""An operation, its inputs' shapes, its constants, its attributes; what it costs."""


@pytest.mark.parametrize(
    "case",
    [
        ("Conv", {"x": [1, 8, 5, 5]}, {"w": zeros(8, 1, 3, 3)}, {"group": 8}, (8 * 9 * 9, 0)),
        ("Conv", {"x": [1, 2, 5, 5]}, {"w": zeros(4, 2, 3, 3), "b": zeros(4)}, {}, (36 * 18, 36)),
        (
            "ConvTranspose",
            {"x": [1, 4, 5, 5]},
            {"w": zeros(4, 6, 2, 2)},
            {"strides": [2, 2]},
            (100 * 24, 0),
        ),
        ("MatMul", {"a": [5, 2, 3], "b": [3, 7]}, {}, {}, (5 * 2 * 3 * 7, 0)),
        ("Gemm", {"a": [3, 2]}, {"b": zeros(7, 3)}, {"transA": 1, "transB": 1}, (2 * 3 * 7, 0)),
        ("Einsum", {"a": [5, 2, 3], "b": [5, 3, 7]}, {}, {"equation": "bij,bjk->bik"}, (210, 0)),
        ("Relu", {"x": [4, 6]}, {}, {}, (0, 24)),
        ("Softmax", {"x": [4, 6]}, {}, {}, (0, 4 * 24)),
        ("MaxPool", {"x": [1, 2, 4, 4]}, {}, {"kernel_shape": [2, 2]}, (0, 18 * 4)),
        ("GlobalAveragePool", {"x": [1, 2, 4, 4]}, {}, {}, (0, 32)),
        ("Transpose", {"x": [4, 6]}, {}, {}, (0, 0)),
        ("GRU", {"x": [7, 2, 5]}, {"w": zeros(1, 9, 5), "r": zeros(1, 9, 3)}, {"hidden_size": 3},
         (7 * 2 * 9 * 8, 7 * 2 * 3 * 8)),
    ],
)  # fmt: skip
def test_operations_cost_what_their_definition_says(tmp_path: Path, case: Case) -> None:
    kind, inputs, weights, attributes, cost = case
    node = helper.make_node(kind, [*inputs, *weights], ["y"], **attributes)
    graph = counted(tmp_path, node, inputs, **weights)
    (one,) = graph.operations
    assert (one.macs, one.others) == cost
    assert one.weights == tuple(weights)
    assert graph.uncounted == ()


def test_an_operation_whose_work_nobody_knows_is_named(tmp_path: Path) -> None:
    node = helper.make_node("Det", ["x"], ["y"])
    graph = counted(tmp_path, node, {"x": [4, 3, 3]})
    assert graph.uncounted == ("Det",)
    assert graph.sizes["y"].shape == (4,)  # its traffic counts


def test_an_operation_of_somebody_else_is_named(tmp_path: Path) -> None:
    node = helper.make_node("Mystery", ["x"], ["y"], domain="acme")
    with pytest.raises(UsageError, match=r"the operation acme\.Mystery"):
        counted(tmp_path, node, {"x": [4]})


def test_an_operation_of_somebody_else_with_declared_results_is_counted_for_its_traffic(
    tmp_path: Path,
) -> None:
    mystery = helper.make_node("Mystery", ["x"], ["t"], domain="acme")
    relu = helper.make_node("Relu", ["t"], ["y"])
    ends = {"x": (F, [4])}, {"y": (F, [4])}
    path = save(tmp_path / "net.onnx", [mystery, relu], *ends).path
    model = onnx.load(path)
    model.graph.value_info.append(helper.make_tensor_value_info("t", TensorProto.FLOAT, [4]))
    onnx.save(model, path)
    graph = OnnxInspector().inspect(path, {"x": (4,)})
    assert graph.uncounted == ("acme.Mystery",)
    assert [one.role for one in graph.operations] == ["layer", "follower"]


def test_shapes_that_are_computed_are_followed(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Shape", ["x"], ["s"]),
        helper.make_node("Gather", ["s", "first"], ["n"], axis=0),
        helper.make_node("Mul", ["n", "two"], ["n2"]),
        helper.make_node("Concat", ["n2", "rest"], ["to"], axis=0),
        helper.make_node("Reshape", ["x", "to"], ["y"]),
    ]
    constants = {"first": [0], "two": [2], "rest": [-1]}
    tensors = [numpy_helper.from_array(np.array(v, np.int64), k) for k, v in constants.items()]
    path = save(
        tmp_path / "net.onnx", nodes, {"x": (F, ["n", 6])}, {"y": (F, ["m", "k"])}, tensors
    ).path
    graph = OnnxInspector().inspect(path, {"x": (5, 6)})
    assert [one.kind for one in graph.operations] == ["Reshape"]  # the rest costs nothing
    assert graph.sizes["y"].shape == (10, 3)


def test_shapes_that_do_not_fit_are_told(tmp_path: Path) -> None:
    path = reshaper(tmp_path).path
    with pytest.raises(UsageError, match=r"Reshape .*cannot take such shapes"):
        OnnxInspector().inspect(path, {"x": (4,)})
    with pytest.raises(UsageError, match=r"the input 'x' is \? and cannot be 2x3"):
        OnnxInspector().inspect(path, {"x": (2, 3)})
    with pytest.raises(UsageError, match="no shape is given for the input 'x'"):
        OnnxInspector().inspect(path, {})


@pytest.mark.parametrize("content", [b"", b"not a network", b"\x08\x07"])
def test_a_file_that_is_no_network_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"net\.onnx"):
        OnnxInspector().inspect(path, {"x": (1,)})
    with pytest.raises(InputError, match="cannot be read"):
        OnnxInspector().inputs(tmp_path / "nothing.onnx")


def test_inputs_are_told_without_the_weights(tmp_path: Path) -> None:
    path = crnn(tmp_path).path
    model = onnx.load(path)
    model.graph.input.append(helper.make_tensor_value_info("w1", TensorProto.FLOAT, [8, 1, 3, 3]))
    onnx.save(model, path)
    (found,) = OnnxInspector().inputs(path)
    assert (found.name, found.shape, found.dtype) == ("picture", (None, 1, 32, None), "float32")


def test_a_product_is_one(tmp_path: Path) -> None:
    path = tmp_path / "product.onnx"
    OnnxInspector().product(path, 64)
    graph = OnnxInspector().inspect(path, {"a": (64, 64)})
    assert (graph.macs, graph.uncounted) == (64**3, ())
    (one,) = graph.operations
    assert (one.reads, one.weights) == (("a",), ("b",))
