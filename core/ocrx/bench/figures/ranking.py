"""Ranks cells: which is fastest, which is most accurate, which are on the Pareto front, and which
cannot be told apart.

A cell is given by its index in `Result.cells`.
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
    """The ranking of a run's cells.

    `measured` cells have figures; `ranked` ones also agree with the reference. `accuracy` is the
    measure that ranks, None if no reading was scored. Because of noise, `as_fast` cannot be told
    apart from `fastest`, nor `as_good` from `best`. `front` is the Pareto front from fast to
    accurate; cells of `near_front` may be on it too. `reference` is the cell that speeds are
    compared with. `noisy` says that the times vary too much to rank by them: then there is neither
    a fastest cell nor a front.
    """

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
    """The ranking of a run. Cells that read differently from the reference are not ranked."""
    cells = result.cells
    measured = tuple(i for i, cell in enumerate(cells) if cell.figures)
    ranked = tuple(i for i in measured if cells[i].state in RANKED)
    noisy = spread([cost(cells[i]) for i in measured]) > NOISY
    timed = () if noisy else ranked
    accuracy = headline(result)
    fastest = min(timed, key=lambda i: cost(cells[i]).p50, default=None)
    # Among equally accurate cells, the fastest is the best.
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
    """The cost of a cell. Raises ValueError for a cell without figures."""
    if result.figures is None:
        raise ValueError(f"{result.cell.name} has no figures")
    return result.figures.cost


def score(result: CellResult, accuracy: Measure | None) -> Interval:
    """The accuracy of a cell in percent. Raises ValueError for a cell that was not scored."""
    found = accuracy.interval(result) if accuracy else None
    if found is None:
        raise ValueError(f"{result.cell.name} has no score")
    return found


def reference(result: Result) -> int | None:
    """The cell that speeds are compared with: the one that the settings name, else the one that
    parity was measured against, else the first with figures; None if no cell has figures."""
    measured = [i for i, cell in enumerate(result.cells) if cell.figures]
    parities = [c.figures.parity for c in result.cells if c.figures and c.figures.parity]
    named = [result.settings.get("reference", ""), *(parity.reference for parity in parities)]
    for name in named:
        for i in measured:
            if name and name in (result.cells[i].cell.name, result.cells[i].cell.backend):
                return i
    return measured[0] if measured else None


def speedup(result: Result, ranking: Ranking, index: int) -> float | None:
    """How many times as fast as the reference a cell is, by the medians; None without figures."""
    if ranking.reference is None or not result.cells[index].figures:
        return None
    time = cost(result.cells[index]).p50
    return cost(result.cells[ranking.reference]).p50 / time if time else None


def _faster(cells: Sequence[CellResult], a: int | None, b: int) -> bool:
    return a is not None and faster(cost(cells[a]).rounds, cost(cells[b]).rounds)


def _better(cells: Sequence[CellResult], accuracy: Measure | None, a: int | None, b: int) -> bool:
    if a is None or accuracy is None:
        return True  # without scores, no cell counts as equally good
    return better(score(cells[a], accuracy), score(cells[b], accuracy))


def _front(
    cells: Sequence[CellResult], ranked: Sequence[int], accuracy: Measure | None
) -> tuple[int, ...]:
    """The Pareto front: each cell that is more accurate than all that are faster."""
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
    """Whether another cell is better in one way by more than noise, and not worse in the other."""
    if accuracy is None:
        return True
    mine, time = score(cells[index], accuracy), cost(cells[index]).p50
    return any(
        (_faster(cells, i, index) and score(cells[i], accuracy).value >= mine.value)
        or (better(score(cells[i], accuracy), mine) and cost(cells[i]).p50 <= time)
        for i in ranked
    )
