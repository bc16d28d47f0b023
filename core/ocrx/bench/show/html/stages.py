"""Where the time of each cell goes."""

from __future__ import annotations

from dataclasses import dataclass

from ocrx.bench.figures.measures import significant
from ocrx.bench.figures.result import Result
from ocrx.bench.show.csv import stages_of
from ocrx.bench.show.html.palette import SERIES
from ocrx.system.text import printable


@dataclass(frozen=True)
class Segment:
    """`share` in percent of the cell's total."""

    stage: str
    series: int
    share: float


@dataclass(frozen=True)
class Split:
    number: int
    name: str
    total: str
    segments: tuple[Segment, ...]
    figures: tuple[str, ...]

    @property
    def told(self) -> str:
        """For those who do not see the bar."""
        return ", ".join(f"{s.stage} {s.share:.0f} %" for s in self.segments)


def splits(result: Result) -> tuple[list[str], list[Split]]:
    """The names of the stages, and each measured cell's, in the order of the run."""
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
    """Whether any cell spent time on it."""
    return any(cell.figures and cell.figures.cost.stages.get(stage) for cell in result.cells)


def _named(stage: str) -> str:
    return printable(stage.replace("_", " "))
