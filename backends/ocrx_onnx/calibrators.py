"""Calibrators: from the sizes of a tensor's values to the scale with which it is quantised."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ocrx_onnx.options import Calibrators
from ocrx_onnx.ortools import tool

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVELS = 127
"""The steps of int8 on one side of 0."""

LEAST = 1e-9
SHARES = np.linspace(0.3, 1, 36)
BINS = 128
"""As ONNX Runtime's entropy calibrator takes them."""

Calibrator: TypeAlias = Callable[["NDArray[np.float32]", float], float]
"""From a sample of absolute values and the largest of all to the step between two int8 values."""


def least_error(values: NDArray[np.float32], largest: float) -> float:
    """The step with the least mean squared error.

    The largest value alone would be a poor guide. In these networks one value in many thousands is
    several times as large as all others, and clipping it costs less than a coarser scale.
    """
    candidates = np.maximum(largest * SHARES / LEVELS, LEAST)
    errors = [
        float(np.square(np.minimum(np.rint(values / step), LEVELS) * step - values).mean())
        for step in candidates
    ]
    return float(candidates[int(np.argmin(errors))])


def calibrator(name: Calibrators, percentile: float) -> Calibrator:
    """The calibrator of that name. `percentile` is for the one that clips all above it."""
    named: Mapping[Calibrators, Calibrator] = {
        "mse": least_error,
        "minmax": lambda values, largest: max(largest / LEVELS, LEAST),
        "percentile": partial(_percentile, percentile),
        "entropy": _entropy,
    }
    return named[name]


def _percentile(percentile: float, values: NDArray[np.float32], largest: float) -> float:
    return max(float(np.percentile(values, percentile)) / LEVELS, LEAST)


def _entropy(values: NDArray[np.float32], largest: float) -> float:
    """The threshold whose clipped distribution diverges least from that of the values, as ONNX
    Runtime finds it (Migacz, "8-bit Inference with TensorRT", 2017)."""
    if not largest > 0:
        return LEAST
    collector = tool("quantization.calibrate").HistogramCollector(
        "entropy", True, BINS, BINS, 0.0, "same"
    )
    with redirect_stdout(io.StringIO()):  # it prints
        collector.collect({"": np.concatenate([values, -values]).astype(np.float32)})
        low, high, *_ = collector.compute_collection_result()[""]
    return max(float(max(-low, high)) / LEVELS, LEAST)
