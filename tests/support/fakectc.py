"""A CTC network without weights: a picture's columns are the classes that it emits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from ocrx.artifacts import Artifact, Format, ModelSpec, Source
from ocrx.interfaces.decoding import Decoder, Emissions
from ocrx.interfaces.networks import CtcModel
from ocrx.interfaces.runtimes import Availability, Backend, Session, SessionOptions
from ocrx.networks.decode.ctc import ctc_greedy
from ocrx.types import Batch, Image, Tensor, TensorSpec, Text

CHARSET = ("a", "b", "א", "ב")


class Lattice(CtcModel):
    """Each column is a class; with 100 more it is hardly surer than the character b."""

    spec = ModelSpec("lattice", "recognition", {"nothing": Source("x", path=Path(__file__))})
    charset = CHARSET
    max_batch = 2

    def shape(self, height: int, width: int) -> tuple[int, int]:
        return 1, width

    def encode(self, images: Sequence[Image], shape: tuple[int, int]) -> Batch:
        columns = np.stack([image[0, :, 0] for image in images]).astype(np.float32)
        return Batch({"x": columns}, [1.0] * len(images))

    def emissions(self, outputs: Mapping[str, Tensor], batch: Batch) -> Emissions:
        classes = outputs["x"].astype(int)
        values = np.zeros((*classes.shape, len(CHARSET) + 1), np.float32)
        best = np.where(classes >= 100, 0.52, 1.0)[..., None]
        np.put_along_axis(values, (classes % 100)[..., None], best, axis=2)
        values[..., 2] += np.where(classes >= 100, 0.48, 0)
        return Emissions(values, self.charset, batch.context)


class Columns(Session):
    """Hands on what it is fed."""

    thread_safe = True
    inputs = (TensorSpec("x", (None, None), "float32"),)
    outputs = inputs
    device = "cpu"

    def __init__(self, precision: str = "fp32") -> None:
        super().__init__()
        self.precision = precision
        self.fed: list[Tensor] = []

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        self.fed.append(feeds["x"])
        return dict(feeds)


class ColumnsBackend(Backend):
    name: ClassVar[str] = "columns"
    accepts: ClassVar[tuple[Format, ...]] = ("nothing",)

    def probe(self) -> Availability:
        return Availability(True, "1.0", ("cpu",))

    def open(self, artifact: Artifact, options: SessionOptions) -> Session:
        return Columns()


@dataclass(frozen=True)
class ShoutOptions:
    times: int = 1


class Shout(Decoder):
    """Ends each line with that many marks."""

    def __init__(self, options: ShoutOptions) -> None:
        self._end = "!" * options.times

    def decode(self, emissions: Emissions) -> list[Text]:
        return [Text.uniform(text.text + self._end, 1.0) for text in ctc_greedy(emissions)]


class Greedy(Decoder):
    def decode(self, emissions: Emissions) -> list[Text]:
        return ctc_greedy(emissions)


def line(*classes: int) -> Image:
    """A picture one pixel high whose columns are those classes."""
    return np.array(classes, np.uint8)[None, :, None].repeat(3, axis=2)
