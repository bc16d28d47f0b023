"""The record of a compressed model: what it was made from and how, and what that cost.

A compressed model is a folder with one network and its record, RECORD. Whoever is given the folder,
or the network in it, can load it: the record names the component that it belongs to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from ocrx.artifacts import Format, ModelSpec, Source
from ocrx.errors import UsageError, WeightsError
from ocrx.names import PRECISIONS, Precision, Task

RECORD = "record.json"
SCHEMA = "ocrx-compressed/1"


@dataclass(frozen=True)
class Step:
    """One method of a chain: its name, its options, what it has to say of its work, and the sha256
    of the network that it started from."""

    method: str
    options: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()
    sha256: str = ""


@dataclass(frozen=True)
class Figure:
    """What one network does on one runtime. Accuracies are in percent, each with the ends of its 95
    % interval; `ms` is the median time of a picture, `megabytes` (2**20 bytes) the file's size."""

    runtime: str
    precision: str
    megabytes: float
    ms: float
    accuracy: Sequence[float]
    exact: Sequence[float] | None = None


@dataclass(frozen=True)
class Record:
    """What a compressed model says of itself.

    `kind` and `component` are those of the component that loads it, `variant` is the model that it
    was made from, and `source_sha256` that model's. If a compressed model was compressed again, its
    `steps` come first; `model` is what was given, and the figures before are those of it. `file` is
    the network's name in the folder. `data` describes the pictures, `held` those that figures were
    measured on. `before` and `after` have a figure for each runtime, in the same order. `measure`
    names the accuracy. `verdict` says in a sentence whether the budget was kept.
    """

    kind: str
    component: str
    variant: str
    task: Task
    model: str
    file: str
    format: Format
    precision: Precision
    sha256: str
    source_sha256: str
    steps: Sequence[Step]
    seed: int = 0
    budget: float | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    held: Mapping[str, Any] = field(default_factory=dict)
    measure: str = ""
    before: Sequence[Figure] = ()
    after: Sequence[Figure] = ()
    verdict: str = ""
    machine: Mapping[str, Any] = field(default_factory=dict)
    created: str = ""
    schema: str = SCHEMA

    @property
    def methods(self) -> str:
        """The methods in order: "prune, quantize"."""
        return ", ".join(step.method for step in self.steps)

    def applied(self, spec: ModelSpec, folder: Path) -> ModelSpec:
        """The spec of the compressed model in `folder`, from that of the model it was made from."""
        source = Source(self.file, path=folder / self.file, sha256=self.sha256)
        return replace(
            spec,
            name=f"{spec.name} ({self.methods})",
            artifacts={self.format: source},
            rounded={},
            precision=self.precision,
            tier=None,
        )


def record_of(path: Path) -> tuple[Record, Path] | None:
    """The record at `path`, a folder or the network in it, and the folder; None if there is none.

    Raises WeightsError for a record that cannot be read.
    """
    try:
        folder = path if path.is_dir() else path.parent
        file = folder / RECORD
        if not (file.is_file() and path.exists()):
            return None
        record = _record(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"the record {path} cannot be read: {type(error).__name__}: {error}",
            "Compress the model again.",
        ) from error
    named = path == folder or path.name == record.file
    return (record, folder) if named else None


def is_path(name: str) -> bool:
    """Whether it is a path and no name of a component: there is a slash or a dot in it."""
    return any(sign in name for sign in "/\\.")


def component_of(reference: str) -> str | None:
    """The name of the component that loads a compressed model, if `reference` is the path of one.
    Raises WeightsError for a record that cannot be read."""
    if not is_path(reference):
        return None
    found = record_of(Path(reference).expanduser())
    return None if found is None else found[0].component


def origin(variant: str) -> str:
    """The variant that a compressed model was made from, if `variant` is its path; else `variant`.
    Raises WeightsError for a record that cannot be read."""
    found = record_of(Path(variant).expanduser()) if variant else None
    return variant if found is None else found[0].variant


def check_task(record: Record, task: Task, path: Path) -> None:
    """Raise UsageError for a compressed model of another task."""
    if record.task != task:
        raise _of_another_kind(record, path)


def check_kind(kind: str, path: Path) -> None:
    """Raise UsageError for the path of a compressed model of another kind, WeightsError for one
    whose record cannot be read."""
    found = record_of(path)
    if found is not None and found[0].kind != kind:
        raise _of_another_kind(found[0], path)


def _of_another_kind(record: Record, path: Path) -> UsageError:
    return UsageError(
        f"{path} is a {record.kind}, made from {record.model}", f"Give it as the {record.kind}."
    )


def write_record(record: Record, folder: Path) -> None:
    """Write the record into the folder of its network. Raises OSError."""
    text = json.dumps(asdict(record), indent=1, ensure_ascii=False)
    (folder / RECORD).write_text(text + "\n", "utf-8")


def _record(values: dict[str, Any]) -> Record:
    if values["schema"] != SCHEMA:
        raise ValueError(f"it has the schema {values['schema']!r}, not {SCHEMA!r}")
    if values["precision"] not in PRECISIONS or Path(values["file"]).name != values["file"]:
        raise ValueError("it names no network")
    steps = [Step(**cast("dict[str, Any]", step)) for step in values.pop("steps")]
    before, after = (
        [Figure(**cast("dict[str, Any]", one)) for one in values.pop(name)]
        for name in ("before", "after")
    )
    return Record(**values, steps=steps, before=before, after=after)
