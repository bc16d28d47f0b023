"""Samples of what a network will be fed, for converters that round its numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL

from ocrx.images import drawing
from ocrx.images.drawing import LINE_SIZES, PAGE_SIZES, REPEATS, Size, pictures
from ocrx.interfaces.conversion import Calibration
from ocrx.interfaces.feeds import Feeds
from ocrx.interfaces.networks import NetworkModel
from ocrx.system.checksum import sha256_of

BATCH = 4
"""So many pictures share a call, or fewer, if the model takes no more."""


def calibration(model: NetworkModel[Any]) -> Calibration:
    """Pictures for `model`'s task as it encodes them."""
    sizes = PAGE_SIZES if model.spec.task == "detection" else LINE_SIZES * REPEATS
    groups: dict[Size, list[int]] = {}
    for index, size in enumerate(sizes):
        groups.setdefault(model.shape(*size), []).append(index)

    def batches() -> Iterator[Feeds]:
        drawn = pictures(model.spec.task)
        step = min(BATCH, model.max_batch)
        for shape, indices in groups.items():
            for start in range(0, len(indices), step):
                some = [drawn[index] for index in indices[start : start + step]]
                yield model.encode(some, shape).feeds

    parts = (
        sha256_of(Path(__file__)),
        sha256_of(Path(drawing.__file__)),
        f"{cv2.__version__} {PIL.__version__} {np.__version__}",
        f"{type(model).__module__}.{type(model).__qualname__}",
        repr([(shape, len(indices)) for shape, indices in groups.items()]),
    )
    return Calibration(hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16], batches)
