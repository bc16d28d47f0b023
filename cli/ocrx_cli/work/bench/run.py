"""From the command line of `ocrx bench` or `matrix` to results: plan, measure, show, write."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, cast

from ocrx.bench.data.dataset import Dataset, limited
from ocrx.bench.data.extra import bench_module
from ocrx.bench.data.load import load_dataset
from ocrx.bench.figures.folding import Folding
from ocrx.bench.figures.metric import open_metrics
from ocrx.bench.figures.result import Cell
from ocrx.bench.run.log import FOLDER, OLD
from ocrx.bench.run.plan import Choices, plan
from ocrx.bench.run.runner import run_matrix
from ocrx.bench.run.settings import Settings
from ocrx.errors import UsageError
from ocrx.names import Layout
from ocrx.plugins.registry import load_plugins
from ocrx.plugins.settings import parse_settings, take
from ocrx.reading.assembly import Assembly
from ocrx.reading.options import check_options
from ocrx.system.suggest import did_you_mean
from ocrx.system.text import printable
from ocrx.weights.store import Store, default_cache_dir
from ocrx_cli.terminal.console import INTERRUPTED, note
from ocrx_cli.terminal.progress import MeasuringBar
from ocrx_cli.work.bench.outputs import Outputs


@dataclass(frozen=True)
class BenchArguments:
    """The command line of `ocrx bench` or `ocrx matrix`.

    `reading` are arguments of Reader, of which those that are None, empty or 1 are left out.
    `table` is True for cells that are shown as a table, False for one that is shown in full.
    """

    dataset: Path
    form: str | None
    limit: int | None
    choices: Choices
    rounds: int
    time_limit: float
    fold: Sequence[str]
    settings: Sequence[str]
    layout: str | None
    download: bool
    outputs: Outputs
    journal: Path | None = None
    resume: bool = False
    table: bool = True
    metrics: Sequence[str] = ()
    reading: Mapping[str, Any] = field(default_factory=dict)


def run(arguments: BenchArguments) -> int:
    """Measure, write and show. Returns the exit code: 0 if any cell has figures, else 1."""
    for name in ("psutil", "cattrs"):
        bench_module(name)
    arguments.outputs.check(arguments.journal)
    dataset = limited(load_dataset(arguments.dataset, form=arguments.form), arguments.limit)
    registry = load_plugins()
    options = parse_settings(arguments.settings)
    for_metrics = take(options, "metric")
    check_options(for_metrics, {"metric": arguments.metrics})
    settings = Settings(
        rounds=arguments.rounds,
        time_limit=arguments.time_limit,
        folding=folding(arguments.fold),
        layout=cast("Layout | None", arguments.layout),
        options=options,
        reading={name: one for name, one in arguments.reading.items() if one not in (None, "", 1)},
        metrics=open_metrics(arguments.metrics, Assembly(registry, Store(), for_metrics)),
        download=arguments.download,
    )
    cells = plan(arguments.choices, registry, settings.layout_of(dataset), settings.options)
    journal = arguments.journal or _journal(arguments.outputs.json, dataset, cells, settings)
    if arguments.resume and not journal.is_file():
        note("there is no interrupted run to continue, so this one starts from the beginning")
    elif journal.is_file() and not arguments.resume:
        kept = printable(str(journal.with_name(journal.name + OLD)))
        note(f"an interrupted run is not continued (--resume does that); its journal is now {kept}")
    try:
        with MeasuringBar() as bar:
            result = run_matrix(
                dataset, cells, settings, bar, journal=journal, resume=arguments.resume
            )
    except KeyboardInterrupt:
        note("interrupted; --resume continues from here")
        return INTERRUPTED
    arguments.outputs.write(result, dataset, table=arguments.table)
    if arguments.journal is None:
        journal.unlink(missing_ok=True)
    return 0 if any(cell.figures for cell in result.cells) else 1


def folding(names: Sequence[str]) -> Folding:
    """The folding with these switched on. Raises UsageError for an unknown name."""
    known = [one.name for one in fields(Folding)]
    for name in names:
        if name not in known:
            raise UsageError(
                f"--fold {name!r} is not known",
                f"{did_you_mean(name, known)}There are: {', '.join(known)}.",
            )
    return Folding(**dict.fromkeys(names, True))


def _journal(
    beside: Path | None, dataset: Dataset, cells: Sequence[Cell], settings: Settings
) -> Path:
    """The journal's path: beside the result, or in the cache by a hash of what is measured."""
    if beside is not None:
        return beside.with_name(f"{beside.name}.journal")
    run = [str(dataset.path.absolute()), len(dataset.samples), [cell.name for cell in cells]]
    text = json.dumps([*run, settings.lasting(dataset)])
    name = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return default_cache_dir() / FOLDER / f"{name}.journal"
