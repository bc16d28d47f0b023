"""Gathers what the report shows, for its template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from ocrx.bench.data.dataset import Dataset
from ocrx.bench.figures.measures import COST, MEASURES, QUALITY, Measure, extra_measures, present
from ocrx.bench.figures.ranking import Ranking, cost, rank, score, speedup
from ocrx.bench.figures.result import CellResult, MachineInfo, Result
from ocrx.bench.figures.verdict import doubts, leads, sentences, step
from ocrx.bench.show.html import misses, palette
from ocrx.bench.show.html.curves import curves
from ocrx.bench.show.html.heat import heat_maps
from ocrx.bench.show.html.scatter import scatter
from ocrx.bench.show.html.stages import splits
from ocrx.bench.show.rows import explanations, ratio_note, sign
from ocrx.system.text import printable
from ocrx.version import VERSION

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Value:
    """A field of the table of all cells. `small` is its interval, `sign` its mark from `rows`."""

    text: str
    small: str = ""
    sign: str = ""


@dataclass(frozen=True)
class Line:
    """A row of the table of all cells."""

    number: int
    name: str
    state: str
    used: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Tile:
    """A box at the top of the report for the fastest or the most accurate cell."""

    heading: str
    name: str
    figures: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """A cell of the Pareto front, and what it gains over the one before."""

    number: int
    name: str
    time: str
    score: str
    gives: str


def page(result: Result, dataset: Dataset | None) -> dict[str, Any]:
    """The variables of templates/report.html."""
    ranking = rank(result)
    chosen = misses.representatives(result, ranking.accuracy)
    stages, split = splits(result)
    columns = (*QUALITY, *extra_measures(result.cells), *COST)
    measures = present(columns, result.cells)
    return {
        "result": result,
        "title": f"{printable(result.dataset.name)}: {_counted(result, ranking)}",
        "version": VERSION,
        "style": _style("style.css", "plot.css"),
        "themes": _themes(),
        "tiles": _tiles(result, ranking),
        "sentences": _sentences(result, ranking),
        "front": _front(result, ranking),
        "plots": [
            plot
            for plot in (
                scatter(result, ranking, 960, 520, 13.0),
                scatter(result, ranking, 400, 440, 12.0),
            )
            if plot
        ],
        "measures": measures,
        "lines": [_line(result, ranking, i, measures) for i in range(len(result.cells))],
        "ratio_note": ratio_note(result, ranking),
        "explanations": explanations(result),
        "maps": heat_maps(result, ranking),
        "curves": curves(chosen, 560, 380, 12.0),
        "stages": stages,
        "splits": split,
        "confusions": misses.confusions(chosen),
        "cards": misses.cards(chosen, dataset),
        "chosen": {printable(name): printable(cell.cell.name) for name, cell in chosen.items()},
        "environment": _environment(result.environment),
        "settings": {printable(k): printable(v) for k, v in result.settings.items()},
        "dataset": _dataset(result),
        "subtitle": [v for k, v in _dataset(result).items() if k not in ("Dataset", "Digest")],
        "rounds": sorted({len(cost(result.cells[i]).rounds) for i in ranking.measured}),
    }


def chart(result: Result, width: int, height: int) -> dict[str, Any] | None:
    """The variables of templates/chart.svg; None if no cell has both a time and a score."""
    plot = scatter(result, rank(result), width, height, 13.0)
    return {"plot": plot, "style": _style("plot.css"), "themes": _themes()} if plot else None


def _style(*names: str) -> str:
    return "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)


def _themes() -> dict[str, dict[str, str]]:
    return {"light": palette.colours(palette.LIGHT), "dark": palette.colours(palette.DARK)}


def _counted(result: Result, ranking: Ranking) -> str:
    count, all_of = len(ranking.measured), len(result.cells)
    some = str(count) if count == all_of else f"{count} of {all_of}"
    return f"{some} combination{'' if all_of == 1 else 's'} measured"


def _sentences(result: Result, ranking: Ranking) -> list[str]:
    """The sentences of the verdict that say more than the tiles and the table of the front."""
    told = doubts(result, ranking) if ranking.ranked else sentences(result, ranking)
    return [printable(sentence) for sentence in told]


def _tiles(result: Result, ranking: Ranking) -> list[Tile]:
    """Tiles for the fastest and the most accurate cell; a single one if they are the same."""
    quick, right = leads(ranking)
    fastest, best = ranking.fastest, ranking.best
    tiles = []
    if fastest is not None:
        told = _told(result.cells[fastest], ranking)
        if best == fastest:
            both = (*_like(ranking.as_fast, "in speed"), *_like(ranking.as_good, "in accuracy"))
            heading = f"{quick}, and {right[0].lower()}{right[1:]}"
            return [Tile(heading, _name(result, fastest), told, both)]
        tiles.append(Tile(quick, _name(result, fastest), told, _like(ranking.as_fast)))
    if best is not None:
        time, accuracy = _told(result.cells[best], ranking)
        tiles.append(Tile(right, _name(result, best), (accuracy, time), _like(ranking.as_good)))
    return tiles


def _name(result: Result, index: int) -> str:
    return printable(result.cells[index].cell.name)


def _like(same: tuple[int, ...], how: str = "") -> tuple[str, ...]:
    return (f"{len(same)} more cannot be told apart from it {how}".strip(),) if same else ()


def _told(cell: CellResult, ranking: Ranking) -> tuple[str, str]:
    """The cell's time, and its accuracy with the interval."""
    time = f"{MEASURES['p50'].cited(cell)} a picture"
    if ranking.accuracy is None:
        return time, ""
    found = score(cell, ranking.accuracy)
    interval = f"({found.low:.1f} to {found.high:.1f})"
    return time, f"{found.value:.1f} % {ranking.accuracy.title} {interval}"


