"""Models as data: their files, where the files come from, and the shapes that they accept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias

from ocrx.names import TIERS, Precision, Task, Tier

Format: TypeAlias = str
"""How a model file is encoded: "onnx", "torch", "paddle", "tflite", "openvino", ..."""


@dataclass(frozen=True)
class Checksum:
    """A checksum of a file, in lower-case hex."""

    algorithm: Literal["sha256", "md5"]
    value: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", self.value.lower())


@dataclass(frozen=True)
class PackageFile:
    """A file inside an installed Python package, found without importing the package. `path` is
    relative to the package's folder, with slashes. `sha256` is its own, in lower-case hex, if it is
    not the very file of its source but another export of the same network. `distribution` is the
    name by which pip installs the package, if it is another."""

    package: str
    path: str
    sha256: str | None = None
    distribution: str | None = None

    @property
    def installable(self) -> str:
        """The name to give to pip."""
        return self.distribution or self.package


@dataclass(frozen=True)
class Source:
    """Where one file comes from. `path`, `package` and `url` are tried in this order.

    `sha256` is in lower-case hex and `size` in bytes. A file of which only the `md5` is published
    may have that in its place. A `url` needs one of the two, or ValueError is raised. If it is that
    of a zip archive, `member` is the name of the file in it; checksums are the file's own. A model
    of several files is fetched as an archive; its `path` may be their folder, or the main one of
    them.
    """

    filename: str
    path: Path | None = None
    package: PackageFile | None = None
    url: str | None = None
    sha256: str | None = None
    size: int | None = None
    md5: str | None = None
    member: str | None = None

    def __post_init__(self) -> None:
        if self.url and not self.checksum:
            raise ValueError(f"{self.filename}: a source with a URL needs a sha256")

    @property
    def checksum(self) -> Checksum | None:
        """What the file is verified by: its sha256, or else its md5; None if it gives neither."""
        if self.sha256:
            return Checksum("sha256", self.sha256)
        return Checksum("md5", self.md5) if self.md5 else None


@dataclass(frozen=True)
class Axis:
    """The range of a dynamic axis: multiples of `step` from `minimum` to `maximum`.

    The unit is the axis's own: pixels for a height or width, pictures for the first axis. `typical`
    is the usual length: engines are built for the whole range and tuned for it, `ocrx estimate`
    counts with it, and `bucket` is finest below it.

    Raises ValueError unless 0 < minimum <= typical <= maximum and step >= 1.
    """

    minimum: int
    typical: int
    maximum: int
    step: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.minimum <= self.typical <= self.maximum or self.step < 1:
            raise ValueError(f"an axis needs 0 < minimum <= typical <= maximum, not {self}")

    def bucket(self, length: float) -> int:
        """The smallest bucket that holds `length`; `maximum` for anything longer.

        Buckets are `step` apart up to `typical`. Beyond that, the distance doubles whenever the
        length does. A runtime thus meets few shapes, and padding stays below 2 * step / typical of
        the length.
        """
        length = min(max(length, self.minimum), self.maximum)
        step = self.step
        limit = max(self.typical, self.step)
        while limit < length:
            step, limit = step * 2, limit * 2
        bucket = -(-length // step) * step
        return int(min(bucket, self.maximum))


Dimension: TypeAlias = int | Axis
"""One dimension of an input: a fixed length, or the range of a dynamic axis."""

ShapeProfile: TypeAlias = Mapping[str, tuple[Dimension, ...]]
"""The dimensions of each input of a network by its name: a number, or a dynamic axis's range. One
Axis object that several inputs share is one length."""


@dataclass(frozen=True)
class Part:
    """One of several networks of a model, such as its decoder: its files by format, the shapes
    that it accepts, and roughly how many times it runs per batch."""

    artifacts: Mapping[Format, Source]
    shapes: ShapeProfile = field(default_factory=dict)
    runs: int = 1

    def __post_init__(self) -> None:
        if self.runs < 1:
            raise ValueError(f"a part runs at least once, not {self.runs} times")


@dataclass(frozen=True)
class ModelSpec:
    """A model, whatever runs it: its files by format, the shapes that it accepts, its licence and
    its languages (BCP 47 tags).

    A model of several networks has `parts` instead of `artifacts` and `shapes`: by name, in the
    order in which a batch first runs them.

    `tier` makes it one that a reader may choose by itself where the user asks for a quality and no
    language. Without one it is chosen only for a language that it lists, as "balanced".

    `artifacts` are in `precision`. `rounded` are files of the same network in other precisions that
    are published beside them, for processors: they are used where that precision is asked for.

    Raises ValueError for a model that has both parts and artifacts or shapes, for a part without a
    name, and for an unknown tier.
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
    tier: Tier | None = None
    rounded: Mapping[tuple[Format, Precision], Source] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.tier not in (None, *TIERS):
            raise ValueError(f"{self.name}: the tier is one of {', '.join(TIERS)}")
        if self.parts and (self.artifacts or self.shapes or self.rounded):
            raise ValueError(f"{self.name}: a model in parts has no files and shapes of its own")
        if "" in self.parts:
            raise ValueError(f"{self.name}: a part needs a name")

    @property
    def networks(self) -> Mapping[str, ModelSpec]:
        """Each network as a spec named "NAME/PART", by the part's name. For a model of one network
        it is the model itself, under the name ""."""
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

    def published(self, device: str) -> Mapping[tuple[Format, Precision], Source]:
        """The files of the network for that device, by format and precision."""
        rounded = self.rounded if device in ("auto", "cpu") else {}
        own = {(form, self.precision): source for form, source in self.artifacts.items()}
        return {**rounded, **own}

    @property
    def formats(self) -> tuple[Format, ...]:
        """The formats of all of its files."""
        networks = self.networks.values()
        return tuple(dict.fromkeys(form for one in networks for form in one.artifacts))

    def runs(self, part: str) -> int:
        """Roughly how many times the network of that part runs per batch."""
        return self.parts[part].runs if self.parts else 1


@dataclass(frozen=True)
class Artifact:
    """A model file on this machine, ready to be opened by a backend."""

    path: Path
    format: Format
    spec: ModelSpec
