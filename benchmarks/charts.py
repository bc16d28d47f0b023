"""Charts of several runs in one: accuracy against time, a point for each model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import fmean, geometric_mean

from ocrx.bench.figures.measures import RANKED, headline
from ocrx.bench.figures.result import Cell, CellResult, Cost, Figures, Interval, Quality, Result
from ocrx.bench.show.html import to_svg


def chart(results: Sequence[Result]) -> str:
    """An SVG of the models that all runs have figures of, each on its fastest runtime: the mean of
    accuracies against the geometric mean of times; "" if there are none."""
    if not results:
        return ""
    shared = [
        cells
        for cells in zip(*(result.cells for result in results), strict=True)
        if all(cell.figures and cell.state in RANKED for cell in cells)
    ]
    means = [mean for cells in shared if (mean := _mean(cells, results))]
    fastest = {model: min(some, key=_time) for model, some in _by_model(means).items()}
    named = (replace(one, cell=Cell(one.cell.name, backend="")) for one in fastest.values())
    return to_svg(replace(results[0], cells=tuple(named), settings={}))


def _mean(cells: Sequence[CellResult], results: Sequence[Result]) -> CellResult | None:
    measures = [headline(result) for result in results]
    found = [m and m.interval(cell) for m, cell in zip(measures, cells, strict=True)]
    scores = [one for one in found if one]
    costs = [cell.figures.cost for cell in cells if cell.figures]
    measure = measures[0]
    if len(scores) < len(cells) or measure is None:
        return None
    score = Interval(
        *(fmean(getattr(s, name) for s in scores) for name in ("value", "low", "high"))
    )
    times = [geometric_mean(cost.p50 for cost in costs)]
    times += [geometric_mean(some) for some in zip(*(cost.rounds for cost in costs), strict=False)]
    quality = Quality(
        sum(cell.figures.quality.samples for cell in cells if cell.figures),
        "none",
        characters=score if measure.key == "characters" else None,
        words=score if measure.key == "words" else None,
    )
    cost = Cost(times[0], times[0], times[0], None, tuple(times[1:]) or (times[0],), 0.0)
    return CellResult(
        replace(cells[0].cell, detector=""),
        "ok",
        figures=Figures(quality, cost),
    )


def _time(cell: CellResult) -> float:
    return cell.figures.cost.p50 if cell.figures else float("inf")


def _by_model(cells: Iterable[CellResult]) -> dict[str, list[CellResult]]:
    found: dict[str, list[CellResult]] = {}
    for cell in cells:
        found.setdefault(cell.cell.models, []).append(cell)
    return found
