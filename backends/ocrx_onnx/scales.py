"""Finds the quantisation scale of each activation from its values on calibration batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ocrx.interfaces.feeds import Feeds
from ocrx_onnx.calibrators import Calibrator, least_error
from ocrx_onnx.graph import run

if TYPE_CHECKING:
    import onnx
    from numpy.typing import NDArray

SAMPLES = 4096
"""The number of values of a tensor that are sampled in each call."""

Scales: TypeAlias = Mapping[str, float]
"""The step between two neighbouring int8 values, by the tensor's name."""


def find_scales(
    model: onnx.ModelProto,
    tensors: Sequence[str],
    batches: Iterable[Feeds],
    calibrate: Calibrator = least_error,
) -> dict[str, float]:
    """For each tensor, the scale that suits its values in all calls."""
    random = np.random.default_rng(0)
    largest = dict.fromkeys(tensors, 0.0)
    seen: dict[str, list[NDArray[np.float32]]] = {name: [] for name in tensors}
    for results in run(model, batches, tensors):
        for name in tensors:
            values = np.abs(results[name].reshape(-1))
            largest[name] = max(largest[name], float(values.max(initial=0)))
            count = min(SAMPLES, values.size)
            seen[name].append(random.choice(values, count, replace=False, shuffle=False))
    return {name: calibrate(np.concatenate(seen[name]), largest[name]) for name in tensors}
