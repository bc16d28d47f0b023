"""What to estimate: a plugin's model or a file, and the shapes of its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ocrx.artifacts import Artifact, Axis, Format, ModelSpec, Source
from ocrx.errors import UsageError
from ocrx.interfaces.inspection import Shape
from ocrx.plugins.registrar import Kind
from ocrx.system.suggest import did_you_mean
from ocrx.types import TensorSpec

Asked: TypeAlias = Mapping[str, Sequence[int]]
"""What the user asked for: the lengths of an input's axes, or its height and width, by the input's
name, or under "" for the only input of a network."""


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
    inputs: Sequence[TensorSpec], spec: ModelSpec, asked: Asked, batch: int
) -> Mapping[str, Shape]:
    """A shape for each input, by its name: the one that was asked for, else the typical one of the
    model. `batch` is the length of the first axis, if that is free.

    Raises UsageError if what was asked for does not fit, or if a length remains unknown.
    """
    if len(inputs) == 1:
        (one,) = inputs
        first = batch if len(one.shape) > 1 else None
        return {one.name: _shape(one, spec, asked.get(one.name, asked.get("", ())), first)}
    return {one.name: _shape(one, spec, asked.get(one.name, ()), batch) for one in inputs}


def check_asked(asked: Asked, networks: Mapping[str, Sequence[TensorSpec]]) -> None:
    """Raise UsageError for a shape that none of the networks takes; they are the inputs by name."""
    known = list(dict.fromkeys(one.name for inputs in networks.values() for one in inputs))
    for name in filter(None, asked):
        if name not in known:
            raise UsageError(
                f"a shape is given for {name!r}, which is no input of {', '.join(networks)}",
                f"{did_you_mean(name, known)}There are: {', '.join(known)}.",
            )
    if "" in asked and all(len(inputs) > 1 for inputs in networks.values()):
        raise UsageError(
            f"a shape is given, and {', '.join(networks)} has several inputs ({', '.join(known)})",
            f"Say of which it is, as in `--shape {known[0]}=1x40x96`.",
        )


def _shape(one: TensorSpec, spec: ModelSpec, asked: Sequence[int], batch: int | None) -> Shape:
    """`batch` is None for an input whose first axis does not count pictures."""
    rank = len(one.shape)
    if asked and len(asked) == rank:
        return tuple(asked)
    if asked and (len(asked) != 2 or rank != 4):
        raise UsageError(
            f"{one.name}, an input of {spec.name}, is a tensor of {rank} axes, not {_told(asked)}",
            "Give height and width, as in `--shape 48x320`, or the length of each axis.",
        )
    usual = [a.typical if isinstance(a, Axis) else a for a in spec.shapes.get(one.name, ())]
    known: list[int | None] = [*usual] if len(usual) == rank else [None] * rank
    lengths = [own or typical for own, typical in zip(one.shape, known, strict=True)]
    if batch is not None and rank:
        lengths[0] = one.shape[0] or batch
    if asked:
        lengths[2:] = asked
    if None in lengths:
        raise UsageError(
            f"{spec.name} takes inputs of any size ({one.name}: {_told(lengths)})",
            f"Say which, as in `--shape {'' if rank == 4 else f'{one.name}='}"
            f"{'48x320' if rank == 4 else _told([length or 40 for length in lengths])}`.",
        )
    return tuple(length for length in lengths if length is not None)


def _told(lengths: Sequence[int | None]) -> str:
    return "x".join("?" if length is None else str(length) for length in lengths)
