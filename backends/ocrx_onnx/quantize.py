"""Quantises a network to int8 and checks that its results survive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ocrx.errors import ConversionFailed
from ocrx.interfaces.conversion import Calibration, Progress
from ocrx.types import Tensor
from ocrx_onnx.graph import REMEDY, run, stem
from ocrx_onnx.qdq import candidates, rounded, tensors
from ocrx_onnx.scales import find_scales
from ocrx_onnx.schemes import SYMMETRIC, Scheme

if TYPE_CHECKING:
    import onnx

MOST_MOVED = 0.3
"""The change of the outputs that is accepted: the sum of absolute differences over the sum of
absolute values. Measured on pictures that are partly hard to read, networks that suit int8 change
by 0.02 to 0.1, and one that int8 ruins by about 1."""

TRIALS = 3


def quantized(
    model: onnx.ModelProto,
    name: str,
    calibration: Calibration,
    progress: Progress,
    scheme: Scheme = SYMMETRIC,
) -> onnx.ModelProto:
    """The model with convolutions and matrix products in int8, except those of its stem.

    `name` is for messages. Raises ConversionFailed.
    """
    nodes = behind_stem(model, name)
    progress(0.1, "drawing pictures")
    batches = list(calibration.batches())
    progress(0.2, "finding scales")
    try:
        scales = find_scales(model, sorted(tensors(model, nodes, scheme)), batches)
        result = rounded(model, scales, nodes, scheme)
        progress(0.9, "comparing")
        trials = batches[:: max(1, len(batches) // TRIALS)]
        moved = _moved(list(run(model, trials)), list(run(result, trials)))
    # ONNX Runtime's exceptions share no base but Exception.
    except Exception as error:
        raise ConversionFailed(f"{name} cannot be run to find scales: {error}", REMEDY) from error
    if not moved <= MOST_MOVED:
        raise ConversionFailed(
            f"{name} does not survive int8: its outputs change by {moved:.0%}", REMEDY
        )
    return result


def behind_stem(model: onnx.ModelProto, name: str) -> list[onnx.NodeProto]:
    """The candidates behind the stem. Raises ConversionFailed if there are none."""
    first = stem(model)
    nodes = [node for node in candidates(model) if node.name not in first]
    if not nodes:
        raise ConversionFailed(f"{name} has nothing that int8 would speed up", REMEDY)
    return nodes


def _moved(
    reference: Sequence[Mapping[str, Tensor]], other: Sequence[Mapping[str, Tensor]]
) -> float:
    """The sum of absolute differences between outputs, over the sum of their absolute values."""
    difference = size = 0.0
    for expected, found in zip(reference, other, strict=True):
        for name, values in expected.items():
            difference += float(np.abs(found[name] - values).sum())
            size += float(np.abs(values).sum())
    return difference / size if size else difference
