"""What a run shows, in plain sentences, for a person who reads nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ocrx.bench.figures.measures import MEASURES
from ocrx.bench.figures.noise import better
from ocrx.bench.figures.noise import faster as is_faster
from ocrx.bench.figures.ranking import Ranking, cost, score
from ocrx.bench.figures.result import CellResult, Result

DOUBTFUL = 20.0
"""A cell's time is doubtful if the spread of its rounds is above this, in percent."""

FEW = 4
"""A sentence gives at most this many names, and counts the rest."""


def sentences(result: Result, ranking: Ranking) -> list[str]:
    """Sentences about the fastest cell, the most accurate one, those between, and the `doubts`."""
    if not ranking.ranked:
        return [_nothing(result), *doubts(result, ranking)]
    return [*_winners(result, ranking), *_front(result, ranking), *doubts(result, ranking)]


def names(cells: Sequence[CellResult], indices: Sequence[int]) -> str:
    """The names of cells: "a, b and c", or "a, b, c, d and 7 more"."""
    told = [cells[i].cell.name for i in indices[:FEW]]
    if len(indices) > FEW:
        return f"{', '.join(told)} and {len(indices) - FEW} more"
    return f"{', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else "".join(told)


def step(result: Result, ranking: Ranking, a: int, b: int) -> str:
    """The gain in accuracy of cell `b` over `a`, the one before it on the front, and its price in
    time."""
    faster, slower = result.cells[a], result.cells[b]
    low, high = score(faster, ranking.accuracy), score(slower, ranking.accuracy)
    gain = f"+{high.value - low.value:.1f} points"
    if not better(high, low):
        gain += " (may be chance)"
    if is_faster(cost(faster).rounds, cost(slower).rounds):
        return f"{gain} for {cost(slower).p50 / cost(faster).p50:.2f} times the time"
    return f"{gain} in the same time within noise"


def doubts(result: Result, ranking: Ranking) -> list[str]:
    """Sentences about cells that cannot be told apart, are not ranked, or have doubtful times, and
    the run's warnings."""
    return [*_unranked(ranking), *_ties(result, ranking), *_unsure(result, ranking)]


def leads(ranking: Ranking) -> tuple[str, str]:
    """What to call the fastest and the most accurate cell: only one among them if others cannot be
    told apart from it."""
    return (
        "Among the fastest" if ranking.as_fast else "Fastest",
        "Among the most accurate" if ranking.as_good else "Most accurate",
    )


def _winners(result: Result, ranking: Ranking) -> Iterator[str]:
    cells, fastest, best = result.cells, ranking.fastest, ranking.best
    quick, right = leads(ranking)
    if fastest is not None:
        if best == fastest:
            quick = f"{quick}, and {right[0].lower()}{right[1:]}"
        yield f"{quick}: {cells[fastest].cell.name}, {_figures(cells[fastest], ranking)}."
    if best is not None and best != fastest:
        yield f"{right}: {cells[best].cell.name}, {_figures(cells[best], ranking)}."


def _unranked(ranking: Ranking) -> Iterator[str]:
    if ranking.noisy and ranking.ranked:
        yield "No combination is ranked by time: the times vary too much from round to round."


def _ties(result: Result, ranking: Ranking) -> Iterator[str]:
    cells, fastest, best = result.cells, ranking.fastest, ranking.best
    if fastest is not None and ranking.as_fast:
        yield (
            f"Because of noise, {names(cells, ranking.as_fast)} cannot be told apart from "
            f"{cells[fastest].cell.name} in speed."
        )
    if best is not None and ranking.as_good:
        yield (
            f"On {result.dataset.samples} pictures, {names(cells, ranking.as_good)} cannot be told "
            f"apart from {cells[best].cell.name} in accuracy."
        )


def _figures(cell: CellResult, ranking: Ranking) -> str:
    time = f"{MEASURES['p50'].cited(cell)} a picture"
    if ranking.accuracy is None:
        return time
    found = score(cell, ranking.accuracy)
    return (
        f"{time}, {found.value:.1f} % {ranking.accuracy.title} "
        f"(95 % interval {found.low:.1f} to {found.high:.1f})"
    )


def _front(result: Result, ranking: Ranking) -> Iterator[str]:
    if len(ranking.front) < 2:
        return
    told = [result.cells[ranking.front[0]].cell.name]
    for a, b in pairwise(ranking.front):
        told.append(f"{result.cells[b].cell.name} ({step(result, ranking, a, b)})")
    yield f"From fast to accurate, none is better in both ways than: {'; '.join(told)}."


def _nothing(result: Result) -> str:
    if any(cell.figures for cell in result.cells):
        why = "every cell that was measured reads differently from its reference"
    else:
        why = "no cell was measured" if result.cells else "there were no cells"
    return f"Nothing could be ranked: {why}."


def _unsure(result: Result, ranking: Ranking) -> Iterator[str]:
    cells = result.cells
    other = [i for i in ranking.measured if i not in ranking.ranked]
    if other and ranking.ranked:
        they = "it reads" if len(other) == 1 else "they read"
        yield f"Not ranked, as {they} differently from the reference: {names(cells, other)}."
    noisy = [i for i in ranking.measured if cost(cells[i]).spread > DOUBTFUL]
    if noisy:
        yield (
            f"The times of {names(cells, noisy)} are doubtful: rounds differ by up to "
            f"{max(cost(cells[i]).spread for i in noisy):.0f} %."
        )
    absent = len(cells) - len(ranking.measured)
    if absent:
        yield f"{absent} of {len(cells)} cells have no figures; each says why."
    yield from (f"{warning.rstrip('.')}." for warning in result.warnings)
