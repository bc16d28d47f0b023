"""Tuning with the harness: how cells are measured, and what a profile keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Literal

from ocrx.bench.data.dataset import Dataset, limited
from ocrx.bench.figures.result import Cell, CellResult, Component, MachineInfo
from ocrx.bench.run.environment import environment
from ocrx.bench.run.plan import options_of
from ocrx.bench.run.process import ask_once
from ocrx.bench.run.runner import Observer, run_matrix
from ocrx.bench.run.settings import Settings
from ocrx.bench.tuning.search import Effort, Measure, Outcome, Plan, accuracy, milliseconds
from ocrx.errors import BackendError
from ocrx.names import PRECISIONS, Precision, Task
from ocrx.profiles.profile import Choice, TunedLayout, this_machine

WARM, SHORT_WARM = 5.0, 1.5
"""The most seconds for warming up: in the final, and in earlier stages."""


@dataclass(frozen=True)
class Survey:
    """The machine, and the versions of its runtimes by name."""

    environment: MachineInfo
    runtimes: Mapping[str, str]


def survey(known: Sequence[str]) -> Survey:
    """Examine this machine in a process of its own. `known` names the runtimes to look for.

    Raises PluginError if the process fails.
    """
    found = environment(ask_once("machine"))
    present = {name: found.packages[name] for name in known if name in found.packages}
    return Survey(found, present)


def harness(
    dataset: Dataset, machine: MachineInfo, settings: Settings, observer: Observer
) -> Measure:
    """A function that measures cells on the dataset, as `settings` say but for the effort. Of the
    options a cell gets those that concern it. It raises what `run_matrix` raises."""

    def measure(cells: Sequence[Cell], effort: Effort) -> Sequence[CellResult]:
        options = settings.options
        used = {key: one for cell in cells for key, one in options_of(cell, options).items()}
        now = replace(
            settings,
            rounds=effort.rounds,
            time_limit=effort.seconds,
            warm_seconds=WARM if effort.rounds > 1 else SHORT_WARM,
            options=used,
        )
        some = limited(dataset, effort.pictures)
        return run_matrix(some, cells, now, observer, machine=machine).cells

    return measure


def choice_of(
    outcome: Outcome, plan: Plan, dataset: Dataset, layout: TunedLayout, found: Survey
) -> Choice:
    """What a profile keeps of a search: the settings that ran, which may differ from those asked.

    Raises BackendError if the chosen cell does not say what ran.
    """
    chosen, reference = outcome.chosen, outcome.reference
    used, finds = _ran("recognition", chosen), _detector_precision(chosen)
    return Choice(
        layout=layout,
        recognizer=plan.recognizer,
        detector=plan.detector,
        decoder=plan.decoder,
        backend=used.backend,
        precision=_precision(used.precision),
        detector_precision="" if finds == used.precision else finds,
        threads=chosen.cell.threads or plan.cores,
        device=used.device,
        machine=this_machine(found.runtimes),
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        dataset=dataset.name,
        reference=reference.cell.name,
        ms=milliseconds(chosen, plan.goal),
        reference_ms=milliseconds(reference, plan.goal),
        characters=accuracy(chosen),
        reference_characters=accuracy(reference),
    )


def _detector_precision(result: CellResult) -> Precision | Literal[""]:
    """The precision of the detector; "" if none ran as a network of the runtime."""
    if not result.cell.detector_precision:
        return ""
    return _precision(_ran("detection", result).precision)


def _ran(task: Task, result: CellResult) -> Component:
    used = result.figures.used if result.figures else ()
    for one in used:
        if one.task == task:
            return one
    raise BackendError(
        f"{result.cell.name} does not say what ran its {task}", "Report it to the plugin's author."
    )


def _precision(name: str) -> Precision:
    for known in PRECISIONS:
        if known == name:
            return known
    raise BackendError(
        f"a runtime says that it ran in {name!r}", "Report it to its plugin's author."
    )
