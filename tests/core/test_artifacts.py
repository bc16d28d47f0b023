"""Axes, their buckets, and sources."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx.artifacts import Axis, ModelSpec, PackageFile, Source
from ocrx.names import PRECISIONS

axes = st.builds(
    lambda step, least, usual, most: Axis(least * step, usual * step, most * step, step),
    st.integers(1, 64),
    st.integers(1, 5),
    st.integers(5, 50),
    st.integers(50, 500),
)
lengths = st.floats(0, 40_000)


@given(axes, lengths)
def test_a_bucket_holds_its_length_within_the_axis(axis: Axis, length: float) -> None:
    bucket = axis.bucket(length)
    assert axis.minimum <= bucket <= axis.maximum
    assert bucket >= min(length, axis.maximum)
    assert bucket % axis.step == 0


@given(axes, lengths, lengths)
def test_a_longer_length_never_gets_a_shorter_bucket(axis: Axis, one: float, two: float) -> None:
    assert axis.bucket(min(one, two)) <= axis.bucket(max(one, two))


@given(axes, lengths)
def test_a_bucket_is_its_own_bucket(axis: Axis, length: float) -> None:
    bucket = axis.bucket(length)
    assert axis.bucket(bucket) == bucket


@given(axes, st.floats(0, 1))
def test_padding_stays_below_a_step_that_grows_with_the_length(axis: Axis, place: float) -> None:
    length = axis.minimum + place * (axis.maximum - axis.minimum)
    widest = axis.step * max(1.0, 2 * length / axis.typical)
    assert axis.bucket(length) - length < widest


@given(axes)
def test_there_are_few_buckets(axis: Axis) -> None:
    buckets = {axis.bucket(length) for length in range(0, axis.maximum + 1, axis.step)}
    doublings = math.ceil(math.log2(axis.maximum / axis.typical))
    assert len(buckets) <= axis.typical / axis.step * (1 + doublings / 2) + 1 + doublings


def test_the_buckets_of_an_axis_by_example() -> None:
    axis = Axis(minimum=32, typical=128, maximum=1000, step=32)
    given_lengths = [0, 1, 32, 33, 127.5, 128, 129, 200, 257, 513, 900, 1000, 5000, math.inf]
    expected = [32, 32, 32, 64, 128, 128, 192, 256, 384, 768, 1000, 1000, 1000, 1000]
    assert [axis.bucket(length) for length in given_lengths] == expected


@pytest.mark.parametrize("values", [(0, 1, 2), (2, 1, 3), (1, 3, 2), (1, 2, 3, 0), (-1, 1, 2)])
def test_an_axis_out_of_order_is_refused(values: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="0 < minimum <= typical <= maximum"):
        Axis(*values)


def test_a_url_needs_a_checksum() -> None:
    with pytest.raises(ValueError, match="a source with a URL needs a sha256"):
        Source("net.onnx", url="https://example.org/net.onnx")
    Source("net.onnx", url="https://example.org/net.onnx", sha256="0" * 64)
    Source("net.onnx", package=PackageFile("rapidocr", "models/net.onnx"))


def test_a_model_is_fp32_unless_it_says_otherwise() -> None:
    assert ModelSpec("net", "recognition", {}).precision == "fp32"
    assert PRECISIONS[0] == "auto"
