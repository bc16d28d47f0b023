"""A runtime and converters that need none, for testing the graph of conversions.

In a module of its own, because processes that a test starts must be able to import it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from ocrx.artifacts import Artifact, Format, ModelSpec
from ocrx.conversion.routes import wanted_by
from ocrx.conversion.workshop import Workshop, no_progress
from ocrx.errors import ConversionFailed, DeviceMissing
from ocrx.interfaces.conversion import Conversion, Converter, Progress
from ocrx.interfaces.runtimes import Availability, Backend, Session, SessionOptions
from ocrx.names import Precision
from ocrx.types import Tensor
from ocrx.weights.store import Store

Edge = tuple[Format, Precision, Format, Precision]


class FakeSession(Session):
    inputs = outputs = ()
    device = "cpu"
    precision = "fp32"

    def _run(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {}


class FakeBackend(Backend):
    """Opens any file that is there, on "cpu"; notes in `opened` what, in `asked` how."""

    name: ClassVar[str] = "fake"
    accepts: ClassVar[tuple[Format, ...]] = ("engine", "tflite")

    def __init__(self, *, present: bool = True) -> None:
        self.present = present
        self.opened: list[Path] = []
        self.asked: list[SessionOptions] = []

    def probe(self) -> Availability:
        return Availability(self.present, devices=("cpu",), remedy="pip install fake")

    def open(self, artifact: Artifact, options: SessionOptions) -> Session:
        if options.device not in ("auto", "cpu"):
            raise DeviceMissing(f"there is no device {options.device!r}", "Use cpu.")
        self.opened.append(artifact.path)
        self.asked.append(options)
        return FakeSession()


@dataclass
class FakeConverter(Converter):
    """Copies its source behind its own name; `slow` is how long it takes in the middle of it,
    `error` what it raises there, `targets` the devices that it builds for elsewhere."""

    label: str
    edges: tuple[Edge, ...]
    price: float = 1.0
    version: str = "1"
    present: bool = True
    slow: float = 0.0
    error: Exception | None = None
    targets: tuple[str, ...] = ()
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.name, self.makes, self.cost = self.label, self.edges, self.price

    def probe(self) -> Availability:
        return Availability(self.present, devices=self.targets, remedy=f"pip install {self.label}")

    def fingerprint(self, conversion: Conversion) -> Mapping[str, str]:
        return {"version": self.version}

    def convert(self, conversion: Conversion, folder: Path, progress: Progress) -> str:
        self.calls.append(conversion.artifact.format)
        target = folder / "model.bin"
        progress(0.0, "pressing")
        target.write_bytes(b"half")
        time.sleep(self.slow)
        if self.error is not None:
            raise self.error
        target.write_bytes(
            self.label.encode() + b"<" + conversion.artifact.path.read_bytes() + b">"
        )
        return target.name


BROKEN = ConversionFailed("it does not convert", "Choose another backend.")
ONNX_TO_ENGINE: tuple[Edge, ...] = (("onnx", "fp32", "engine", "fp32"),)


def make(spec: ModelSpec, store: Store, *converters: Converter) -> Artifact:
    return Workshop(store, converters, no_progress).artifact(spec, wanted_by(FakeBackend(), spec))


def convert_slowly(spec: ModelSpec, cache: Path, log: Path) -> None:
    converter = FakeConverter("a", ONNX_TO_ENGINE, slow=0.5)
    path = make(spec, Store(cache, offline=True), converter).path
    with log.open("a") as file:
        file.write(f"{len(converter.calls)} {path.read_bytes().decode()}\n")


def convert_forever(spec: ModelSpec, cache: Path) -> None:
    make(spec, Store(cache, offline=True), FakeConverter("a", ONNX_TO_ENGINE, slow=600))
