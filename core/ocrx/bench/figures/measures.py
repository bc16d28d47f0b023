"""The figures of a cell by name: how each is called, its unit, and which way is better."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from ocrx.bench.figures.result import (
    Better,
    CellResult,
    Cost,
    Figures,
    Interval,
    Quality,
    Result,
    Trusted,
)

Reading: TypeAlias = float | Interval | None

RANKED = ("ok", "built-in")
"""The states whose figures are ranked. A mismatch is not: it may be fast because it is wrong."""


@dataclass(frozen=True)
class Measure:
    """One figure of a cell.

    `title` names it in a sentence, `short` in the head of a column. `scale` converts the value in a
    result to the `unit` that is shown. `digits` is the number of decimals; None shows three
    significant digits.
    """

    key: str
    title: str
    short: str
    unit: str
    better: Better
    read: Callable[[Figures], Reading]
    scale: float = 1.0
    digits: int | None = None

    def value(self, result: CellResult) -> float | None:
        """The value in `unit`; None if it was not measured or does not apply."""
        found = self.read(result.figures) if result.figures else None
        value = found.value if isinstance(found, Interval) else found
        return None if value is None else value * self.scale

    def interval(self, result: CellResult) -> Interval | None:
        """The figure with its interval; None if it has none."""
        found = self.read(result.figures) if result.figures else None
        return found if isinstance(found, Interval) else None

    def shown(self, value: float) -> str:
        """A value in `unit`, as tables show it."""
        return significant(value) if self.digits is None else f"{value:.{self.digits}f}"

    def text(self, result: CellResult) -> str:
        """The cell's value as tables show it, "-" if it has none."""
        value = self.value(result)
        return "-" if value is None else self.shown(value)

    def cited(self, result: CellResult) -> str:
        """The cell's value with its unit: "98.7 %"."""
        return f"{self.text(result)} {self.unit}".strip()


def significant(value: float) -> str:
    """Three significant digits, without an exponent: 0.0417, 4.17, 41.7, 417, 4170."""
    if not value:
        return "0"
    places = 2 - next((i for i in range(6, -7, -1) if abs(value) >= 10**i * 0.9995), -6)
    rounded = round(value, places)
    return f"{rounded:.{max(places, 0)}f}"


def _quality(
    key: str, title: str, short: str, read: Callable[[Quality], Interval | None]
) -> Measure:
    return Measure(key, title, short, "%", "higher", lambda f: read(f.quality), digits=1)


def _trust(
    key: str,
    title: str,
    short: str,
    read: Callable[[Trusted], Interval],
    better: Better = "higher",
) -> Measure:
    def found(figures: Figures) -> Reading:
        trust = figures.quality.trust
        return None if trust is None else read(trust)

    return Measure(key, title, short, "%", better, found, digits=1)


def _cost(
    key: str,
    named: tuple[str, str, str],
    read: Callable[[Cost], float | None],
    better: Better = "lower",
    scale: float = 1.0,
) -> Measure:
    title, short, unit = named
    return Measure(key, title, short, unit, better, lambda f: read(f.cost), scale)


QUALITY = (
    _quality("characters", "character accuracy", "chars %", lambda q: q.characters),
    _quality("exact", "exact lines", "exact %", lambda q: q.exact),
    _quality("words", "word F1", "words F1 %", lambda q: q.words),
    _quality("precision", "detection precision", "precision %", lambda q: q.precision),
    _quality("recall", "detection recall", "recall %", lambda q: q.recall),
    _quality("hmean", "detection H-mean", "H-mean %", lambda q: q.hmean),
    _trust("read_01", "lines read at 0.1 % misreads", "read@0.1 %", lambda t: t.read_01),
    _trust("read_1", "lines read at 1 % misreads", "read@1 %", lambda t: t.read_1),
    _trust(
        "calibration_error", "calibration error", "cal. error %",
        lambda t: t.calibration_error, "lower",
    ),
)  # fmt: skip
COST = (
    _cost("p50", ("time a picture, median", "p50 ms", "ms"), lambda c: c.p50),
    _cost("p90", ("time a picture, 90th percentile", "p90 ms", "ms"), lambda c: c.p90),
    _cost("p99", ("time a picture, 99th percentile", "p99 ms", "ms"), lambda c: c.p99),
    _cost(
        "images_per_second", ("pictures a second", "img/s", "/s"),
        lambda c: c.images_per_second, "higher",
    ),
    _cost("startup", ("start-up", "start s", "s"), lambda c: c.startup, scale=1e-3),
    _cost("first", ("first picture", "first ms", "ms"), lambda c: c.first),
    _cost("build", ("conversion", "build s", "s"), lambda c: c.build, scale=1e-3),
    _cost("model_mb", ("model size", "MB", "MB"), lambda c: c.model_mb),
    _cost("peak_mb", ("peak memory", "peak MB", "MB"), lambda c: c.peak_mb),
    _cost("slope", ("memory growth", "growth KB", "KB a picture"), lambda c: c.slope, "neither"),
    _cost("spread", ("spread of the rounds", "spread %", "%"), lambda c: c.spread, "neither"),
)  # fmt: skip
MEASURES = {measure.key: measure for measure in (*QUALITY, *COST)}


def extra_measures(results: Iterable[CellResult]) -> tuple[Measure, ...]:
    """The figures that plugins added to any of the cells."""
    found: dict[str, Measure] = {}
    for result in results:
        for one in result.figures.quality.extra if result.figures else ():
            read = partial(_extra, one.name)
            measure = Measure(
                one.name, one.title, one.short, one.unit, one.better, read, digits=one.digits
            )
            found.setdefault(one.name, measure)
    return tuple(found.values())


def _extra(name: str, figures: Figures) -> Interval | None:
    found = (one.interval for one in figures.quality.extra if one.name == name)
    return next(found, None)


def present(measures: Iterable[Measure], results: Sequence[CellResult]) -> tuple[Measure, ...]:
    """The measures that at least one of the cells has."""
    return tuple(m for m in measures if any(m.value(r) is not None for r in results))


def headline(result: Result) -> Measure | None:
    """The measure of accuracy that ranks cells: characters for lines, words for pages. If not every
    cell has it, the first other one that every cell has; None if there is none."""
    cells = [cell for cell in result.cells if cell.state in RANKED and cell.figures]
    cells = cells or [cell for cell in result.cells if cell.figures]
    first = "words" if result.dataset.kind == "pages" else "characters"
    for key in (first, "words", "characters", "hmean", "exact"):
        if cells and all(MEASURES[key].value(cell) is not None for cell in cells):
            return MEASURES[key]
    return None
