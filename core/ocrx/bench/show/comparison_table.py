"""Prints a comparison of two runs on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ocrx.bench.figures.compare import CellChange, Change, Comparison
from ocrx.bench.show.rows import Column, one_line
from ocrx.bench.show.table import print_columns, say
from ocrx.system.text import printable

if TYPE_CHECKING:
    from rich.console import Console

WORDS = {"same": "no change beyond noise", "unclear": "cannot be judged"}


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print a row for each cell, what else differs between the runs, and the verdict with every
    regression. It says how many times cannot be judged, and why."""
    if comparison.cells:
        print_columns(_columns(comparison), console)
    for difference in comparison.differences:
        say(console, printable(difference), "dim")
    say(console, "")
    for cell in comparison.cells:
        if cell.fate and (cell.reason or cell.remedy):
            told = (one_line(text).rstrip(".") for text in (cell.fate, cell.reason, cell.remedy))
            say(console, f"{printable(cell.name)}: {'. '.join(filter(None, told))}.")
    count = len(comparison.regressions)
    if unjudged := _unjudged(comparison):
        say(console, unjudged, "yellow")
    say(console, _verdict(comparison), "bold red" if count else "bold green")
    for cell in comparison.regressions:
        say(console, f"  {printable(cell.name)}: {'; '.join(_losses(cell))}")


def _columns(comparison: Comparison) -> list[Column]:
    cells = comparison.cells
    columns = [Column("cell", tuple(printable(cell.name) for cell in cells), left=True)]
    columns.append(Column("verdict", tuple(map(_word, cells)), left=True))
    seen = {change.measure.key: change.measure for cell in cells for change in cell.changes}
    for key, measure in seen.items():
        unit = "%" if measure.better == "lower" else "points"
        found = [next((c for c in cell.changes if c.measure.key == key), None) for cell in cells]
        columns += [
            Column(f"{measure.short} before", tuple(_shown(c, "before") for c in found)),
            Column("now", tuple(_shown(c, "after") for c in found)),
            Column(f"change, {unit}", tuple(f"{c.percent:+.1f}" if c else "-" for c in found)),
        ]
    return columns


def _shown(change: Change | None, when: str) -> str:
    return change.measure.shown(getattr(change, when)) if change else "-"


def _word(cell: CellChange) -> str:
    """How a cell changed, in a few words. "(!)" marks a regression."""
    told = [cell.fate] if cell.fate else []
    moved = [c.direction for c in cell.changes if c.direction not in WORDS]
    told += moved
    if not told:
        unclear = any(change.direction == "unclear" for change in cell.changes)
        told = [WORDS["unclear" if unclear else "same"]]
    return ", ".join(told) + (" (!)" if cell.regressed else "")


def _unjudged(comparison: Comparison) -> str:
    """How many cells have times that cannot be judged, and why; "" if there are none."""
    times = comparison.times
    unclear = sum(change.direction == "unclear" for change in times)
    if not unclear:
        return ""
    why = (
        "one round does not show what is chance"
        if comparison.judges_times
        else "the runs are from different machines (--force judges them)"
    )
    return f"The times of {unclear} of {len(times)} cells could not be judged: {why}."


def _verdict(comparison: Comparison) -> str:
    limits = f"{comparison.loss:g} points of accuracy"
    if any(change.direction != "unclear" for change in comparison.times):
        limits = f"{comparison.threshold:g} % of time or {limits}"
    count = len(comparison.regressions)
    if not count:
        return f"No regression beyond {limits}."
    return f"{count} of {len(comparison.cells)} cells regressed beyond {limits}, or were lost (!):"


def _losses(cell: CellChange) -> Iterator[str]:
    if cell.lost:
        yield cell.fate
    for change in cell.changes:
        if change.regression:
            unit = "%" if change.measure.better == "lower" else "points"
            yield f"{change.measure.title} {change.percent:+.1f} {unit}"
