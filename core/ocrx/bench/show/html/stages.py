"""The time of each cell by the stages of reading."""

from __future__ import annotations

from dataclasses import dataclass

from ocrx.bench.figures.measures import significant
from ocrx.bench.figures.result import Result
from ocrx.bench.show.csv import stages_of
from ocrx.bench.show.html.palette import SERIES
from ocrx.system.text import printable


@dataclass(frozen=True)
class Segment:
    """A stage's part of the bar of a cell. `share` is in percent of the cell's total."""

    stage: str
    series: int
    share: float


@dataclass(frozen=True)
class Split:
    """A cell's time by stages. `total` and `figures` are in milliseconds a picture, as text."""

    number: int
    name: str
    total: str
    segments: tuple[Segment, ...]
    figures: tuple[str, ...]

    @property
    def told(self) -> str:
        """The bar in words, for readers who cannot see it."""
        return ", ".join(f"{s.stage} {s.share:.0f} %" for s in self.segments)


def splits(result: Result) -> tuple[list[str], list[Split]]:
    """The names of the stages, and the split of each measured cell, in the order of the run."""
    stages = [stage for stage in stages_of(result) if _any(result, stage)]
    found = []
    for i, cell in enumerate(result.cells):
        spent = cell.figures.cost.stages if cell.figures else {}
        total = sum(spent.values())
        if total <= 0:
            continue
        segments = tuple(
            Segment(_named(stage), j % SERIES, 100 * spent[stage] / total)
            for j, stage in enumerate(stages)
            if spent.get(stage)
        )
        figures = tuple(significant(spent[s]) if s in spent else "-" for s in stages)
        name = printable(cell.cell.name)
        found.append(Split(i + 1, name, significant(total), segments, figures))
    return [_named(stage) for stage in stages], found


def _any(result: Result, stage: str) -> bool:
    """Whether any cell spent time on that stage."""
    return any(cell.figures and cell.figures.cost.stages.get(stage) for cell in result.cells)


def _named(stage: str) -> str:
    return printable(stage.replace("_", " "))
