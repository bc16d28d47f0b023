"""The work of `ocrx tune`: search, and keep what was found as the user's profile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast

from ocrx.bench.data.dataset import Dataset, limited
from ocrx.bench.data.extra import bench_module
from ocrx.bench.data.load import load_dataset
from ocrx.bench.data.sample import sample_lines, sample_pages
from ocrx.bench.figures.result import Cell, CellResult
from ocrx.bench.run.plan import check_options
from ocrx.bench.run.settings import Settings
from ocrx.bench.tuning.harness import Survey, choice_of, harness, survey
from ocrx.bench.tuning.search import (
    Goal,
    Outcome,
    Plan,
    Stage,
    Trial,
    accuracy,
    milliseconds,
    search,
    usable,
)
from ocrx.errors import UnknownName, UsageError
from ocrx.plugins.registrar import Kind
from ocrx.plugins.registry import load_plugins
from ocrx.plugins.settings import parse_settings
from ocrx.profiles import profile
from ocrx.profiles.applied import runtime_option
from ocrx.profiles.profile import Choice, TunedLayout
from ocrx.reading.assembly import Assembly
from ocrx.reading.choice import split_reference
from ocrx.system.cpus import available_cpus
from ocrx.system.suggest import did_you_mean
from ocrx.weights.store import Store
from ocrx_cli.terminal.console import note, print_json, print_line, print_table
from ocrx_cli.terminal.progress import MeasuringBar

PICTURES: Mapping[TunedLayout, int] = {"line": 200, "page": 12}
"""How many pictures of a dataset are used. These are enough to tell cells apart."""

FEW: Mapping[TunedLayout, int] = {"line": 24, "page": 2}
"""How many are used for a first look."""

HEADINGS = ("RUNTIME", "PRECISION", "THREADS", "MS", "SPEED", "CHARACTERS", "LOSS", "VERDICT")
TUNED: tuple[Kind, ...] = ("recognizer", "detector", "decoder")
"""What is chosen beside the runtime, and stays as it is."""

DOING: Mapping[Stage, str] = {
    "runtimes": "every runtime in fp32",
    "precisions": "the best in other precisions",
    "mixtures": "recogniser and detector in different precisions",
    "threads": "the best with fewer threads",
    "final": "the last ones in turn",
}


@dataclass(frozen=True)
class TuneArguments:
    """The command line of `ocrx tune`. `max_loss` is in points of accuracy, `budget` in seconds."""

    dataset: Path | None
    layout: str | None
    recognizer: str
    detector: str
    backends: Sequence[str]
    max_loss: float
    goal: str
    budget: float
    download: bool
    decoder: str = ""
    settings: Sequence[str] = ()


def tune_layouts(arguments: TuneArguments, as_json: bool) -> None:
    """Tune for each layout. What was found for one is kept before the next begins."""
    path = _path()
    for name in ("psutil", "cattrs"):
        bench_module(name)
    sets = _datasets(arguments)
    names = _names(arguments)
    options = _options(arguments, sets)
    kept = profile.load(path)
    note("looking at the machine")
    found = survey(load_plugins().names("backend"))
    present = [name for name in names if name in found.runtimes]
    told = []
    for layout, dataset in sets.items():
        plan = _plan(arguments, layout, present, len(dataset.samples))
        settings = Settings(
            layout=layout, parity=False, download=arguments.download, options=options
        )
        outcome = _searched(plan, dataset, found, settings)
        choice = choice_of(outcome, plan, dataset, layout, found)
        kept = kept.put(choice)
        profile.save(kept)
        told.append(_record(outcome, choice, plan))
        if not as_json:
            _print(outcome, choice, plan)
    if as_json:
        print_json({"profile": str(path), "tuned": told})
    else:
        print_line(f"kept in {path}; `ocrx tune --reset` removes it")


def print_profile(as_json: bool) -> None:
    """Print the profile, and what has changed since it was made."""
    path = _path()
    kept = profile.load(path)
    changed = _changed(kept.choices) if kept.choices else []
    if as_json:
        rows = zip(kept.choices, changed, strict=True)
        choices = [{**asdict(choice), "changed": list(why)} for choice, why in rows]
        print_json({"profile": str(path), "choices": choices})
        return
    if not kept.choices:
        print_line(f"There is no profile ({path}): `ocrx tune` makes one.")
        return
    print_line(f"The profile {path}:")
    for choice, why in zip(kept.choices, changed, strict=True):
        print_line(_told(choice))
        if why:
            print_line(f"    since then: {'; '.join(why)}: run `ocrx tune` again")


def _changed(choices: Iterable[Choice]) -> list[list[str]]:
    """What has changed since each choice was made. Imports every runtime, which takes seconds."""
    registry = load_plugins()
    assembly = Assembly(registry, Store(offline=True))
    versions = {name: assembly.version(name) for name in registry.names("backend")}
    now = profile.this_machine({name: found for name, found in versions.items() if found})
    return [profile.changes(choice.machine, now) for choice in choices]


def reset_profile() -> None:
    path = _path()
    gone = profile.reset(path)
    note(f"removed {path}" if gone else f"there was no profile ({path})")


def _path() -> Path:
    path = profile.profile_path()
    if path is None:
        raise UsageError(
            f"{profile.VARIABLE} switches profiles off", "Unset it, or set it to a file's path."
        )
    return path


def _names(arguments: TuneArguments) -> list[str]:
    """The runtimes to try, those of the highest priority first."""
    registry = load_plugins()
    for kind in TUNED:
        reference = getattr(arguments, kind)
        if reference:
            registry.get(kind, split_reference(reference)[0])
    known = registry.names("backend")
    for name in arguments.backends:
        if name not in known:
            raise UnknownName(
                f"there is no runtime {name!r}",
                f"{did_you_mean(name, known)}There are: {', '.join(known)}.",
            )
    assembly = Assembly(registry, Store(offline=True))
    return sorted(arguments.backends or known, key=lambda name: -assembly.backend(name).priority)


def _options(arguments: TuneArguments, layouts: Iterable[TunedLayout]) -> dict[str, dict[str, str]]:
    """The options of components. UsageError for those of runtimes, because a reader that is given
    them does not follow the profile, and for those that nothing has."""
    options = parse_settings(arguments.settings)
    for component in filter(runtime_option, options):
        raise UsageError(
            f"--set {component}: a profile holds for runtimes without options of their own",
            "Leave it out.",
        )
    cells = [Cell(*_models(arguments, layout), decoder=arguments.decoder) for layout in layouts]
    check_options(cells, options)
    return options


def _models(arguments: TuneArguments, layout: TunedLayout) -> tuple[str, str]:
    """The recogniser, and the detector if there is need of one."""
    return arguments.recognizer, "" if layout == "line" else arguments.detector


def _datasets(arguments: TuneArguments) -> dict[TunedLayout, Dataset]:
    layouts = cast(
        "list[TunedLayout]", [arguments.layout] if arguments.layout else ["line", "page"]
    )
    if arguments.dataset is None:
        made = {"line": sample_lines, "page": sample_pages}
        return {layout: made[layout]() for layout in layouts}
    dataset = load_dataset(arguments.dataset)
    layout: TunedLayout = "line" if dataset.kind == "lines" else "page"
    if arguments.layout not in (None, layout):
        raise UsageError(
            f"{dataset.name} holds {dataset.kind}: --layout {arguments.layout} does not go with it",
            "Leave --layout out.",
        )
    count, most = len(dataset.samples), PICTURES[layout]
    if count > most:
        note(f"{most} of the {count} {dataset.kind} of {dataset.name} are used, evenly spread")
    return {layout: limited(dataset, most)}


def _plan(
    arguments: TuneArguments, layout: TunedLayout, runtimes: Sequence[str], pictures: int
) -> Plan:
    return Plan(
        *_models(arguments, layout),
        runtimes,
        available_cpus(),
        pictures,
        goal=cast("Goal", arguments.goal),
        max_loss=arguments.max_loss,
        budget=arguments.budget,
        few=FEW[layout],
        decoder=arguments.decoder,
    )


def _searched(plan: Plan, dataset: Dataset, found: Survey, settings: Settings) -> Outcome:
    def tell(stage: Stage, cells: Sequence[Cell]) -> None:
        count = f"{len(cells)} {'cell' if len(cells) == 1 else 'cells'}"
        note(f"{settings.layout_of(dataset)}: {DOING[stage]} ({count})")

    with MeasuringBar() as bar:
        return search(plan, harness(dataset, found.environment, settings, bar), tell)


def _print(outcome: Outcome, choice: Choice, plan: Plan) -> None:
    print_table([HEADINGS, *(_row(trial, outcome, plan) for trial in outcome.trials)])
    if outcome.untried:
        names = ", ".join(_short(cell) for cell in outcome.untried)
        note(f"there was no time for {names}; a larger --budget allows them")
    last = {trial.result.cell: trial.result for trial in outcome.trials}
    if not usable(last[outcome.reference.cell]):
        note("the reference failed in the final, so the earlier measurements decide")
    elif not outcome.pictures:
        note("there was no time to measure the best again; a larger --budget allows it")
    elif outcome.pictures < plan.pictures:
        note(
            f"there was time to measure the best on {outcome.pictures} of {plan.pictures} "
            "pictures; a larger --budget allows more"
        )
    print_line(_told(choice))


def _row(trial: Trial, outcome: Outcome, plan: Plan) -> tuple[str, ...]:
    result, cell = trial.result, trial.result.cell
    name = (cell.backend, cell.precisions, str(cell.threads))
    if not usable(result):
        return (*name, "-", "-", "-", "-", f"{result.state}: {result.reason}")
    speed = milliseconds(outcome.reference, plan.goal) / milliseconds(result, plan.goal)
    loss = trial.loss or 0.0
    return (
        *name,
        f"{milliseconds(result, plan.goal):.1f}",
        f"{speed:.2f}x",
        f"{accuracy(result):.2f} %",
        f"{loss:+.2f}",
        _verdict(trial, outcome, plan),
    )


def _verdict(trial: Trial, outcome: Outcome, plan: Plan) -> str:
    is_reference = trial.result.cell == outcome.reference.cell
    if trial.result.cell == outcome.chosen.cell:
        return "chosen, the reference" if is_reference else "chosen"
    if is_reference:
        return "the reference"
    if trial.loss is not None and trial.loss > plan.max_loss:
        return f"reads worse than --max-loss {plan.max_loss:g} allows"
    if trial.stage == "final":
        return "no faster"
    return "not in the final" if outcome.pictures else "no faster at a first look"


def _told(choice: Choice) -> str:
    parts = (choice.detector, choice.recognizer, choice.decoder)
    what = ", ".join(part for part in parts if part)
    return (
        f"  {choice.layout} ({what}): {choice.told}; {choice.ms:.1f} ms a picture, "
        f"{choice.characters:.2f} % of characters (reference: {choice.reference_ms:.1f} ms, "
        f"{choice.reference_characters:.2f} %); {choice.dataset}, {choice.created}"
    )


def _short(cell: Cell) -> str:
    return f"{cell.backend} {cell.precisions} {cell.threads}"


def _record(outcome: Outcome, choice: Choice, plan: Plan) -> dict[str, Any]:
    return {
        "choice": asdict(choice),
        "seconds": outcome.seconds,
        "pictures": outcome.pictures,
        "trials": [_trial_record(trial, outcome, plan) for trial in outcome.trials],
        "untried": [asdict(cell) for cell in outcome.untried],
    }


def _trial_record(trial: Trial, outcome: Outcome, plan: Plan) -> dict[str, Any]:
    result: CellResult = replace(trial.result, figures=None)
    measured = usable(trial.result)
    return {
        **asdict(result.cell),
        "state": result.state,
        "reason": result.reason,
        "stage": trial.stage,
        "ms": milliseconds(trial.result, plan.goal) if measured else None,
        "characters": accuracy(trial.result) if measured else None,
        "loss": trial.loss,
        "chosen": result.cell == outcome.chosen.cell,
    }
