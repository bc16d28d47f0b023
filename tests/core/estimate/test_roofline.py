from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx.errors import PrecisionUnavailable
from ocrx.estimate.devices import Device, devices
from ocrx.estimate.roofline import estimate
from ocrx.interfaces.inspection import Graph, Operation, Role, Size

# A million operations a millisecond, a million bytes a millisecond, nothing cached.
PLAIN = Device("plain", "Plain", {"fp32": 0.001, "int8": 0.004}, 1.0, 0, "")


def node(
    name: str, role: Role, reads: str, writes: str, *, macs: int = 0, weights: str = ""
) -> Operation:
    return Operation(
        name, name.title(), role, macs, 0, tuple(reads.split()), tuple(weights.split()), (writes,)
    )


def graph(*operations: Operation, outputs: Iterable[str], **elements: int) -> Graph:
    sizes = {name: Size((count,)) for name, count in elements.items()}
    return Graph(operations, sizes, ("x",), tuple(outputs))


def test_a_layer_takes_as_long_as_the_slower_side() -> None:
    conv = node("conv", "layer", "x", "y", macs=1_000_000, weights="w")
    found = estimate(graph(conv, outputs="y", x=50_000, y=25_000, w=25_000), PLAIN, "fp32")
    (layer,) = found.layers
    assert (layer.compute_ms, layer.memory_ms, layer.binds) == (2.0, 0.4, "compute")
    assert (layer.reads, layer.weights, layer.writes) == (200_000, 100_000, 100_000)
    assert (found.ms, found.macs, found.weights, found.moved) == (2.0, 1_000_000, 100_000, 400_000)
    in_int8 = estimate(graph(conv, outputs="y", x=50_000, y=25_000, w=25_000), PLAIN, "int8")
    assert (in_int8.ms, in_int8.weights, in_int8.moved) == (0.5, 25_000, 100_000)


def test_memory_binds_where_there_is_little_to_compute() -> None:
    conv = node("conv", "layer", "x", "y", macs=1000)
    found = estimate(graph(conv, outputs="y", x=500_000, y=500_000), PLAIN, "fp32")
    assert (found.binds, found.ms) == ("memory", 4.0)


def test_followers_share_the_pass_of_what_they_follow() -> None:
    steps = (
        node("conv", "layer", "x", "a"),
        node("other", "layer", "x", "b"),
        node("add", "follower", "a b", "c"),  # a is read again; b is at hand
        node("relu", "follower", "c", "y"),
    )
    found = estimate(graph(*steps, outputs="y", x=10, a=20, b=30, c=30, y=40), PLAIN, "fp32")
    first, second = found.layers
    assert (first.kinds, second.kinds) == (("Conv",), ("Other", "Add", "Relu"))
    assert (first.reads, first.writes) == (40, 80)
    assert (second.reads, second.writes) == (40 + 80, 160)


def test_what_is_wanted_later_is_written_too() -> None:
    steps = (
        node("conv", "layer", "x", "a"),
        node("relu", "follower", "a", "b"),
        node("next", "layer", "b", "c"),
        node("skip", "follower", "c a", "y"),
    )
    found = estimate(graph(*steps, outputs="y", x=1, a=10, b=100, c=1000, y=1000), PLAIN, "fp32")
    assert found.layers[0].writes == 4 * 110
    assert found.layers[1].reads == 4 * 110


def test_views_and_joins_cost_nothing_themselves() -> None:
    steps = (
        node("conv", "layer", "x", "a"),
        node("other", "layer", "x", "b"),
        node("concat", "join", "a b", "c"),
        node("reshape", "view", "c", "d"),
        node("last", "layer", "d", "y"),
    )
    found = estimate(graph(*steps, outputs="y", x=1, a=10, b=20, c=30, d=30, y=1), PLAIN, "fp32")
    assert [layer.kinds for layer in found.layers] == [("Conv",), ("Other",), ("Last",)]
    assert found.layers[2].reads == 4 * 30


def test_of_a_slice_only_the_slice_is_read() -> None:
    steps = (
        node("conv", "layer", "x", "a"),
        node("slice", "view", "a", "b"),
        node("last", "layer", "b", "y"),
    )
    found = estimate(graph(*steps, outputs="y", x=1, a=100, b=5, y=1), PLAIN, "fp32")
    assert found.layers[1].reads == 4 * 5


def test_the_peak_counts_what_waits_for_a_later_layer() -> None:
    steps = (
        node("one", "layer", "x", "a"),
        node("two", "layer", "a", "b"),
        node("three", "layer", "b", "c"),
        node("four", "layer", "c a", "y"),
    )
    found = estimate(graph(*steps, outputs="y", x=1, a=100, b=10, c=20, y=1), PLAIN, "fp32")
    assert [layer.live // 4 for layer in found.layers] == [101, 110, 130, 121]
    assert found.peak == 4 * 130


def test_a_cacheful_of_what_is_read_and_of_what_is_written_moves_for_nothing() -> None:
    conv = node("conv", "layer", "x", "y")
    plan = graph(conv, outputs="y", x=1000, y=300)
    assert estimate(plan, replace(PLAIN, cache=1000), "fp32").moved == 3000 + 200
    assert estimate(plan, replace(PLAIN, cache=4000), "fp32").moved == 0


def test_the_cache_itself_has_a_speed_where_it_is_known() -> None:
    plan = graph(node("conv", "layer", "x", "y"), outputs="y", x=1_000_000, y=1_000_000)
    cached = replace(PLAIN, cache=10**9, cache_bandwidth=4.0)
    assert estimate(plan, cached, "fp32").ms == 2.0


def test_a_precision_nobody_has_a_figure_for_is_an_error() -> None:
    plan = graph(node("conv", "layer", "x", "y"), outputs="y", x=1, y=1)
    with pytest.raises(PrecisionUnavailable, match=r"Plain has no figure for bf16.*fp32, int8"):
        estimate(plan, PLAIN, "bf16")


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=6), st.integers(0, 10**6))
def test_a_faster_device_never_takes_longer(macs: list[int], cache: int) -> None:
    steps = [
        node(f"n{i}", "layer", f"t{i}" if i else "x", f"t{i + 1}", macs=m)
        for i, m in enumerate(macs)
    ]
    sizes = {f"t{i + 1}": 10**5 for i in range(len(macs))}
    plan = graph(*steps, outputs=[f"t{len(macs)}"], x=10**5, **sizes)
    slow = estimate(plan, PLAIN, "fp32").ms
    for better in (
        replace(PLAIN, cache=cache),
        replace(PLAIN, bandwidth=2.0),
        replace(PLAIN, tflops={"fp32": 0.002}),
    ):
        assert estimate(plan, better, "fp32").ms <= slow


def test_every_device_of_the_table_says_where_its_figures_are_from() -> None:
    table = devices()
    assert {"jetson-nano", "raspberry-pi-5", "rtx-2080-ti", "rtx-3090", "h200"} <= set(table)
    for name, one in table.items():
        assert one.name == name
        assert len(one.source) > 20, name
        assert one.tflops["fp32"] > 0, name
        assert one.tflops.get("fp16", 0) <= one.tflops.get("int8", 1e9), name
        assert one.bandwidth > 0, name
    nano = table["jetson-nano"]
    assert (nano.tflops["fp16"], nano.bandwidth) == (0.472, 25.6)
