"""The models that plugins offer, and which of them a user means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ocrx.artifacts import ModelSpec, Source
from ocrx.errors import UnknownName
from ocrx.plugins.registrar import Entry, Kind
from ocrx.plugins.registry import load_plugins
from ocrx.system.suggest import did_you_mean
from ocrx_cli.terminal.console import note

READ_BY_DEFAULT: dict[Kind, str] = {
    "detector": "paddle",
    "orienter": "paddle",
    "recognizer": "paddle",
}
"""The components that `ocrx read` uses unless it is asked for others."""


@dataclass(frozen=True)
class Model:
    """One file of one variant of one component.

    `spec` is that of the network in the file, `whole` that of the variant. They are the same unless
    it has several networks; `part` is then the network's name, else "".
    """

    entry: Entry
    variant: str
    default: bool
    spec: ModelSpec
    format: str
    source: Source
    whole: ModelSpec
    part: str = ""

    @property
    def name(self) -> str:
        return f"{self.entry.name}:{self.variant}" if self.variant else self.entry.name

    @property
    def label(self) -> str:
        """The name for people, with the part."""
        return f"{self.name} {self.part}" if self.part else self.name

    def answers(self, reference: str) -> bool:
        """Whether a user who writes `reference` means this one."""
        return reference in (self.name, self.source.filename) or (
            self.default and reference == self.entry.name
        )


def models(task: str | None = None) -> list[Model]:
    """Every file of every variant of every component, or only those for `task`."""
    found = [model for entry in load_plugins().entries() for model in _models_of(entry)]
    return [model for model in found if task in (None, model.spec.task)]


def chosen(references: Sequence[str], task: str | None = None) -> list[Model]:
    """The models that the references mean, each once, in that order. Raises UnknownName."""
    known = models(task)
    found: dict[int, Model] = {}
    for reference in references:
        meant = [(i, model) for i, model in enumerate(known) if model.answers(reference)]
        if not meant:
            what = f" for {task}" if task else ""
            raise UnknownName(
                f"there is no model {reference!r}{what}",
                f"{did_you_mean(reference, [model.name for model in known])}"
                "`ocrx models list` lists them all.",
            )
        found.update(meant)
    return list(found.values())


def default_models() -> list[Model]:
    """The default variants of the components in READ_BY_DEFAULT."""
    return [
        model
        for model in models()
        if model.default and READ_BY_DEFAULT.get(model.entry.kind) == model.entry.name
    ]


def _models_of(entry: Entry) -> Iterator[Model]:
    try:
        specs = dict(entry.models())
    # A plugin's code runs here. If it fails, the other plugins' models are still listed.
    except Exception as error:
        note(f"{entry.kind} {entry.name!r} cannot list its models: {type(error).__name__}: {error}")
        return
    default = next(iter(specs), "")
    for variant, spec in specs.items():
        for part, network in spec.networks.items():
            for form, source in network.artifacts.items():
                yield Model(entry, variant, variant == default, network, form, source, spec, part)
