"""Channels are followed through networks, and removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from ocrx.types import Tensor
from ocrx_torch.importer import import_model
from ocrx_training.compressing.options import PruneOptions
from ocrx_training.pruning.choices import Importance, Scope
from ocrx_training.pruning.products import moments
from ocrx_training.pruning.refitting import refit
from ocrx_training.pruning.removing import Cut, Pruned, prune
from ocrx_training.pruning.tidying import tidy
from ocrx_training.pruning.ties import FROZEN, Ties
from support.prunable import UNITS, WIDTH, network

pytestmark = pytest.mark.slow

RANDOM = np.random.default_rng(1)
PICTURES = RANDOM.normal(0, 1, (2, 3, 32, 48)).astype(np.float32)


def run(model: onnx.ModelProto, given: Tensor) -> Tensor:
    import torch

    (made,) = import_model(model, "x").module(torch.from_numpy(given))
    return np.asarray(made.detach().numpy())


def cut(ratio: float, scope: Scope = "layer", importance: Importance = "l2") -> Cut:
    return Cut(ratio, scope, importance, 1)


def shapes(model: onnx.ModelProto) -> Mapping[str, tuple[int, ...]]:
    return {one.name: tuple(one.dims) for one in model.graph.initializer}


def weights(model: onnx.ModelProto) -> Mapping[str, Any]:
    return {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}


def test_a_network_without_what_does_nothing_computes_the_same() -> None:
    model = tidy(network())
    pruned = prune(model, PICTURES, cut(0.5), "x")
    assert pruned.removed == WIDTH // 2 + 2 + WIDTH // 2 + UNITS // 2
    assert run(pruned.model, PICTURES) == pytest.approx(run(model, PICTURES), abs=1e-6)
    wider = PICTURES.repeat(2, axis=3)
    assert run(pruned.model, wider) == pytest.approx(run(model, wider), abs=1e-6)
    found = shapes(pruned.model)
    assert found["w3"] == (WIDTH // 2, WIDTH // 2, 3, 3)
    assert found["w6"] == (WIDTH // 2, WIDTH, 3, 3)
    assert found["w"] == (2, 4 * UNITS // 2, WIDTH // 2)
    assert found["r"] == (2, 4 * UNITS // 2, UNITS // 2)
    assert found["b"] == (2, 8 * UNITS // 2)
    assert found["head"][0] == 2 * UNITS // 2
    onnx.checker.check_model(pruned.model, full_check=True)


def test_layers_compete_globally_but_none_is_lost() -> None:
    model = tidy(network())
    pruned = prune(model, PICTURES, cut(0.9, "global", "l1"), "x")
    assert pruned.removed < pruned.channels
    assert all(min(shape, default=1) > 0 for shape in shapes(pruned.model).values())
    assert run(pruned.model, PICTURES).shape == run(model, PICTURES).shape


def test_what_is_left_is_a_multiple() -> None:
    pruned = prune(tidy(network()), PICTURES, Cut(0.3, "layer", "l2", 4), "x")
    assert shapes(pruned.model)["w1"][0] == WIDTH  # 5.6 would be left
    assert prune(tidy(network()), PICTURES, Cut(0.5, "layer", "l2", 4), "x").removed == WIDTH + 2


def test_by_the_scales_of_normalisations_other_layers_stay() -> None:
    pruned = prune(tidy(network()), PICTURES, cut(0.5, importance="batchnorm"), "x")
    assert pruned.removed == WIDTH // 2
    assert shapes(pruned.model)["w6"][0] == WIDTH


def small(nodes: list[onnx.NodeProto], constants: Mapping[str, Tensor]) -> Pruned:
    """A convolution to 8 channels, `nodes` from "c" to "d", and a convolution of that."""
    random = np.random.default_rng(0)
    held = {"w": random.normal(0, 1, (8, 3, 1, 1)).astype(np.float32), **constants}
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["c"]), *nodes],
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 32, "W"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in held.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    pruned = prune(tidy(model), PICTURES, cut(0.5), "x")
    run(pruned.model, PICTURES)
    return pruned


HEAD = np.ones((5, 8, 1, 1), np.float32)


@pytest.mark.parametrize(
    ("nodes", "constants"),
    [
        ([helper.make_node("Shrink", ["c"], ["y"])], {}),
        ([helper.make_node("Softmax", ["c"], ["d"], axis=1)], {"v": HEAD}),
        (
            [helper.make_node("Reshape", ["c", "s"], ["d"])],
            {"s": np.array([0, 2, 4, 32 * 48]), "v": np.ones((5, 2, 1, 1), np.float32)},
        ),
        (
            [helper.make_node("Conv", ["c", "g"], ["d"], group=2)],
            {"g": np.ones((8, 4, 1, 1), np.float32), "v": HEAD},
        ),
        (
            [
                helper.make_node("Add", ["a", "a"], ["axes"]),
                helper.make_node("ReduceSum", ["c", "axes"], ["d"]),
            ],
            {"a": np.array([1]), "v": HEAD},
        ),
    ],
)
def test_what_an_operation_without_a_rule_takes_stays_whole(
    nodes: list[onnx.NodeProto], constants: Mapping[str, Tensor]
) -> None:
    if "v" in constants:
        nodes = [*nodes, helper.make_node("Conv", ["d", "v"], ["y"])]
    assert shapes(small(nodes, constants).model)["w"][0] == 8


@pytest.mark.parametrize("bias", [True, False])
def test_what_is_left_makes_up_for_channels_that_were_like_it(bias: bool) -> None:
    """Channels 4 to 7 are half of 0 to 3, so nothing is lost with them."""
    first = RANDOM.normal(0, 1, (4, 3, 3, 3))
    second = RANDOM.normal(0, 1, (5, 8, 3, 3))
    third = RANDOM.normal(0, 1, (5, 6))
    constants = {
        "first": np.concatenate([first, first / 2]).astype(np.float32),
        "second": second.astype(np.float32),
        "bias": RANDOM.normal(0, 1, 5).astype(np.float32),
        "third": third.astype(np.float32),
    }
    nodes = [
        helper.make_node("Conv", ["x", "first"], ["a"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node(
            "Conv",
            ["b", "second", *(["bias"] if bias else [])],
            ["c"],
            kernel_shape=[3, 3],
            pads=[1, 0, 1, 2],
            strides=[2, 1],
        ),
        helper.make_node("Transpose", ["c"], ["d"], perm=[0, 2, 3, 1]),
        helper.make_node("MatMul", ["d", "third"], ["y"]),
    ]
    held = [numpy_helper.from_array(one, name) for name, one in constants.items()]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, "h", "w"])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "g", [x], [y], held if bias else [held[0], held[1], held[3]])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    pruned = prune(model, PICTURES, Cut(0.5, "layer", "l2", 1), "x")
    assert shapes(pruned.model)["first"][0] == 4
    expected = run(model, PICTURES)
    kept = pruned.kept["third", 0]
    assert kept.sum() == 3  # of the outputs of the second, which cannot be made up for
    before = np.abs(run(pruned.model, PICTURES) - expected).mean()
    assert refit(model, pruned, moments(model, [PICTURES], "x")) == 2
    after = run(pruned.model, PICTURES)
    assert np.abs(after - expected).mean() < before
    inner = weights(pruned.model)["second"]
    whole = second[kept][:, :4] + second[kept][:, 4:] / 2
    assert inner == pytest.approx(whole, abs=0.02)


def pair_of_convolutions() -> onnx.ModelProto:
    """Of the channels between two convolutions, 4 and 5 are three times 0 and 1; 6 and 7 are like
    no other, and small. A constant is added after the second."""
    first = RANDOM.normal(0, 1, (8, 3, 3, 3))
    first[4:6], first[6:] = 3 * first[:2], first[6:] / 2
    constants = {"first": first, "second": RANDOM.normal(0, 1, (5, 8, 1, 1))}
    constants["added"] = RANDOM.normal(0, 1, (1, 5, 1, 1))
    nodes = [
        helper.make_node("Conv", ["x", "first"], ["a"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Conv", ["b", "second"], ["c"], kernel_shape=[1, 1]),
        helper.make_node("Add", ["c", "added"], ["y"]),
    ]
    held = [numpy_helper.from_array(one.astype(np.float32), n) for n, one in constants.items()]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, "h", "w"])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "g", [x], [y], held)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])


@pytest.mark.parametrize(("importance", "same"), [("obs", True), ("l2", False)])
def test_channels_go_for_which_others_can_make_up(importance: Importance, same: bool) -> None:
    model = pair_of_convolutions()
    known = moments(model, [PICTURES], "x")
    given = known if importance == "obs" else None
    pruned = prune(model, PICTURES, Cut(0.25, "layer", importance, 1, None, given), "x")
    assert pruned.removed == 2
    refit(model, pruned, moments(model, [PICTURES], "x"))
    expected = run(model, PICTURES)
    error = np.abs(run(pruned.model, PICTURES) - expected).mean() / expected.std()
    assert (error < 0.01) == same


def test_a_constant_that_is_added_later_makes_up_for_a_mean() -> None:
    """Channels 4 to 7 always are 2, which the constant can say as well."""
    model = pair_of_convolutions()
    held = {one.name: one for one in model.graph.initializer}
    first = numpy_helper.to_array(held["first"]).copy()
    first[4:] = 0
    held["first"].CopyFrom(numpy_helper.from_array(first, "first"))
    even = numpy_helper.from_array(np.array([0, 0, 0, 0, 2, 2, 2, 2], np.float32), "even")
    model.graph.initializer.append(even)
    model.graph.node[0].input.append("even")
    pruned = prune(model, PICTURES, cut(0.5), "x")
    assert refit(model, pruned, moments(model, [PICTURES], "x")) == 1
    expected = run(model, PICTURES)
    assert run(pruned.model, PICTURES) == pytest.approx(expected, abs=0.02 * float(expected.std()))


def test_sizes_that_are_written_out_follow() -> None:
    flat = helper.make_node("Reshape", ["c", "s"], ["d"])
    back = helper.make_node("Reshape", ["d", "t"], ["e"])
    last = helper.make_node("Conv", ["e", "v"], ["y"])
    constants = {"s": np.array([-1, 8, 32 * 48]), "t": np.array([-1, 8, 32, 48]), "v": HEAD}
    model = small([flat, back, last], constants).model
    held = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    assert (held["s"][1], held["t"][1]) == (4, 4)
    assert held["v"].shape == (5, 4, 1, 1)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20))
def test_ties_are_an_equivalence(pairs: list[tuple[int, int]]) -> None:
    ties = Ties()
    ties.fresh(9)
    same = {one: {one} for one in range(10)}
    for a, b in pairs:
        ties.tie(np.array([a]), np.array([b]))
        joined = same[a] | same[b]
        for one in joined:
            same[one] = joined
    roots = ties.roots(np.arange(10))
    assert roots.tolist() == [min(same[one]) for one in range(10)]
    assert roots[FROZEN] == FROZEN


@pytest.mark.parametrize(
    "values",
    [{"ratio": 0}, {"ratio": 1.0}, {"multiple": 0}, {"steps": -1}, {"learning_rate": 0.0}],
)
def test_options_out_of_range(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        PruneOptions(**values)
