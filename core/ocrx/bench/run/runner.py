"""Measuring many cells: each in a process of its own, all of them in turn, round by round.

Only one process works at a time. In every round each cell reads all pictures. The order of the
cells is reversed from round to round, so that a drift of the machine affects all alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ocrx.bench.data.dataset import Dataset
from ocrx.bench.data.extra import bench_module
from ocrx.bench.data.info import describe
from ocrx.bench.data.pictures import as_files
from ocrx.bench.figures.result import Cell, MachineInfo, Result
from ocrx.bench.run.busy import others_share
from ocrx.bench.run.doubts import AGAIN
from ocrx.bench.run.environment import environment, free_mb
from ocrx.bench.run.forecast import Forecast
from ocrx.bench.run.log import MEASURED, Journal, open_journal
from ocrx.bench.run.messages import Job
from ocrx.bench.run.parity import REFERENCES, is_reference, models_of, reference_cell, reference_key
from ocrx.bench.run.plan import check_options, options_of
from ocrx.bench.run.process import CellFailed, CellProcess, OutOfTime, ask_once, cell_process
from ocrx.bench.run.settings import Settings
from ocrx.bench.run.summary import summarise
from ocrx.errors import UsageError
from ocrx.system.memory import total_memory

SPARE = 0.1
"""The fraction of the machine's memory that stays free."""


@dataclass(frozen=True)
class RunProgress:
    """The progress of a run: steps done and in all, the current cell and what it does, and the
    seconds left, None while they are unknown."""

    done: int
    total: int
    cell: str
    doing: str
    left: float | None


Observer = Callable[[RunProgress], None]
"""Called before each step. Nothing is measured while it runs."""


def run_matrix(
    dataset: Dataset,
    cells: Sequence[Cell],
    settings: Settings | None = None,
    observer: Observer = lambda progress: None,
    *,
    journal: Path | None = None,
    resume: bool = False,
    machine: MachineInfo | None = None,
) -> Result:
    """Measure every cell. The failure of one does not affect the others.

    `journal` is the file that records what was measured, so that `resume` can continue a run that
    was interrupted. `machine` describes the machine, None to examine it now.

    Raises UsageError if there is nothing to measure, if the extra `bench` is not installed, or if
    the journal is of another run; InputError and OutputError if the journal cannot be read or
    written; PluginError if the machine cannot be examined. Whatever is raised, KeyboardInterrupt
    too, all processes are ended.
    """
    settings = settings or Settings()
    if not dataset.samples or not cells:
        raise UsageError("there is nothing to measure", "Give pictures and at least one cell.")
    if len(set(cells)) < len(cells):
        raise UsageError("a cell was given twice", "Give each cell once.")
    check_options(cells, settings.options)
    for name in ("psutil", "cattrs"):
        bench_module(name)
    started = datetime.now(timezone.utc).isoformat(timespec="seconds")
    found = machine or environment(ask_once("machine"))
    info = describe(dataset)
    with as_files(dataset) as pictures:
        header = {
            "dataset": asdict(info),
            "settings": settings.lasting(dataset),
            "environment": asdict(found),
            "cells": [cell.name for cell in cells],
        }
        with open_journal(journal, header, resume) as kept:
            run = _Run(dataset, cells, settings)
            run.measure(pictures, kept, observer)
        results, warnings = summarise(dataset, cells, settings, kept.logs)
    return Result(info, found, results, started, settings.told(dataset), warnings)


