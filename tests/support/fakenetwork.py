"""A model that reads the width of a picture, and a session that hands on what it is fed."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

import numpy as np

from ocrx.artifacts import ModelSpec
from ocrx.interfaces.networks import NetworkModel
from ocrx.interfaces.runtimes import Session, SessionOptions
from ocrx.networks.network import Network
from ocrx.networks.sessions import Sessions
from ocrx.types import Batch, Image, Tensor, TensorSpec, Text


class WidthModel(NetworkModel[Text]):
    """Reads the width of a picture, through a network that hands on what it is fed."""

    spec = ModelSpec("widths", "recognition", {})
    max_batch = 3

    def __init__(self, extra: int = 0) -> None:
        self.extra = extra
        self.batches: list[tuple[int, ...]] = []

    def shape(self, height: int, width: int) -> tuple[int, int]:
        return 8, -(-width // 10) * 10

    def encode(self, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
        tensor = np.zeros((len(images), *shape), dtype=np.float32)
        for row, image in zip(tensor, images, strict=True):
            row[0, 0] = image.shape[1]
        self.batches.append(tensor.shape)
        return Batch({"x": tensor}, [None] * len(images))

    def decode(self, outputs: Mapping[str, Tensor], batch: Batch) -> list[Text]:
        widths = outputs["x"][:, 0, 0].astype(int).tolist()
        return [Text.uniform(str(width), 1.0) for width in widths] * (1 + self.extra)


class Echo(Session):
    """Waits until as many calls are under way as it takes, if told to."""

    thread_safe = True
    inputs = (TensorSpec("x", (None, 8, None), "float32"),)
    outputs = inputs
    device = "cpu"
    precision = "fp32"

    def __init__(self, concurrency: int, together: bool = False) -> None:
        super().__init__()
        self.concurrency = concurrency
        self.released = 0
        self._together = threading.Barrier(concurrency) if together else None

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        if self._together is not None:
            self._together.wait(timeout=30)
        return dict(feeds)

    def release(self) -> None:
        self.released += 1


def joined(model: NetworkModel[Text], session: Session) -> Network[Text]:
    """A network of the model and that session, whatever is asked for."""
    return Network(model, Sessions(lambda options: session, SessionOptions()), "echo")
