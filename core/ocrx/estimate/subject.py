"""What to estimate: a plugin's model or a file, and the shapes of its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ocrx.artifacts import Artifact, Axis, Format, ModelSpec, Source
from ocrx.errors import UsageError
from ocrx.interfaces.inspection import Shape
from ocrx.plugins.registrar import Kind
from ocrx.types import TensorSpec


@dataclass(frozen=True)
class Subject:
    """A network in a file on this machine.

    `spec` gives its typical shapes. `component` is the kind and reference of the component that
    feeds it, None for a file that no plugin knows. `part` names it among a model's networks, "" if
    it is the only one. A batch runs it about `runs` times.
    """

    name: str
    path: Path
    format: Format
    spec: ModelSpec
    component: tuple[Kind, str] | None = None
    part: str = ""
    runs: int = 1

    @property
    def artifact(self) -> Artifact:
        return Artifact(self.path, self.format, self.spec)


def of_file(path: Path) -> Subject:
    """The network in a file that no plugin knows."""
    form = path.suffix.lstrip(".").lower()
    spec = ModelSpec(path.stem, "recognition", {form: Source(path.name, path=path)})
    return Subject(path.name, path, form, spec)


def input_shapes(
    inputs: Sequence[TensorSpec], spec: ModelSpec, asked: Sequence[int], batch: int
) -> Mapping[str, Shape]:
    """A shape for each input, by its name.

    `asked` is the height and width of pictures, or a whole shape; if it is empty the typical shape
    of the model is used. `batch` is the length of the first axis, if that is free.

    Raises UsageError if `asked` does not fit the inputs, or if a length remains unknown.
    """
    if asked and len(inputs) != 1:
        names = ", ".join(one.name for one in inputs)
        raise UsageError(
            f"a shape is given, and {spec.name} has several inputs ({names})",
            "Leave `--shape` out, or give a network with one input.",
        )
    return {one.name: _shape(one, spec, asked, batch) for one in inputs}


def _shape(one: TensorSpec, spec: ModelSpec, asked: Sequence[int], batch: int) -> Shape:
    rank = len(one.shape)
    if asked and len(asked) == rank:
        return tuple(asked)
    if asked and (len(asked) != 2 or rank != 4):
        raise UsageError(
            f"{spec.name} takes a tensor of {rank} axes, not {'x'.join(map(str, asked))}",
            "Give height and width, as in `--shape 48x320`, or the length of each axis.",
        )
    usual = [a.typical if isinstance(a, Axis) else a for a in spec.shapes.get(one.name, ())]
    known: list[int | None] = [*usual] if len(usual) == rank else [None] * rank
    lengths = [own or typical for own, typical in zip(one.shape, known, strict=True)]
    if rank > 1:
        lengths[0] = one.shape[0] or batch
    if asked:
        lengths[2:] = asked
    if None in lengths:
        raise UsageError(
            f"{spec.name} takes pictures of any size ({one.name}: {_told(lengths)})",
            "Say which, as in `--shape 48x320`.",
        )
    return tuple(length for length in lengths if length is not None)


def _told(lengths: Sequence[int | None]) -> str:
    return "x".join("?" if length is None else str(length) for length in lengths)