class _Run:
    def __init__(self, dataset: Dataset, cells: Sequence[Cell], settings: Settings) -> None:
        self._cells = {str(index): cell for index, cell in enumerate(cells)}
        self._settings = settings
        self._layout = settings.layout_of(dataset)
        self._forecast = Forecast(settings.rounds, settings.together)
        self._pictures: Sequence[str] = ()
        self._journal = Journal(None)
        self._observer: Observer = lambda progress: None
        self._preparing = ExitStack()
        self._preparer: CellProcess | None = None

    def measure(self, pictures: Sequence[str], journal: Journal, observer: Observer) -> None:
        """Measure all cells, in groups that fit into memory. Then run the reference for models that
        were not measured on it."""
        self._pictures, self._journal, self._observer = pictures, journal, observer
        for key, log in journal.logs.items():
            if AGAIN not in key:
                log.reopen(self._settings.time_limit)
        waiting = [key for key in self._cells if journal.log(key).end is None]
        number = 1 + sum(AGAIN in key for key in journal.logs)
        with self._preparing:
            while waiting:
                waiting = self._group(waiting, number)
                number += 1
            if self._settings.parity:
                self._references()

    def _references(self) -> None:
        logs = self._journal.logs
        networks = [(self._cells[key], logs[key]) for key in self._cells if logs[key].network]
        for models in dict.fromkeys(models_of(cell) for cell, _ in networks):
            same = [log for cell, log in networks if models_of(cell) == models]
            for backend in REFERENCES:
                if any(is_reference(log, backend) for log in same):
                    break
                if self._read_reference(reference_cell(models, backend)):
                    break

    def _read_reference(self, cell: Cell) -> bool:
        key = reference_key(cell)
        log = self._journal.log(key)
        if log.end is None:
            with ExitStack() as stack:
                process = self._start(stack, key, cell, warm=0)
                if process and self._ask(key, cell, process, "round", answers=True):
                    self._journal.add(key, "end", {"state": MEASURED})
        return log.measured

    def _group(self, waiting: list[str], number: int) -> list[str]:
        """Measure as many of the cells as fit into memory, in rounds. Returns the others.

        A later group measures the run's first measured cell again. The difference from its first
        time shows how the machine has changed.
        """
        with ExitStack() as stack:
            group: dict[str, tuple[Cell, CellProcess]] = {}
            again = next((key for key in self._cells if self._journal.log(key).measured), None)
            keys = [] if again is None else [f"{again}{AGAIN}{number}"]
            for key in keys:
                self._join(stack, group, key, self._cells[key.partition(AGAIN)[0]])
            rest = list(waiting)
            while rest and (len(group) <= len(keys) or self._has_room(group)):
                key = rest.pop(0)
                self._join(stack, group, key, self._cells[key])
            self._preparing.close()
            self._rounds(group, "round", self._settings.rounds)
            self._rounds(group, "together", self._settings.together)
            for key in group:
                self._journal.add(key, "end", {"state": MEASURED})
        return rest

    def _join(
        self,
        stack: ExitStack,
        group: dict[str, tuple[Cell, CellProcess]],
        key: str,
        cell: Cell,
    ) -> None:
        process = self._start(stack, key, cell, self._settings.warm_seconds)
        if process is not None:
            group[key] = cell, process

    def _has_room(self, group: Mapping[str, tuple[Cell, CellProcess]]) -> bool:
        """Whether one more like the largest so far fits."""
        largest = max(self._journal.log(key).opened[-1].held_mb for key in group)
        return free_mb() > 1.5 * largest + SPARE * total_memory() / 2**20

    def _rounds(self, group: dict[str, tuple[Cell, CellProcess]], what: str, count: int) -> None:
        """So many rounds of each, but for those it has; who fails leaves the group."""
        forwards = True
        while pending := [k for k in group if self._count(k, what) < count]:
            for key in pending if forwards else reversed(pending):
                cell, process = group[key]
                options = {} if what == "together" else {"answers": not self._count(key, what)}
                if not self._ask(key, cell, process, what, **options):
                    process.close()
                    del group[key]
            forwards = not forwards

    def _count(self, key: str, what: str) -> int:
        log = self._journal.log(key)
        return len(log.rounds if what == "round" else log.together)

    def _start(self, stack: ExitStack, key: str, cell: Cell, warm: float) -> CellProcess | None:
        """The cell's process, open and warm; None if that failed."""
        job = Job(
            cell.recognizer, cell.detector, cell.backend, cell.precision, cell.device, cell.threads,
            self._layout, (cell.preprocessors,) if cell.preprocessors else (),
            options_of(cell, self._settings.options),
            not self._settings.download, self._pictures, warm, decoder=cell.decoder,
            detector_precision=cell.detector_precision, detector_device=cell.detector_device,
            detector_threads=cell.detector_threads, reading=self._settings.reading,
        )  # fmt: skip
        prepared = self._ask(key, cell, self._fresh_preparer(), "prepare", job=job)
        if prepared is None:
            return None
        changes = {"layout": prepared["layout"], "own_detector": prepared["own_detector"]}
        process = stack.enter_context(cell_process())
        ready = Job(**{**asdict(job), **changes})
        if self._ask(key, cell, process, "open", job=ready) is None:
            process.close()
            return None
        return process

    def _fresh_preparer(self) -> CellProcess:
        """The process that prepares the models of a group's cells; a new one if it has ended.

        It is ended before the group's rounds, because it holds memory.
        """
        if self._preparer is None or not self._preparer.alive:
            self._preparer = self._preparing.enter_context(cell_process())
        self._preparer.seconds = 0.0
        return self._preparer

    def _ask(
        self, key: str, cell: Cell, process: CellProcess, do: str, **command: Any
    ) -> dict[str, Any] | None:
        """The answer, which is added to the journal. None if the cell failed: the journal then gets
        the reason."""
        self._tell(cell, do)
        before = process.seconds
        try:
            with others_share() as share:
                left = self._settings.time_limit - process.seconds
                entry = process.ask(do, left, **command)
        except CellFailed as failed:
            self._journal.add(key, "end", self._ended(key, failed))
            return None
        if do == "round":
            entry["others"] = share(entry["cpu"])
        self._forecast.took(key, do, process.seconds - before)
        self._journal.add(key, do, entry)
        return entry

    def _ended(self, key: str, failed: CellFailed) -> dict[str, Any]:
        """The end to record for a cell that failed. A cell that ran out of time counts as measured
        if it has completed a round."""
        ended: dict[str, Any] = {
            "state": failed.state,
            "reason": failed.reason,
            "remedy": failed.remedy,
        }
        if isinstance(failed, OutOfTime):
            if self._journal.log(key).rounds:
                ended = {"state": MEASURED}
            ended["limit"] = self._settings.time_limit
        return ended

    def _tell(self, cell: Cell, do: str) -> None:
        logs = {key: self._journal.log(key) for key in self._cells}
        done, total, left = self._forecast.state(logs)
        self._observer(RunProgress(done, total, cell.name, do, left))
