"""Sample inputs of a network, on which converters that quantise it calibrate."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL

from ocrx.images import drawing
from ocrx.images.drawing import LINE_SIZES, PAGE_SIZES, REPEATS, Size, pictures
from ocrx.interfaces.conversion import Calibration
from ocrx.interfaces.feeds import Feeds
from ocrx.interfaces.networks import NetworkModel, Run
from ocrx.interfaces.tensors import AnyTensor, DeviceTensor, on_host
from ocrx.system.checksum import sha256_of
from ocrx.types import Batch, Image, Tensor

BATCH = 4
"""Pictures per call, or fewer if the model takes no more."""


def calibration(model: NetworkModel[Any]) -> Calibration:
    """Drawn pictures for the model's task, as the model encodes them."""
    return Calibration(_identity(model), lambda: (batch.feeds for batch in _batches(model)))


def calibration_on(model: NetworkModel[Any], images: Sequence[Image], identity: str) -> Calibration:
    """A user's pictures, as the model encodes them. `identity` is a hash of them."""
    return Calibration(identity, lambda: (batch.feeds for batch in batches_of(model, images)))


def part_calibration(
    model: NetworkModel[Any],
    part: str,
    opened: Callable[[], AbstractContextManager[Run]],
    files: Sequence[str],
) -> Calibration:
    """What one of the model's parts is fed while the model runs on those pictures.

    Each call of the part is a batch. `opened` opens the `Run` of the parts, in fp32 on any runtime:
    runtimes differ by rounding alone, so the identity has only `files`, the hashes of the parts'
    files.
    """

    def batches() -> Iterator[Feeds]:
        with opened() as run:
            for batch in _batches(model):
                recorder = _Recorder(run, part)
                model.infer(recorder, batch)
                yield from recorder.fed

    return Calibration(_identity(model, part, *files), batches)


class _Recorder(Run):
    """Passes every call on to another Run, and keeps what one of its parts is fed."""

    def __init__(self, run: Run, part: str) -> None:
        self._run = run
        self._part = part
        self.fed: list[Feeds] = []

    def __call__(self, feeds: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        return self._run(feeds)

    def part(self, name: str, feeds: Mapping[str, AnyTensor]) -> Mapping[str, DeviceTensor]:
        if name == self._part:
            self.fed.append(on_host(feeds))
        return self._run.part(name, feeds)


def batches_of(model: NetworkModel[Any], images: Sequence[Image]) -> Iterator[Batch]:
    """The pictures in batches of one shape each, as the model encodes them."""
    step = min(BATCH, model.max_batch)
    for shape, indices in _groups(model, [image.shape[:2] for image in images]).items():
        for start in range(0, len(indices), step):
            yield model.encode([images[index] for index in indices[start : start + step]], shape)


def _batches(model: NetworkModel[Any]) -> Iterator[Batch]:
    return batches_of(model, pictures(model.spec.task))


def _sizes(model: NetworkModel[Any]) -> Sequence[Size]:
    """Those of the drawn pictures."""
    return PAGE_SIZES if model.spec.task == "detection" else LINE_SIZES * REPEATS


def _groups(model: NetworkModel[Any], sizes: Sequence[Size]) -> dict[Size, list[int]]:
    """The indices of pictures of these sizes, by the input shape (height, width) that the model
    gives them."""
    groups: dict[Size, list[int]] = {}
    for index, size in enumerate(sizes):
        groups.setdefault(model.shape(*size), []).append(index)
    return groups


def _identity(model: NetworkModel[Any], *more: str) -> str:
    parts = (
        sha256_of(Path(__file__)),
        sha256_of(Path(drawing.__file__)),
        f"{cv2.__version__} {PIL.__version__} {np.__version__}",
        f"{type(model).__module__}.{type(model).__qualname__}",
        repr([(shape, len(indices)) for shape, indices in _groups(model, _sizes(model)).items()]),
        *more,
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