def _front(result: Result, ranking: Ranking) -> list[Step]:
    gives = ["the fastest"]
    gives += [step(result, ranking, a, b) for a, b in pairwise(ranking.front)]
    return [
        Step(
            i + 1,
            printable(result.cells[i].cell.name),
            MEASURES["p50"].cited(result.cells[i]),
            f"{score(result.cells[i], ranking.accuracy).value:.1f} %",
            given,
        )
        for i, given in zip(ranking.front, gives, strict=False)
    ]


def _line(result: Result, ranking: Ranking, index: int, measures: tuple[Measure, ...]) -> Line:
    cell = result.cells[index]
    values = [_value(cell, index, measure, ranking) for measure in measures]
    ratio = speedup(result, ranking, index)
    if len(ranking.measured) > 1:
        values.append(Value("-" if ratio is None else f"{ratio:.2f}x"))
    used = cell.figures.used if cell.figures else ()
    told = (printable(f"{one.task}: {one.told}") for one in used)
    return Line(index + 1, printable(cell.cell.name), cell.state, "; ".join(told), tuple(values))


def _value(cell: CellResult, index: int, measure: Measure, ranking: Ranking) -> Value:
    interval = measure.interval(cell)
    small = f"{measure.shown(interval.low)} to {measure.shown(interval.high)}" if interval else ""
    return Value(measure.text(cell), small, sign(index, measure, ranking))


def _environment(environment: MachineInfo) -> Mapping[str, str]:
    found = {
        "Processor": f"{environment.cpu}, {environment.cores} cores",
        "Instructions": ", ".join(environment.cpu_flags),
        "Memory": f"{environment.memory_mb / 1024:.1f} GB",
        "Devices": ", ".join(environment.devices),
        "System": environment.system,
        "Python": environment.python,
        "Packages": ", ".join(f"{n} {v}" for n, v in environment.packages.items()),
        "Variables": ", ".join(f"{n}={v}" for n, v in environment.variables.items()),
    }
    return {name: printable(value) for name, value in found.items() if value}


def _dataset(result: Result) -> Mapping[str, str]:
    found = {
        "Dataset": result.dataset.name,
        "Pictures": f"{result.dataset.samples} {result.dataset.kind}",
        "From": result.dataset.origin,
        "Digest": result.dataset.digest[:16],
        "Started": _date(result.started),
    }
    return {name: printable(value) for name, value in found.items() if value}


def _date(text: str) -> str:
    """A date in ISO 8601 in a form for people; any other text unchanged."""
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return text
    return f"{found:%Y-%m-%d %H:%M} {found.tzname() or ''}".strip()
