from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import openvino
import pytest
from onnx import helper, numpy_helper

from ocrx.types import Tensor
from ocrx_onnx.calibrators import LEVELS
from ocrx_onnx.graph import constants, prepared, run, save
from ocrx_onnx.qdq import candidates, rounded, tensors
from ocrx_onnx.scales import find_scales
from ocrx_onnx.schemes import INTEGER, SYMMETRIC, Scheme
from support.deepnetwork import LAYERS, batches, deep, pictures
from support.onnx_files import Shape
from support.onnx_files import save as saved


def network(folder: Path) -> onnx.ModelProto:
    return prepared(deep(folder).path, "deep")


def in_int8(model: onnx.ModelProto, scheme: Scheme) -> onnx.ModelProto:
    nodes = candidates(model)
    scales = find_scales(model, sorted(tensors(model, nodes, scheme)), batches())
    return rounded(model, scales, nodes, scheme)


def runtime_nodes(model: onnx.ModelProto, folder: Path) -> Counter[str]:
    """What ONNX Runtime makes of it before it runs."""
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = 4
    settings.optimized_model_filepath = str(folder / "optimised.onnx")
    onnxruntime.InferenceSession(
        model.SerializeToString(), settings, providers=["CPUExecutionProvider"]
    )
    return Counter(node.op_type for node in onnx.load(folder / "optimised.onnx").graph.node)


def test_onnx_runtime_computes_what_is_for_processors_in_integers(tmp_path: Path) -> None:
    found = runtime_nodes(in_int8(network(tmp_path), INTEGER), tmp_path)
    assert found["QLinearConv"] == LAYERS
    assert not {"Conv", "FusedConv", "MatMul"} & set(found)
    assert found["MatMulIntegerToFloat"] == 1


@pytest.mark.parametrize("scheme", [SYMMETRIC, INTEGER])
def test_openvino_computes_both_in_integers(tmp_path: Path, scheme: Scheme) -> None:
    save(in_int8(network(tmp_path), scheme), tmp_path / "int8.onnx", "deep")
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(tmp_path / "int8.onnx"), "CPU")
    kinds = Counter(
        str(told["runtimePrecision"].value)
        for told in (op.get_rt_info() for op in compiled.get_runtime_model().get_ops())
        if str(told["layerType"].value) in ("Convolution", "FullyConnected", "MatMul")
    )
    assert sum(kinds.values()) == LAYERS + 1
    assert set(kinds) <= {"u8", "i8"}


@pytest.mark.parametrize("scheme", [SYMMETRIC, INTEGER])
def test_the_network_still_computes_the_same(tmp_path: Path, scheme: Scheme) -> None:
    model = network(tmp_path)
    feeds = [{"x": pictures(seed=9)}]  # not among those it was calibrated on
    (right,) = run(model, feeds)
    (found,) = run(in_int8(model, scheme), feeds)
    moved = np.abs(found["y"] - right["y"]).sum() / np.abs(right["y"]).sum()
    assert 0 < moved < 0.12


def test_weights_are_within_half_a_step_for_each_channel(tmp_path: Path) -> None:
    model = network(tmp_path)
    held, made = constants(model), constants(in_int8(model, SYMMETRIC))
    for name, axis in (("w3", 0), ("p", 1)):
        values, scales = made[f"{name}.{axis}.int8"], made[f"{name}.{axis}.scale"]
        assert values.dtype == np.int8
        assert np.abs(values).max() == LEVELS  # -128 would not be symmetric
        assert scales.shape == (held[name].shape[axis],)
        steps = np.expand_dims(scales, [one for one in range(held[name].ndim) if one != axis])
        assert (np.abs(values * steps - held[name]) <= steps * 0.5001).all()
        assert name not in made


def test_activations_are_rounded_about_zero_and_relu_has_all_steps(tmp_path: Path) -> None:
    model = network(tmp_path)
    signed, unsigned = (constants(in_int8(model, scheme)) for scheme in (SYMMETRIC, INTEGER))
    assert {str(v.dtype) for name, v in signed.items() if name.endswith(".zero")} == {"int8"}
    assert not any(value.any() for name, value in signed.items() if name.endswith(".zero"))
    relu = next(node.output[0] for node in model.graph.node if node.op_type == "Relu")
    assert [int(unsigned[f"{name}.zero"]) for name in (relu, "x")] == [0, 128]
    assert (
        unsigned[f"{relu}.scale"]
        < signed[f"{relu}.scale"]
        == pytest.approx(unsigned[f"{relu}.scale"] * 255 / 127)
    )


def test_one_rounding_serves_all_who_take_a_tensor(tmp_path: Path) -> None:
    made = in_int8(network(tmp_path), INTEGER)
    roundings = [node.input[0] for node in made.graph.node if node.op_type == "QuantizeLinear"]
    assert len(roundings) == len(set(roundings))


def gemm(folder: Path, weights: Tensor, turned: int) -> onnx.ModelProto:
    node = helper.make_node("Gemm", ["x", "w"], ["y"], None, None, None, None, transB=turned)
    given: Shape = ["n", 3]
    wanted: Shape = ["n", 2]
    artifact = saved(
        folder / "p.onnx",
        [node],
        {"x": ("float32", given)},
        {"y": ("float32", wanted)},
        [numpy_helper.from_array(weights, "w")],
    )
    return prepared(artifact.path, "p")


@pytest.mark.parametrize("turned", [0, 1])
def test_a_gemm_has_a_scale_for_each_column(tmp_path: Path, turned: int) -> None:
    weights = np.array([[1, 100], [2, 200], [3, 300]], np.float32)
    model = gemm(tmp_path, weights.T.copy() if turned else weights, turned)
    made = rounded(model, {"x": 1 / LEVELS}, candidates(model))
    (scale,) = (
        value
        for name, value in constants(made).items()
        if name.startswith("w.") and name.endswith(".scale")
    )
    np.testing.assert_allclose(scale, [3 / LEVELS, 300 / LEVELS], rtol=1e-6)
    feeds = [{"x": np.array([[1, -0.5, 0.25]], np.float32)}]
    (found,) = run(made, feeds)
    np.testing.assert_allclose(found["y"], feeds[0]["x"] @ weights, rtol=0.02, atol=0.02)


def test_what_is_joined_is_left_alone(tmp_path: Path) -> None:
    """OpenVINO rounds it wrongly."""
    weights = np.ones((2, 2, 1, 1), np.float32)
    nodes = [
        helper.make_node("Concat", ["x", "x"], ["j"], axis=1),
        helper.make_node("Relu", ["j"], ["r"]),
        helper.make_node("Conv", ["r", "w"], ["c"]),
        helper.make_node("Conv", ["c", "w"], ["y"]),
    ]
    given: Shape = ["n", 1, 4, 4]
    wanted: Shape = ["n", 2, 4, 4]
    artifact = saved(
        tmp_path / "join.onnx",
        nodes,
        {"x": ("float32", given)},
        {"y": ("float32", wanted)},
        [numpy_helper.from_array(weights, "w")],
    )
    found = candidates(prepared(artifact.path, "join"))
    assert [node.output[0] for node in found] == ["y"]


def test_products_of_two_activations_are_no_candidates(tmp_path: Path) -> None:
    node = helper.make_node("MatMul", ["x", "x"], ["y"])
    ends = ("float32", [3, 3])
    artifact = saved(tmp_path / "square.onnx", [node], {"x": ends}, {"y": ends})
    assert candidates(prepared(artifact.path, "square")) == []
