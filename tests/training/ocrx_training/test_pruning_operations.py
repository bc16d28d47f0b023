"""Channels go so that a share of the operations goes with them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from ocrx_training.pruning.channels import Channels, shapes_of
from ocrx_training.pruning.operations import Operations, by_operations
from ocrx_training.pruning.removing import Cut, prune
from ocrx_training.pruning.rules import follow
from ocrx_training.pruning.tidying import tidy
from support.prunable import CLASSES, UNITS, WIDTH, network

pytestmark = pytest.mark.slow

PICTURES = np.random.default_rng(1).normal(0, 1, (2, 3, 32, 48)).astype(np.float32)


def followed(*sizes: int) -> Channels:
    """1x1 convolutions with so many channels, the last of which are those of the output."""
    pairs = list(zip((3, *sizes), sizes, strict=False))
    held = [
        numpy_helper.from_array(np.ones((after, before, 1, 1), np.float32), f"w{place}")
        for place, (before, after) in enumerate(pairs)
    ]
    nodes = [
        helper.make_node("Conv", [f"t{place}" if place else "x", f"w{place}"], [f"t{place + 1}"])
        for place in range(len(pairs))
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3, 32, 48])
    y = helper.make_tensor_value_info(f"t{len(pairs)}", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "g", [x], [y], held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    channels = Channels(model, shapes_of(model, PICTURES, "x"))
    follow(channels)
    return channels


def test_operations_are_those_of_both_layers_that_a_channel_lies_in() -> None:
    channels = followed(8, 4)
    roots = channels.ties.roots(channels.held["w0", 0]).tolist()
    whole = Operations(channels)
    assert whole.left([]) == pytest.approx(1)
    assert whole.left(roots[:2]) == pytest.approx((3 * 6 + 6 * 4) / (3 * 8 + 8 * 4))
    both = Operations(followed(8, 16, 4))
    assert both.left(roots[:4]) == pytest.approx((3 * 4 + 4 * 16 + 16 * 4) / (24 + 128 + 64))


def test_an_lstm_multiplies_what_it_is_given_and_its_state_at_each_step() -> None:
    model = tidy(network())
    channels = Channels(model, shapes_of(model, PICTURES, "x"))
    follow(channels)
    units = np.unique(channels.ties.roots(channels.held["r", 2]))
    whole = Operations(channels)
    steps, head = 12 * 2, 12 * 2 * 2 * UNITS * CLASSES  # 48 columns by 4, of two pictures
    gates = 2 * 4 * UNITS * (WIDTH + UNITS)
    half = 2 * 4 * UNITS // 2 * (WIDTH + UNITS // 2)
    saved = steps * (gates - half) + head / 2
    part = 1 - whole.left(units.tolist()[: UNITS // 2])
    every = 1 - whole.left(units.tolist())
    assert part / every == pytest.approx(saved / (steps * gates + head))


@pytest.mark.parametrize("ratio", [0.1, 0.4, 0.7])
def test_as_many_operations_go_as_asked_and_hardly_more(ratio: float) -> None:
    channels = followed(64, 64, 64, 8)
    layers = [channels.ties.roots(channels.held[f"w{place}", 0]).tolist() for place in range(3)]
    worth = {root: 1.0 + place for layer in layers for place, root in enumerate(layer)}
    left = Operations(channels).left(gone(channels, layers, worth, ratio))
    assert 1 - ratio - 0.03 < left <= 1 - ratio


def gone(
    channels: Channels, layers: Sequence[Sequence[int]], worth: dict[int, float], ratio: float
) -> list[int]:
    counts = by_operations(layers, worth, Operations(channels), ratio, 1)
    return [root for layer, n in zip(layers, counts, strict=True) for root in layer[:n]]


def test_channels_go_where_an_operation_costs_least() -> None:
    """The second layer takes and gives more, so each of its channels saves more."""
    channels = followed(32, 32, 128)
    layers = [channels.ties.roots(channels.held[f"w{place}", 0]).tolist() for place in range(2)]
    alike = {root: 1.0 for layer in layers for root in layer}
    first, second = by_operations(layers, alike, Operations(channels), 0.2, 1)
    assert first == 0
    assert second > 0
    dear = {root: 100.0 if root in layers[1] else 1.0 for root in alike}
    assert by_operations(layers, dear, Operations(channels), 0.1, 1)[0] > 0


@given(ratio=st.floats(0.05, 0.95), multiple=st.sampled_from([1, 4, 8]))
@settings(deadline=None, max_examples=20)
def test_of_each_layer_a_multiple_stays_and_never_none(ratio: float, multiple: int) -> None:
    channels = followed(32, 48, 8)
    layers = [channels.ties.roots(channels.held[f"w{place}", 0]).tolist() for place in range(2)]
    worth = {root: float(place) for layer in layers for place, root in enumerate(layer)}
    counts = by_operations(layers, worth, Operations(channels), ratio, multiple)
    for layer, count in zip(layers, counts, strict=True):
        left = len(layer) - count
        assert left % multiple == 0
        assert left >= 0.85 * (1 - ratio) * len(layer) > 0


def test_a_whole_network_loses_what_is_asked_and_still_computes() -> None:
    pruned = prune(tidy(network()), PICTURES, Cut(0.3, "operations", "l2", 1), "x")
    assert 0 < pruned.removed < pruned.channels
    shapes_of(pruned.model, PICTURES, "x")
