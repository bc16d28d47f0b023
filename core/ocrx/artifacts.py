"""What a model is made of: its files, where they come from, and the shapes it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from ocrx.names import Precision, Task

Format: TypeAlias = str
"""How a model file is encoded: "onnx", "torch", "paddle", "tflite", "openvino", ..."""


@dataclass(frozen=True)
class PackageFile:
    """A file inside an installed Python package, found without importing the package."""

    package: str
    path: str


@dataclass(frozen=True)
class Source:
    """Where one file comes from. Places are tried in the order of the fields.

    `sha256` (lower-case hex) is required with `url`; `size` is in bytes. A model of several files
    is fetched as an archive; its `path` may be the folder of them, or the main one of them.
    """

    filename: str
    path: Path | None = None
    package: PackageFile | None = None
    url: str | None = None
    sha256: str | None = None
    size: int | None = None

    def __post_init__(self) -> None:
        if self.url and not self.sha256:
            raise ValueError(f"{self.filename}: a source with a URL needs a sha256")


@dataclass(frozen=True)
class Axis:
    """The range of one dynamic axis: `minimum` to `maximum`, in multiples of `step`."""

    minimum: int
    typical: int
    maximum: int
    step: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.minimum <= self.typical <= self.maximum or self.step < 1:
            raise ValueError(f"an axis needs 0 < minimum <= typical <= maximum, not {self}")

    def bucket(self, length: float) -> int:
        """The least bucket that holds `length`, `maximum` for anything longer.

        Buckets are `step` apart up to `typical`; beyond, the distance doubles each time the length
        does, so that a runtime sees few shapes and padding stays below 2 * step / typical.
        """
        length = min(max(length, self.minimum), self.maximum)
        step = self.step
        limit = max(self.typical, self.step)
        while limit < length:
            step, limit = step * 2, limit * 2
        bucket = -(-length // step) * step
        return int(min(bucket, self.maximum))


Dimension: TypeAlias = int | Axis
ShapeProfile: TypeAlias = Mapping[str, tuple[Dimension, ...]]
"""For each input of a network, its dimensions: a number, or the range of a dynamic axis."""


@dataclass(frozen=True)
class ModelSpec:
    """A model, whatever runs it: files by format, the shapes it takes, licence, languages."""

    name: str
    task: Task
    artifacts: Mapping[Format, Source]
    shapes: ShapeProfile = field(default_factory=dict)
    licence: str = ""
    homepage: str = ""
    languages: tuple[str, ...] = ()
    precision: Precision = "fp32"


@dataclass(frozen=True)
class Artifact:
    """A model file on this machine, ready to be opened by a backend."""

    path: Path
    format: Format
    spec: ModelSpec
