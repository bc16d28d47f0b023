"""Components without a fault, in NumPy: what the mutants are made from."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ocrx.artifacts import Artifact, Axis, Format
from ocrx.errors import BackendError, DeviceMissing, PrecisionUnavailable
from ocrx.interfaces.components import (
    Detector,
    Finder,
    Orienter,
    PageReader,
    Preprocessor,
    Recognizer,
)
from ocrx.interfaces.runtimes import Availability, Backend, Session, SessionOptions
from ocrx.testing import MINUS_ONE, TOYS, Toy
from ocrx.types import (
    Image,
    Item,
    Line,
    Orientation,
    Page,
    Region,
    Tensor,
    TensorSpec,
    Text,
    frozen_quad,
)


class SoundSession(Session):
    thread_safe = True

    def __init__(self, toy: Toy, options: SessionOptions) -> None:
        super().__init__()
        self.toy = toy
        self.inputs = tuple(
            TensorSpec(name, tuple(None if isinstance(d, Axis) else d for d in shape), "float32")
            for name, shape in toy.shapes.items()
        )
        self.outputs = tuple(TensorSpec(name, (), "float32") for name in toy.outputs)
        self.device = "cpu"
        self.precision = "fp32"
        self.concurrency = options.concurrency

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        time.sleep(0.0005)  # lets other threads in
        return {name: np.ascontiguousarray(x) for name, x in self.toy.reference(feeds).items()}


class SoundBackend(Backend):
    name: ClassVar[str] = "sound"
    accepts: ClassVar[tuple[Format, ...]] = ("onnx",)
    session: ClassVar[type[SoundSession]] = SoundSession

    def probe(self) -> Availability:
        return Availability(True, "1.0", ("cpu",))

    def open(self, artifact: Artifact, options: SessionOptions) -> Session:
        if options.device not in ("auto", "cpu"):
            raise DeviceMissing(f"no device {options.device!r}", "Choose cpu.")
        if options.precision not in ("auto", "fp32"):
            raise PrecisionUnavailable(f"no {options.precision}", "Choose fp32.")
        return self.session(self.load(artifact), options)

    def load(self, artifact: Artifact) -> Toy:
        content = artifact.path.read_bytes() if artifact.path.exists() else b""
        for toy in (*TOYS, MINUS_ONE):
            if content == toy.files["onnx"].read_bytes():
                return toy
        raise BackendError(f"{artifact.path} is damaged", "Fetch it again.")


def dark_box(image: Image) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom of what is dark in a picture that is mostly light."""
    dark = image.mean(axis=2) < 128
    if not dark.any() or dark.all():
        return None
    ys, xs = np.nonzero(dark)
    return float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1)


def corners(box: tuple[float, float, float, float]) -> NDArray[np.float32]:
    left, top, right, bottom = box
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float32)


class SoundDetector(Detector):
    thread_safe = True

    def detect(self, pages: Sequence[Image]) -> list[list[Region]]:
        return [self.one(page) for page in pages]

    def one(self, page: Image) -> list[Region]:
        box = dark_box(page)
        return [] if box is None else [Region(frozen_quad(corners(box)), 0.9)]


class SoundFinder(Finder):
    thread_safe = True

    def find(self, pages: Sequence[Image]) -> list[list[Item]]:
        return [self.one(page) for page in pages]

    def one(self, page: Image) -> list[Item]:
        box = dark_box(page)
        if box is None:
            return []
        size = f"{box[2] - box[0]:.0f}x{box[3] - box[1]:.0f}"
        return [Item("dark", size, frozen_quad(corners(box)), 0.9)]


class SoundRecognizer(Recognizer):
    thread_safe = True

    def recognize(self, crops: Sequence[Image]) -> list[Text]:
        return [self.one(crop) for crop in crops]

    def one(self, crop: Image) -> Text:
        return Text.uniform(f"{crop.shape[1]} wide", 0.75)


class SoundOrienter(Orienter):
    thread_safe = True

    def orient(self, crops: Sequence[Image]) -> list[Orientation]:
        return [self.one(crop) for crop in crops]

    def one(self, crop: Image) -> Orientation:
        return Orientation(180 if crop.shape[1] % 2 else 0, 0.8)


class SoundPreprocessor(Preprocessor):
    """Doubles the size, nearest neighbour."""

    thread_safe = True

    def apply(self, images: Sequence[Image]) -> list[tuple[Image, NDArray[np.float64]]]:
        return [self.one(image) for image in images]

    def one(self, image: Image) -> tuple[Image, NDArray[np.float64]]:
        return image.repeat(2, axis=0).repeat(2, axis=1), np.diag([0.5, 0.5, 1.0])


class SoundPageReader(PageReader):
    thread_safe = True

    def read(self, pages: Sequence[Image]) -> list[Page]:
        return [self.one(page) for page in pages]

    def one(self, page: Image) -> Page:
        box = dark_box(page)
        lines = () if box is None else (Line("dark", 0.5, frozen_quad(corners(box))),)
        return Page(lines, page.shape[1], page.shape[0])
