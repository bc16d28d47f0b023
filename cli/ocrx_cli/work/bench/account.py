"""One cell's figures as `ocrx bench` prints them."""

from __future__ import annotations

from collections.abc import Iterator

from ocrx.bench.figures.result import CellResult, Cost, Figures, Interval, Quality, Result
from ocrx_cli.terminal.console import note, print_line, print_table

_QUALITY = (
    ("characters", "characters"),
    ("exact", "exact lines"),
    ("words", "words (F1)"),
    ("precision", "boxes: precision"),
    ("recall", "boxes: recall"),
    ("hmean", "boxes: H-mean"),
)


def show_account(result: Result) -> None:
    """Print the figures on stdout, and what casts doubt on them on stderr."""
    (cell,) = result.cells
    count = result.dataset.samples
    print_line(f"{cell.cell.name} on {result.dataset.name} ({count} {result.dataset.kind})")
    print_table(rows(cell))
    for warning in result.warnings:
        note(warning)


def rows(cell: CellResult) -> Iterator[tuple[str, str]]:
    """A title and a figure for each row."""
    yield "state", cell.state
    if cell.reason:
        yield "reason", cell.reason
    if cell.remedy:
        yield "remedy", cell.remedy
    if cell.figures is not None:
        yield from _figures(cell.figures)


def _figures(figures: Figures) -> Iterator[tuple[str, str]]:
    for one in figures.used:
        yield one.task, one.told
    parity = figures.parity
    if parity is not None:
        equal = f"{parity.equal:.1f} % of {parity.lines} texts"
        change = f"{parity.change:+.2f} points of accuracy"
        yield "parity", f"{equal} equal those of {parity.reference} in fp32, {change}"
    yield from _quality(figures.quality)
    yield from _cost(figures.cost)


def _quality(quality: Quality) -> Iterator[tuple[str, str]]:
    for name, title in _QUALITY:
        found = getattr(quality, name)
        if found is not None:
            yield title, _percent(found)
    if quality.trust is not None:
        yield "read at 0.1 % misreads", _percent(quality.trust.read_01)
        yield "read at 1 % misreads", _percent(quality.trust.read_1)
        yield "calibration error", _percent(quality.trust.calibration_error)
    for one in quality.extra:
        shown = (f"{x:.{one.digits}f}" for x in (one.interval.low, one.interval.high))
        value = f"{one.interval.value:.{one.digits}f} {one.unit}".strip()
        yield one.title, f"{value} [{', '.join(shown)}]"
    yield "made equal", quality.folding


def _percent(found: Interval) -> str:
    return f"{found.value:.1f} % [{found.low:.1f}, {found.high:.1f}]"


def _cost(cost: Cost) -> Iterator[tuple[str, str]]:
    yield "a picture", f"{cost.p50:.1f} ms (p90 {cost.p90:.1f}, p99 {cost.p99:.1f})"
    yield "rounds", f"{len(cost.rounds)}, which differ by {cost.spread:.1f} %"
    if cost.images_per_second is not None:
        yield "all together", f"{cost.images_per_second:.1f} pictures a second"
    spent = {stage: ms for stage, ms in cost.stages.items() if ms >= 0.005}
    yield "stages", ", ".join(f"{stage} {ms:.2f}" for stage, ms in spent.items()) + " ms"
    yield "start-up", f"{cost.startup:.0f} ms, then {cost.first:.0f} ms for the first picture"
    if cost.build is not None:
        yield "conversion", f"{cost.build:.0f} ms, once"
    if cost.model_mb is not None:
        yield "models", f"{cost.model_mb:.1f} MB"
    if cost.peak_mb is not None:
        growth = "" if cost.slope is None else f", {cost.slope:+.1f} kB a picture"
        yield "memory", f"{cost.peak_mb:.0f} MB at most{growth}"
