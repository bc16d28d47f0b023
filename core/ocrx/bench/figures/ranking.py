"""Who is fastest, who most accurate, who is on the Pareto front, and who cannot be told apart.

Cells are meant by their place in `Result.cells`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocrx.bench.figures.measures import MEASURES, RANKED, Measure, headline
from ocrx.bench.figures.noise import NOISY, better, faster, spread
from ocrx.bench.figures.result import CellResult, Cost, Interval, Result

SPEED = MEASURES["p50"]


@dataclass(frozen=True)
class Ranking:
    """`as_fast` and `as_good` cannot be told apart from the fastest and the best because of noise.
    `front` goes from fast to accurate; `near_front` may be on it too for all that is known.
    `accuracy` is the measure that ranks, None if no reading was scored; `reference` the cell that
    ratios are to. `noisy`: times waver too much to rank anything by them, so that there is neither
    a fastest nor a front."""

    measured: tuple[int, ...]
    ranked: tuple[int, ...]
    accuracy: Measure | None
    fastest: int | None
    as_fast: tuple[int, ...]
    best: int | None
    as_good: tuple[int, ...]
    front: tuple[int, ...]
    near_front: tuple[int, ...]
    reference: int | None
    noisy: bool


def rank(result: Result) -> Ranking:
    """The ranking of a run. Cells that read otherwise than the reference are not ranked."""
    cells = result.cells
    measured = tuple(i for i, cell in enumerate(cells) if cell.figures)
    ranked = tuple(i for i in measured if cells[i].state in RANKED)
    noisy = spread([cost(cells[i]) for i in measured]) > NOISY
    timed = () if noisy else ranked
    accuracy = headline(result)
    fastest = min(timed, key=lambda i: cost(cells[i]).p50, default=None)
    # Of equally right ones, the faster is named.
    best = (
        max(ranked, key=lambda i: (score(cells[i], accuracy).value, -cost(cells[i]).p50))
        if ranked and accuracy
        else None
    )
    front = _front(cells, timed, accuracy)
    return Ranking(
        measured,
        ranked,
        accuracy,
        fastest,
        tuple(i for i in timed if i != fastest and not _faster(cells, fastest, i)),
        best,
        tuple(i for i in ranked if i != best and not _better(cells, accuracy, best, i)),
        front,
        tuple(i for i in timed if i not in front and not _beaten(cells, timed, accuracy, i)),
        reference(result),
        noisy,
    )


def cost(result: CellResult) -> Cost:
    """Of a cell that was measured; ValueError for another."""
    if result.figures is None:
        raise ValueError(f"{result.cell.name} has no figures")
    return result.figures.cost


def score(result: CellResult, accuracy: Measure | None) -> Interval:
    """Its accuracy; ValueError where it was not scored."""
    found = accuracy.interval(result) if accuracy else None
    if found is None:
        raise ValueError(f"{result.cell.name} has no score")
    return found


def reference(result: Result) -> int | None:
    """The cell that ratios are to: the one that the settings name, else the one that parity was
    measured against, else the first with figures."""
    measured = [i for i, cell in enumerate(result.cells) if cell.figures]
    parities = [c.figures.parity for c in result.cells if c.figures and c.figures.parity]
    named = [result.settings.get("reference", ""), *(parity.reference for parity in parities)]
    for name in named:
        for i in measured:
            if name and name in (result.cells[i].cell.name, result.cells[i].cell.backend):
                return i
    return measured[0] if measured else None


def speedup(result: Result, ranking: Ranking, index: int) -> float | None:
    """How many times as fast as the reference cell, by the medians; None without figures."""
    if ranking.reference is None or not result.cells[index].figures:
        return None
    time = cost(result.cells[index]).p50
    return cost(result.cells[ranking.reference]).p50 / time if time else None


def _faster(cells: Sequence[CellResult], a: int | None, b: int) -> bool:
    return a is not None and faster(cost(cells[a]).rounds, cost(cells[b]).rounds)


def _better(cells: Sequence[CellResult], accuracy: Measure | None, a: int | None, b: int) -> bool:
    if a is None or accuracy is None:
        return True  # nothing was scored: nothing is as good as anything
    return better(score(cells[a], accuracy), score(cells[b], accuracy))


def _front(
    cells: Sequence[CellResult], ranked: Sequence[int], accuracy: Measure | None
) -> tuple[int, ...]:
    """From the fastest on, whatever is more accurate than all that are faster."""
    if accuracy is None:
        return ()
    found: list[int] = []
    order = sorted(ranked, key=lambda i: (cost(cells[i]).p50, -score(cells[i], accuracy).value))
    for i in order:
        if not found or score(cells[i], accuracy).value > score(cells[found[-1]], accuracy).value:
            found.append(i)
    return tuple(found)


def _beaten(
    cells: Sequence[CellResult], ranked: Sequence[int], accuracy: Measure | None, index: int
) -> bool:
    """Whether another is better in one way beyond noise, and not worse in the other."""
    if accuracy is None:
        return True
    mine, time = score(cells[index], accuracy), cost(cells[index]).p50
    return any(
        (_faster(cells, i, index) and score(cells[i], accuracy).value >= mine.value)
        or (better(score(cells[i], accuracy), mine) and cost(cells[i]).p50 <= time)
        for i in ranked
    )
