from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from onnx import helper

from ocrx_onnx.calibrators import LEAST, LEVELS
from ocrx_onnx.scales import find_scales
from support.onnx_files import save


def scale_of(values: np.ndarray[tuple[int, ...], np.dtype[np.float32]], folder: Path) -> float:
    ends = ("float32", ["n"])
    artifact = save(
        folder / "neg.onnx", [helper.make_node("Neg", ["x"], ["y"])], {"x": ends}, {"y": ends}
    )
    return find_scales(onnx.load(artifact.path), ["x"], [{"x": values}])["x"]


def loss(values: np.ndarray[tuple[int, ...], np.dtype[np.float32]], scale: float) -> float:
    kept = np.clip(np.rint(values / scale), -LEVELS, LEVELS) * scale
    return float(np.square(kept - values).mean())


def test_one_value_far_off_does_not_set_the_step(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(0, 1, 50_000).astype(np.float32)
    values[7] = 14
    assert scale_of(values, tmp_path) < 0.6 * 14 / LEVELS


def test_even_values_keep_their_largest(tmp_path: Path) -> None:
    values = np.linspace(-2, 1, 4000, dtype=np.float32)
    assert scale_of(values, tmp_path) == pytest.approx(2 / LEVELS, rel=0.03)


def test_nothing_but_zeros_has_a_step_all_the_same(tmp_path: Path) -> None:
    assert scale_of(np.zeros(9, np.float32), tmp_path) == LEAST


def test_it_is_the_same_every_time(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(0, 1, 50_000).astype(np.float32)
    assert scale_of(values, tmp_path) == scale_of(values, tmp_path)


@settings(max_examples=25)
@given(values=arrays(np.float32, st.integers(1, 60), elements=st.floats(-50, 50, width=32)))
def test_it_loses_no_more_than_the_largest_value_would(
    values: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    scale = scale_of(values, tmp_path_factory.getbasetemp())
    largest = max(float(np.abs(values).max()) / LEVELS, LEAST)
    assert loss(values, scale) <= loss(values, largest) * (1 + 1e-4) + 1e-12
