"""A runtime and converters that need none, for testing the graph of conversions.

In a module of its own, because processes that a test starts must be able to import it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from ocrx.artifacts import Artifact, Format, ModelSpec, Precision
from ocrx.convert import Wanted, Workshop, silent
from ocrx.errors import ConversionFailed
from ocrx.interfaces import (
    Availability,
    Backend,
    Conversion,
    Converter,
    Report,
    Session,
    SessionOptions,
)
from ocrx.store import Store

Edge = tuple[Format, Precision, Format, Precision]


class FakeBackend(Backend):
    name: ClassVar[str] = "fake"
    accepts: ClassVar[tuple[Format, ...]] = ("engine", "tflite")

    def probe(self) -> Availability:
        return Availability(True)

    def open(self, artifact: Artifact, options: SessionOptions) -> Session:
        raise AssertionError("not opened here")


@dataclass
class FakeConverter(Converter):
    """Copies its source behind its own name; `slow` is how long it takes in the middle of it."""

    label: str
    edges: tuple[Edge, ...]
    price: float = 1.0
    version: str = "1"
    present: bool = True
    slow: float = 0.0
    broken: bool = False
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.name, self.makes, self.cost = self.label, self.edges, self.price

    def probe(self) -> Availability:
        return Availability(self.present, remedy=f"pip install {self.label}")

    def fingerprint(self, conversion: Conversion) -> Mapping[str, str]:
        return {"version": self.version}

    def convert(self, conversion: Conversion, folder: Path, report: Report) -> str:
        self.calls.append(conversion.artifact.format)
        target = folder / "model.bin"
        target.write_bytes(b"half")
        time.sleep(self.slow)
        if self.broken:
            raise ConversionFailed("it does not convert", "Choose another backend.")
        target.write_bytes(
            self.label.encode() + b"<" + conversion.artifact.path.read_bytes() + b">"
        )
        return target.name


ONNX_TO_ENGINE: tuple[Edge, ...] = (("onnx", "fp32", "engine", "fp32"),)


def make(spec: ModelSpec, store: Store, *converters: Converter) -> Artifact:
    return Workshop(store, converters, silent).artifact(spec, Wanted(FakeBackend()))


def convert_slowly(spec: ModelSpec, cache: Path, log: Path) -> None:
    converter = FakeConverter("a", ONNX_TO_ENGINE, slow=0.5)
    path = make(spec, Store(cache, offline=True), converter).path
    with log.open("a") as file:
        file.write(f"{len(converter.calls)} {path.read_bytes().decode()}\n")


def convert_forever(spec: ModelSpec, cache: Path) -> None:
    make(spec, Store(cache, offline=True), FakeConverter("a", ONNX_TO_ENGINE, slow=600))
