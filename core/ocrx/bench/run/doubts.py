"""Warnings about a run: which of its figures cannot be trusted, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from ocrx.bench.data.dataset import Dataset
from ocrx.bench.figures.noise import ACROSS, NOISY, spread
from ocrx.bench.figures.result import Cell, CellResult, Cost
from ocrx.bench.run.log import Log
from ocrx.bench.run.parity import find_reference, models_of
from ocrx.bench.run.settings import Settings

FEW_PICTURES = 30
OTHERS = 10.0
"""Other programs may use this percentage of the processors before a warning is due."""

AGAIN = " again "


def doubts(
    dataset: Dataset,
    cells: Mapping[str, Cell],
    settings: Settings,
    logs: Mapping[str, Log],
    results: Sequence[CellResult],
) -> Iterator[str]:
    measured = {key: logs[key] for key in cells if logs[key].measured}
    costs = [one.figures.cost for one in results if one.figures]
    count = len(dataset.samples)
    if count < FEW_PICTURES:
        yield f"{count} pictures are too few to tell accuracies apart that are near each other"
    yield from _unread(dataset, measured)
    yield from _noise(costs, settings)
    yield from _others(measured)
    for key, log in measured.items():
        yield from _cut(cells[key].name, settings, log)
        yield from _of_a_cell(cells[key].name, dataset, log)
    yield from _drift(cells, logs)
    if settings.parity:
        yield from _without_reference(cells, logs)


def _unread(dataset: Dataset, measured: Mapping[str, Log]) -> Iterator[str]:
    unread: dict[int, str] = {}
    for log in measured.values():
        for one in log.rounds:
            unread.update({int(index): why for index, why in one.unread.items()})
    if unread:
        index, why = min(unread.items())
        yield (
            f"{len(unread)} of {len(dataset.samples)} pictures could not be read and count as read "
            f"wrong; the first is {dataset.samples[index].name}: {why}"
        )


def _noise(costs: Sequence[Cost], settings: Settings) -> Iterator[str]:
    if settings.rounds < 3:
        yield f"{settings.rounds} rounds say little of noise: times that are near are not ranked"
    if spread(costs) > NOISY:
        yield (
            f"The machine was too noisy to rank times: rounds of the same cell differ by "
            f"{spread(costs):.0f} % (the median over cells)"
        )


def _others(measured: Mapping[str, Log]) -> Iterator[str]:
    shares = [one.others for log in measured.values() for one in log.rounds]
    if shares and (share := median(shares)) > OTHERS:
        yield f"Other programs had {share:.0f} % of the processors (the median over rounds)"


def _cut(name: str, settings: Settings, log: Log) -> Iterator[str]:
    """About a cell that ran out of time. Rounds of all pictures together come last."""
    for had, wanted, what in (
        (len(log.rounds), settings.rounds, "rounds"),
        (len(log.together), settings.together, "rounds of all pictures together"),
    ):
        if had < wanted:
            yield f"{name} had time for {had} of {wanted} {what}; more with --time-limit"
            return


def _of_a_cell(name: str, dataset: Dataset, log: Log) -> Iterator[str]:
    stable = log.opened[0].stable
    if stable is None:
        yield f"Whether {name} was warm is not known: there was no time to read pictures twice"
    elif not stable:
        yield f"Warming up, {name} was still getting faster when that ended"
    first = log.rounds[0].prints
    changed = [
        index
        for index, text in enumerate(first)
        if any(one.prints[index] != text for one in log.rounds)
    ]
    if changed:
        yield (
            f"Of the same {len(first)} pictures, {name} read {len(changed)} otherwise in a later "
            f"round, {dataset.samples[changed[0]].name} among them"
        )


def _drift(cells: Mapping[str, Cell], logs: Mapping[str, Log]) -> Iterator[str]:
    """About later groups of cells, judged by the time of the cell that was measured again."""
    for key, log in logs.items():
        original, again, number = key.partition(AGAIN)
        if not again or not log.measured:
            continue
        before, after = (_middle(one) for one in (logs[original], log))
        percent = 100 * (after / before - 1)
        if abs(percent) > ACROSS:
            yield (
                "Memory was enough for some cells at a time only, and in group "
                f"{number} {cells[original].name} took {abs(percent):.0f} % "
                f"{'more' if percent > 0 else 'less'} time than before: compare cells of different "
                "groups with care"
            )


def _middle(log: Log) -> float:
    return median(time for one in log.rounds for time in one.times if time is not None)


def _without_reference(cells: Mapping[str, Cell], logs: Mapping[str, Log]) -> Iterator[str]:
    for models in dict.fromkeys(models_of(cell) for cell in cells.values()):
        keys = [key for key, cell in cells.items() if models_of(cell) == models]
        if any(logs[key].network for key in keys) and find_reference(models, cells, logs) is None:
            yield (
                f"Nothing was there to compare the readings of {cells[keys[0]].models} "
                "with: neither onnxruntime nor openvino runs it in fp32"
            )
