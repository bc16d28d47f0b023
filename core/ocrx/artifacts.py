"""What a model is made of: its files, where they come from, and the shapes it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
class Part:
    """One of several networks of a model, such as its decoder: files by format, the shapes it
    takes, and about how often a batch runs it."""

    artifacts: Mapping[Format, Source]
    shapes: ShapeProfile = field(default_factory=dict)
    runs: int = 1

    def __post_init__(self) -> None:
        if self.runs < 1:
            raise ValueError(f"a part runs at least once, not {self.runs} times")


@dataclass(frozen=True)
class ModelSpec:
    """A model, whatever runs it: files by format, the shapes it takes, licence, languages.

    A model of several networks has `parts` by name, in the order in which they are run first, in
    place of `artifacts` and `shapes` of its own.
    """

    name: str
    task: Task
    artifacts: Mapping[Format, Source] = field(default_factory=dict)
    shapes: ShapeProfile = field(default_factory=dict)
    licence: str = ""
    homepage: str = ""
    languages: tuple[str, ...] = ()
    precision: Precision = "fp32"
    parts: Mapping[str, Part] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.parts and (self.artifacts or self.shapes):
            raise ValueError(f"{self.name}: a model in parts has no files and shapes of its own")
        if "" in self.parts:
            raise ValueError(f"{self.name}: a part needs a name")

    @property
    def networks(self) -> Mapping[str, ModelSpec]:
        """Each network as a spec of its own, "NAME/PART", by the part's name; a model of one
        network is its own, under the name ""."""
        if not self.parts:
            return {"": self}
        return {
            name: replace(
                self,
                name=f"{self.name}/{name}",
                artifacts=part.artifacts,
                shapes=part.shapes,
                parts={},
            )
            for name, part in self.parts.items()
        }

    def runs(self, part: str) -> int:
        """About how often a batch runs that network."""
        return self.parts[part].runs if self.parts else 1


@dataclass(frozen=True)
class Artifact:
    """A model file on this machine, ready to be opened by a backend."""

    path: Path
    format: Format
    spec: ModelSpec
