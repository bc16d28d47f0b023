"""A run as CSV: a row for each cell, and a column for each figure, unrounded."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from ocrx.bench.figures.measures import COST, QUALITY, Measure, extra_measures
from ocrx.bench.figures.ranking import rank, speedup
from ocrx.bench.figures.result import CellResult, Result
from ocrx.bench.show.rows import explanation
from ocrx.output.strings import well_formed

CELL = (
    *("detector", "recognizer", "decoder", "backend", "precision", "device", "threads"),
    *("preprocessors", "detector_precision", "detector_device", "detector_threads"),
)
STAGES = ("decode", "preprocess", "detect", "rectify", "recognize", "decode_text", "orient")


def to_csv(result: Result) -> str:
    """The run as CSV.

    Units are those of the result: milliseconds, megabytes, percent. A field is empty if the figure
    was not measured. Lines end with LF; fields are quoted only where necessary.
    """
    ranking = rank(result)
    stages = stages_of(result)
    qualities = (*QUALITY, *extra_measures(result.cells))
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(
        [
            *CELL,
            "state",
            *(f"{m.key}{part}" for m in qualities for part in ("", "_low", "_high")),
            *(m.key for m in COST),
            *(f"stage_{stage}" for stage in stages),
            *("rounds", "ratio", "equal", "change", "samples", "folding", "reason", "remedy"),
        ]
    )
    for i, cell in enumerate(result.cells):
        ratio = speedup(result, ranking, i)
        fields = [*_identity(cell), *_figures(cell, qualities, stages, ratio), *explanation(cell)]
        writer.writerow([well_formed(f) if isinstance(f, str) else f for f in fields])
    return buffer.getvalue()


def stages_of(result: Result) -> list[str]:
    """The stages that at least one cell has, in the order of reading; those of plugins last."""
    found = {name for cell in result.cells if cell.figures for name in cell.figures.cost.stages}
    return [*(s for s in STAGES if s in found), *sorted(found - set(STAGES))]


def _identity(cell: CellResult) -> list[object]:
    return [*(getattr(cell.cell, name) for name in CELL), cell.state]


def _figures(
    cell: CellResult, qualities: Iterable[Measure], stages: list[str], ratio: float | None
) -> Iterator[object]:
    for quality in qualities:
        interval = quality.interval(cell)
        yield from (interval.value, interval.low, interval.high) if interval else (None,) * 3
    for measure in COST:
        yield measure.read(cell.figures) if cell.figures else None
    figures = cell.figures
    yield from (figures.cost.stages.get(stage) if figures else None for stage in stages)
    yield " ".join(f"{time:g}" for time in figures.cost.rounds) if figures else None
    yield ratio
    parity = figures.parity if figures else None
    yield from (parity.equal, parity.change) if parity else (None, None)
    yield from (figures.quality.samples, figures.quality.folding) if figures else (None, None)
