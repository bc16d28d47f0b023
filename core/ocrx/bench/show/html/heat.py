"""Heat maps, with a row for each model and a column for each runtime and its settings. Each field
shows a figure, or the state of a cell that has none."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from ocrx.bench.figures.measures import MEASURES, Measure, extra_measures, present
from ocrx.bench.figures.ranking import Ranking
from ocrx.bench.figures.result import CellResult, Interval, Result
from ocrx.bench.show.html.groups import backend_of, setting_of
from ocrx.bench.show.html.palette import LEVELS
from ocrx.bench.show.html.scales import LEAST, share_scale
from ocrx.system.text import printable

KEYS = ("characters", "exact", "words", "hmean", "p50", "images_per_second", "peak_mb", "model_mb")
TIMES = ("p50", "images_per_second")
"""The measures of time: none is marked as the best if times are too noisy to rank."""

NEAR = 1.5
"""If the largest cost is less than this many times the smallest, only some of the shades are used:
small differences look small."""

NOT_RUN = "–"
"""The text of a combination that was not part of the run."""


@dataclass(frozen=True)
class Field:
    """A field of a heat map. `text` is a figure, with its shade as `level`; or a state, with a
    `level` of None. `small` is a state that is shown beside a figure."""

    text: str
    small: str = ""
    level: int | None = None
    best: bool = False


@dataclass(frozen=True)
class Row:
    """A row of a heat map: the name of a model or measure, and a field for each column."""

    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class HeatMap:
    """A heat map. `backends` are the upper headings of the columns, each with the number of columns
    that it spans; `settings` are the lower ones. `note` says which way is better."""

    title: str
    note: str
    corner: str
    backends: tuple[tuple[str, int], ...]
    settings: tuple[str, ...]
    rows: tuple[Row, ...]


def heat_maps(result: Result, ranking: Ranking) -> list[HeatMap]:
    """A heat map for each measure. For a run of a single model, one map whose rows are the
    measures."""
    own = [MEASURES[key] for key in KEYS]
    measures = present([*own, *extra_measures(result.cells)], result.cells)
    models = list(dict.fromkeys(cell.cell.models for cell in result.cells))
    columns = list(dict.fromkeys((backend_of(c.cell), setting_of(c.cell)) for c in result.cells))
    order = list(dict.fromkeys(backend for backend, _ in columns))
    columns.sort(key=lambda column: order.index(column[0]))
    backends = tuple((printable(b), len(list(g))) for b, g in groupby(columns, lambda c: c[0]))
    settings = tuple(printable(setting) for _, setting in columns)
    places = {(c.cell.models, backend_of(c.cell), setting_of(c.cell)): c for c in result.cells}

    def row(name: str, model: str, shades: dict[int, Field]) -> Row:
        cells = [places.get((model, *column)) for column in columns]
        fields = (Field(NOT_RUN) if cell is None else shades[id(cell)] for cell in cells)
        return Row(printable(name), tuple(fields))

    if len(models) == 1:
        rows = tuple(
            row(f"{m.title}, {m.unit}", models[0], _shades(m, result.cells, ranking))
            for m in measures
        )
        note = "In each row, darker is better."
        return [HeatMap("All measures", note, "measure", backends, settings, rows)] if rows else []
    return [
        HeatMap(
            f"{measure.title[0].upper()}{measure.title[1:]}, {measure.unit}",
            f"Darker is better: {'more' if measure.better == 'higher' else 'less'}.",
            "model",
            backends,
            settings,
            tuple(row(model, model, shades) for model in models),
        )
        for measure in measures
        for shades in (_shades(measure, result.cells, ranking),)
    ]


def _shades(measure: Measure, cells: Sequence[CellResult], ranking: Ranking) -> dict[int, Field]:
    """The field of each cell, by its id."""
    values = {i: v for i, cell in enumerate(cells) if (v := measure.value(cell)) is not None}
    ranked = [i for i in values if i in ranking.ranked]
    merits = _merits(measure, values, ranked or list(values))
    differ = bool(ranked) and min(merits[i] for i in ranked) < 1
    named = differ and not (ranking.noisy and measure.key in TIMES)
    fields = {}
    for i, cell in enumerate(cells):
        if i not in merits:
            fields[id(cell)] = Field(cell.state if not cell.figures else "not measured")
            continue
        small = cell.state if cell.state == "mismatch" else ""
        level = round(merits[i] * (LEVELS - 1))
        best = named and i in ranked and merits[i] == 1
        fields[id(cell)] = Field(measure.text(cell), small, level, best)
    return fields


def _merits(
    measure: Measure, values: Mapping[int, float], ranked: Sequence[int]
) -> dict[int, float]:
    """How good each value is, from 1 for the best ranked one to 0.

    It falls linearly with percentages, and with the logarithm of all other values. If all values
    are close together, all are near 1. An unranked value outside the range of the ranked ones
    counts as the nearest of them.
    """
    if not values:
        return {}
    known = [values[i] for i in ranked]
    place: Callable[[float], float]
    if measure.unit == "%":
        bottom = share_scale([Interval(v, v, v) for v in known], 0.0, 1.0).low
        low, place, least = max(min(known), bottom), float, LEAST
    else:
        low = min((value for value in known if value > 0), default=1.0)
        place, least = math.log, math.log(NEAR)
    high = max(*known, low)
    best = place(low if measure.better == "lower" else high)
    span = max(place(high) - place(low), least)
    return {i: 1 - abs(best - place(min(max(v, low), high))) / span for i, v in values.items()}
