"""Computing the figures of cells from their records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ocrx.bench.data.dataset import Answer, Dataset, ReadLine
from ocrx.bench.figures.quality import extra_figure, measure_quality
from ocrx.bench.figures.result import Cell, CellResult, Cost, Figures, Parity, Quality
from ocrx.bench.run.doubts import doubts
from ocrx.bench.run.log import Log
from ocrx.bench.run.messages import Point, Round
from ocrx.bench.run.parity import compare, find_reference, mismatch, models_of
from ocrx.bench.run.settings import Settings
from ocrx.errors import PluginError

LEAST_READ = 100
"""The least number of pictures between the first and last measurement of memory for a slope."""

MOST_POINTS = 300
REMEDY = "Use another runtime or precision for these models, or report it to the runtime's authors."


def summarise(
    dataset: Dataset, cells: Sequence[Cell], settings: Settings, logs: Mapping[str, Log]
) -> tuple[tuple[CellResult, ...], tuple[str, ...]]:
    """The result of each cell, and the warnings about the run."""
    keyed = {str(index): cell for index, cell in enumerate(cells)}
    summary = _Summary(dataset, keyed, settings, logs)
    results = tuple(summary.result(key) for key in keyed)
    told = doubts(dataset, keyed, settings, logs, results)
    return results, (*told, *summary.failed_metrics)


class _Summary:
    def __init__(
        self,
        dataset: Dataset,
        cells: Mapping[str, Cell],
        settings: Settings,
        logs: Mapping[str, Log],
    ) -> None:
        self._dataset = dataset
        self._cells = cells
        self._settings = settings
        self._logs = logs
        self._qualities: dict[int, Quality] = {}
        self.failed_metrics: dict[str, None] = {}

    def result(self, key: str) -> CellResult:
        cell, log = self._cells[key], self._logs[key]
        failed = log.failed
        if failed is not None:
            return CellResult(cell, *failed)
        engine = log.prepared is not None and log.prepared.engine
        used = tuple(log.opened[-1].used)
        parity = self._parity(cell, log) if self._settings.parity and not engine else None
        figures = Figures(self._quality(log), cost(log), used, parity)
        if engine:
            return CellResult(cell, "built-in", figures=figures)
        reason = mismatch(parity, [one.precision for one in used]) if parity else ""
        if reason:
            return CellResult(cell, "mismatch", reason, REMEDY, figures)
        return CellResult(cell, "ok", figures=figures)

    def _parity(self, cell: Cell, log: Log) -> Parity | None:
        found = find_reference(models_of(cell), self._cells, self._logs)
        if found is None:
            return None
        name, other = found
        mine, theirs = (answers_of(one.rounds[0]) for one in (log, other))
        return compare(name, mine, theirs, self._quality(log), self._quality(other))

    def _quality(self, log: Log) -> Quality:
        if id(log) not in self._qualities:
            self._qualities[id(log)] = self._measured(answers_of(log.rounds[0]))
        return self._qualities[id(log)]

    def _measured(self, answers: Sequence[Answer | None]) -> Quality:
        """The quality, with a figure of every metric that does not fail."""
        asked = (self._dataset.samples, answers, self._settings.folding)
        found = []
        for name, metric in self._settings.metrics.items():
            try:
                found.append(extra_figure(*asked, name, metric))
            except PluginError as error:
                self.failed_metrics.setdefault(f"{error.message}, so it has no figure")
        extra = tuple(one for one in found if one is not None)
        return replace(measure_quality(*asked), extra=extra)


def answers_of(one: Round) -> list[Answer | None]:
    """What was read in each picture, None for a picture that could not be read."""
    found: list[Answer | None] = []
    for answer in one.answers or ():
        if answer is None:
            found.append(None)
            continue
        text, lines, confidence = answer
        corners = [(tuple((x, y) for x, y in polygon), line) for polygon, line in lines]
        read = tuple(ReadLine(polygon, line) for polygon, line in corners)
        found.append(Answer(text, read, confidence))
    return found


def cost(log: Log) -> Cost:
    """The cost of a cell that was measured."""
    rounds = [[time for time in one.times if time is not None] for one in log.rounds]
    times = np.array([time for one in rounds for time in one])
    medians = tuple(float(np.median(one)) for one in rounds)
    p50, p90, p99 = (float(value) for value in np.percentile(times, (50, 90, 99)))
    rates = [one.read / one.spent * 1000 for one in log.together if one.spent]
    stages = {
        stage: sum(one.stages[stage] for one in log.rounds) / len(times)
        for stage in log.rounds[0].stages
    }
    prepared, opened = log.prepared, log.opened[0]
    return Cost(
        p50,
        p90,
        p99,
        float(np.median(rates)) if rates else None,
        medians,
        100 * (max(medians) - min(medians)) / float(np.median(medians)),
        stages,
        opened.startup,
        opened.first,
        prepared.build if prepared else None,
        prepared.model_mb if prepared else None,
        max(one.peak_mb for one in log.rounds),
        slope(log.memory),
    )


def slope(memory: Sequence[Sequence[Point]]) -> float | None:
    """The growth of memory in KiB per picture, in the process with the most measurements.

    It is the Theil-Sen estimator, the median of the slopes between all pairs of points, on which
    passing peaks have little influence. None if too few pictures were read.
    """
    points = max(memory, key=len, default=())
    if len(points) < 2 or points[-1][0] - points[0][0] < LEAST_READ:
        return None
    thin = np.array(points[:: -(-len(points) // MOST_POINTS)], dtype=np.float64)
    i, j = np.triu_indices(len(thin), 1)
    rise = (thin[j, 1] - thin[i, 1]) * 1024
    return float(np.median(rise / (thin[j, 0] - thin[i, 0])))
