"""What `ocrx bench` and `ocrx matrix` do: plan, measure with a bar on stderr, write the results."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ocrx.bench.dataset import Dataset, limited
from ocrx.bench.extra import bench_module
from ocrx.bench.files import save_result
from ocrx.bench.folding import Folding
from ocrx.bench.load import load_dataset
from ocrx.bench.log import FOLDER, OLD
from ocrx.bench.plan import Choices, plan
from ocrx.bench.result import Cell, Result
from ocrx.bench.runner import Progress, run_matrix
from ocrx.bench.settings import Settings
from ocrx.errors import UsageError
from ocrx.images import printable
from ocrx.plugins import load_plugins
from ocrx.store import default_cache_dir
from ocrx.types import Layout
from ocrx_cli.account import show_account
from ocrx_cli.bench_options import FOLDS
from ocrx_cli.choices import nearest
from ocrx_cli.console import INTERRUPTED, note
from ocrx_cli.reading import parse_settings
from ocrx_cli.showing import check_reports, show, write


@dataclass(frozen=True)
class Outputs:
    """The files to write, None for those that are not."""

    json: Path | None = None
    html: Path | None = None
    csv: Path | None = None
    markdown: Path | None = None

    def check(self, journal: Path | None) -> None:
        """Before hours of measuring. Raises OutputError, UsageError."""
        check_reports(
            csv=self.csv, markdown=self.markdown, html=self.html, json=self.json, journal=journal
        )

    def write(self, result: Result, dataset: Dataset, *, table: bool) -> None:
        """The files, and on stdout the table, or the account of a single cell."""
        if self.json:
            save_result(result, self.json)
        if table:
            show(result, dataset, csv=self.csv, markdown=self.markdown, html=self.html)
            return
        if self.html:
            from ocrx.bench.report import to_html

            write(self.html, to_html(result, dataset))
        show_account(result)


@dataclass(frozen=True)
class Job:
    """A command line. `settings` and `layout` are as they were given; `table` False is for a single
    cell."""

    dataset: Path
    form: str | None
    limit: int | None
    choices: Choices
    rounds: int
    time_limit: float
    fold: Sequence[str]
    preprocessors: Sequence[str]
    settings: Sequence[str]
    layout: str | None
    download: bool
    outputs: Outputs
    journal: Path | None = None
    resume: bool = False
    table: bool = True


def run(job: Job) -> int:
    """Measure, show, write; the exit code: 0 if any cell has figures, else 1."""
    for name in ("psutil", "cattrs"):
        bench_module(name)
    job.outputs.check(job.journal)
    dataset = limited(load_dataset(job.dataset, form=job.form), job.limit)
    settings = Settings(
        rounds=job.rounds,
        time_limit=job.time_limit,
        folding=folding(job.fold),
        layout=cast("Layout | None", job.layout),
        preprocessors=tuple(job.preprocessors),
        options=parse_settings(job.settings),
        download=job.download,
    )
    registry = load_plugins()
    for name in settings.preprocessors:
        registry.get("preprocessor", name)
    cells = plan(job.choices, registry, settings.layout_of(dataset), settings.options)
    journal = job.journal or _journal(job.outputs.json, dataset, cells, settings)
    if job.resume and not journal.is_file():
        note("there is no run to continue: this one begins at the beginning")
    elif journal.is_file() and not job.resume:
        kept = printable(str(journal.with_name(journal.name + OLD)))
        note(f"a run that was cut is not continued (--resume would); its journal is now {kept}")
    try:
        with Bar() as bar:
            result = run_matrix(dataset, cells, settings, bar, journal=journal, resume=job.resume)
    except KeyboardInterrupt:
        note("interrupted; --resume continues from here")
        return INTERRUPTED
    job.outputs.write(result, dataset, table=job.table)
    if job.journal is None:
        journal.unlink(missing_ok=True)
    return 0 if any(cell.figures for cell in result.cells) else 1


def folding(names: Sequence[str]) -> Folding:
    """The folding of those names. Raises UsageError for another."""
    for name in names:
        if name not in FOLDS:
            raise UsageError(
                f"--fold {name!r} is not known",
                f"{nearest(name, FOLDS)}There are: {', '.join(FOLDS)}.",
            )
    return Folding(**dict.fromkeys(names, True))


def _journal(
    beside: Path | None, dataset: Dataset, cells: Sequence[Cell], settings: Settings
) -> Path:
    """Beside the result, or in the cache under what is measured."""
    if beside is not None:
        return beside.with_name(f"{beside.name}.journal")
    run = [str(dataset.path.absolute()), len(dataset.samples), [cell.name for cell in cells]]
    text = json.dumps([*run, settings.lasting(dataset)])
    name = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return default_cache_dir() / FOLDER / f"{name}.journal"


class Bar:
    """How far a run is, on stderr if that is a terminal. Drawn between measurements only: nothing
    of it runs while a cell is measured."""

    def __init__(self) -> None:
        self._bar: Any = None

    def __call__(self, progress: Progress) -> None:
        if self._bar is not None:
            left = "" if progress.left is None else f"{_clock(progress.left)} left"
            self._bar.update(
                self._task,
                completed=progress.done,
                total=progress.total,
                left=left,
                what=f"{progress.cell}: {_DOING[progress.doing]}",
                refresh=True,
            )

    def __enter__(self) -> Bar:
        if sys.stderr is not None and sys.stderr.isatty():
            from rich import progress
            from rich.console import Console

            self._bar = progress.Progress(
                progress.BarColumn(),
                progress.MofNCompleteColumn(),
                progress.TextColumn("{task.fields[left]}  {task.fields[what]}", markup=False),
                console=Console(stderr=True),
                transient=True,
                auto_refresh=False,
                redirect_stdout=False,
            )
            self._task = self._bar.add_task("", total=None, left="", what="")
            self._bar.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._bar is not None:
            self._bar.stop()


_DOING = {
    "prepare": "preparing",
    "open": "warming up",
    "round": "reading",
    "together": "reading all together",
}


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
