"""A run as columns of text, for the terminal, Markdown and the report."""

from __future__ import annotations

from dataclasses import dataclass

from ocrx.bench.figures.measures import MEASURES, RANKED, Measure, extra_measures, present
from ocrx.bench.figures.ranking import Ranking, speedup
from ocrx.bench.figures.result import CellResult, Result, State
from ocrx.system.text import printable

BEST, SAME = "*", "~"
LEGEND = f"{BEST} best of its column   {SAME} cannot be told apart from it, because of noise"

QUALITIES = ("characters", "exact", "read_1", "words", "hmean")
COSTS = ("p50", "p90", "images_per_second", "startup", "model_mb", "peak_mb")


@dataclass(frozen=True)
class Column:
    """A column with a value for each cell, in the order of the run. Columns of text are aligned to
    the `left`."""

    heading: str
    values: tuple[str, ...]
    left: bool = False


def columns(result: Result, ranking: Ranking) -> list[Column]:
    """The name, the state, accuracies, times, the ratio to the reference, and sizes of each cell.

    Measures that no cell has are left out. A field without a figure is "-".
    """
    cells = result.cells
    qualities, costs = ([MEASURES[key] for key in keys] for keys in (QUALITIES, COSTS))
    shown = present([*qualities, *extra_measures(cells), *costs], cells)
    found = [
        Column("cell", tuple(printable(cell.cell.name) for cell in cells), left=True),
        Column("state", tuple(cell.state for cell in cells), left=True),
    ]
    for measure in shown:
        values = [_value(cell, measure, ranking) for cell in cells]
        signs = [sign(i, measure, ranking) for i in range(len(cells))]
        if any(signs):  # without a sign, a space keeps the figures aligned
            values = [f"{value} {mark or ' '}" for value, mark in zip(values, signs, strict=True)]
        found.append(Column(measure.short, tuple(values)))
        if measure.key == "p90" and len(ranking.measured) > 1:
            ratios = (_ratio(result, ranking, i) for i in range(len(cells)))
            found.append(Column("ratio", tuple(ratios)))
    return found


def sign(index: int, measure: Measure, ranking: Ranking) -> str:
    """BEST if a cell is the best by that measure, SAME if it cannot be told apart from the best,
    otherwise ""."""
    if measure.key == "p50":
        best, same = ranking.fastest, ranking.as_fast
    elif measure is ranking.accuracy:
        best, same = ranking.best, ranking.as_good
    else:
        return ""
    if len(ranking.ranked) < 2:
        return ""
    return BEST if index == best else SAME if index in same else ""


def ratio_note(result: Result, ranking: Ranking) -> str:
    """What the column "ratio" means; "" if there is none."""
    if ranking.reference is None or len(ranking.measured) < 2:
        return ""
    name = printable(result.cells[ranking.reference].cell.name)
    return f"ratio: how many times as fast as {name}"


def headline_note(result: Result, ranking: Ranking) -> str:
    """A heading that says which pictures were read, and what was ignored in comparing."""
    counted = f"{result.dataset.samples} {'pages' if result.dataset.kind == 'pages' else 'lines'}"
    folding = next((c.figures.quality.folding for c in result.cells if c.figures), "none")
    told = f"{printable(result.dataset.name)}: {counted}"
    if folding not in ("", "none"):
        told += f", ignoring {folding}"
    return f"{told}; 95 % intervals in brackets" if ranking.accuracy else told


@dataclass(frozen=True)
class Explanation:
    """The names of cells that share a state, a reason and a remedy. Reason and remedy have no line
    breaks."""

    names: tuple[str, ...]
    state: State
    reason: str
    remedy: str


def explanations(result: Result) -> list[Explanation]:
    """The explanations of all cells that are not ok, or have a reason or remedy."""
    alike: dict[tuple[State, str, str], list[str]] = {}
    for cell in result.cells:
        if cell.reason or cell.remedy or cell.state not in RANKED:
            why = (cell.state, *explanation(cell))
            alike.setdefault(why, []).append(printable(cell.cell.name))
    return [Explanation(tuple(names), *why) for why, names in alike.items()]


def explanation(cell: CellResult) -> tuple[str, str]:
    """The cell's reason and remedy, each on one line. The reason of a mismatch that has none is its
    parity."""
    parity = cell.figures.parity if cell.figures else None
    reason = one_line(cell.reason)
    if not reason and parity and cell.state == "mismatch":
        reason = (
            f"{parity.equal:.1f} % of lines read the same as on {printable(parity.reference)}, "
            f"accuracy {parity.change:+.1f} points"
        )
    told = reason or cell.state in RANKED
    return (reason if told else "no reason was given"), one_line(cell.remedy)


def one_line(text: str) -> str:
    """`text` without line breaks and control characters."""
    return printable(" ".join(text.split()))


def _value(cell: CellResult, measure: Measure, ranking: Ranking) -> str:
    text = measure.text(cell)
    interval = measure.interval(cell)
    if interval and measure is ranking.accuracy:
        text += f" [{measure.shown(interval.low)}, {measure.shown(interval.high)}]"
    return text


def _ratio(result: Result, ranking: Ranking, index: int) -> str:
    ratio = speedup(result, ranking, index)
    return "-" if ratio is None else f"{ratio:.2f}x"
