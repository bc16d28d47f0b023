"""The geometry of the plot of accuracy against time, which the template draws as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ocrx.bench.figures.measures import MEASURES, significant
from ocrx.bench.figures.ranking import Ranking, cost, score
from ocrx.bench.figures.result import CellResult, Result
from ocrx.bench.show.html.groups import variant_of
from ocrx.bench.show.html.labels import Box, Label, Room
from ocrx.bench.show.html.palette import SERIES
from ocrx.bench.show.html.scales import Scale, log_scale, log_ticks, share_scale, share_ticks
from ocrx.system.text import printable

FEW = 14
"""With more points than this only those of the front are labelled by name, the others by number."""


@dataclass(frozen=True)
class Tick:
    """A tick of an axis: its place in pixels, and its text."""

    at: float
    text: str


@dataclass(frozen=True)
class Point:
    """A cell's point. `x_low` to `x_high` and `y_low` to `y_high` are its error bars. `below` says
    that its accuracy lies beneath the scale."""

    x: float
    y: float
    x_low: float
    x_high: float
    y_low: float
    y_high: float
    series: int
    title: str
    front: bool
    ranked: bool
    below: bool


@dataclass(frozen=True)
class Plot:
    """The plot. Places are pixels from its top left, `front` is the line of the Pareto front, and
    `size` is the font size in pixels."""

    width: int
    height: int
    frame: Box
    points: tuple[Point, ...]
    labels: tuple[Label, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    x_title: str
    y_title: str
    front: tuple[tuple[float, float], ...]
    series: tuple[tuple[int, str], ...]
    size: float


def scatter(result: Result, ranking: Ranking, width: int, height: int, size: float) -> Plot | None:
    """The plot of `width` by `height` pixels with a font size of `size` pixels; None if no cell has
    both a time and a score."""
    accuracy = ranking.accuracy
    drawn = [i for i in ranking.measured if accuracy and accuracy.interval(result.cells[i])]
    drawn = [i for i in drawn if cost(result.cells[i]).p50 > 0]
    if not accuracy or not drawn:
        return None
    cells = [result.cells[i] for i in drawn]
    frame = Box(size * 3.2, size * 2.2, width - size * 1.2, height - size * 3.6)
    x = log_scale([t for c in cells for t in _times(c)], frame.left, frame.right)
    scores = [score(cell, accuracy) for cell in cells]
    y = share_scale(scores, frame.bottom, frame.top)
    series = _series(result, drawn)
    points = tuple(
        _point(result, ranking, i, (x, y), series[result.cells[i].cell.models]) for i in drawn
    )
    front = tuple(
        (p.x, p.y) for i in ranking.front for j, p in zip(drawn, points, strict=True) if i == j
    )
    return Plot(
        width,
        height,
        frame,
        points,
        _labels(result, ranking, drawn, points, Room(frame, size)),
        tuple(Tick(round(x.place(t), 1), f"{t:g}") for t in log_ticks(x)),
        tuple(Tick(round(y.place(t), 1), f"{t:g}") for t in share_ticks(y)),
        "milliseconds a picture (median, logarithmic): faster is left",
        f"{accuracy.title}, %",
        front,
        tuple((number, name) for name, number in series.items()),
        size,
    )


def _times(cell: CellResult) -> tuple[float, ...]:
    spent = cost(cell)
    return (spent.p50, *(time for time in spent.rounds if time > 0))


def _series(result: Result, drawn: Sequence[int]) -> dict[str, int]:
    """The number of each model's colour and shape, by its name, in the order of the run."""
    names = dict.fromkeys(result.cells[i].cell.models for i in drawn)
    return {name: number % SERIES for number, name in enumerate(names)}


def _point(
    result: Result, ranking: Ranking, index: int, scales: tuple[Scale, Scale], series: int
) -> Point:
    x, y = scales
    cell = result.cells[index]
    found, times = score(cell, ranking.accuracy), _times(cell)
    rounds = f"rounds {significant(min(times))} to {significant(max(times))} ms"
    state = "" if index in ranking.ranked else f", {cell.state}: not ranked"
    title = (
        f"{index + 1}. {printable(cell.cell.name)}: {MEASURES['p50'].cited(cell)} ({rounds}), "
        f"{found.value:.1f} % ({found.low:.1f} to {found.high:.1f}){state}"
    )
    return Point(
        x=round(x.place(times[0]), 1),
        y=round(y.place(found.value), 1),
        x_low=round(x.place(min(times)), 1),
        x_high=round(x.place(max(times)), 1),
        y_low=round(y.place(found.low), 1),
        y_high=round(y.place(found.high), 1),
        series=series,
        title=title,
        front=index in ranking.front,
        ranked=index in ranking.ranked,
        below=found.value < y.low,
    )


def _labels(
    result: Result, ranking: Ranking, drawn: Sequence[int], points: Sequence[Point], room: Room
) -> tuple[Label, ...]:
    """The labels of the points. The front's are placed first, so they get the best places."""
    narrow = room.frame.right - room.frame.left < 40 * room.size
    named = len(drawn) <= (FEW // 2 if narrow else FEW)
    several = len({result.cells[i].cell.models for i in drawn}) > 1
    texts = []
    for i, point in zip(drawn, points, strict=True):
        cell = result.cells[i]
        text = str(i + 1)
        if point.below:
            text = f"{cell.cell.name} {score(cell, ranking.accuracy).value:.1f} %"
        elif named or (point.front and not narrow):
            # Colour and shape show the model.
            text = (variant_of(cell.cell) if several else "") or cell.cell.name
        texts.append(printable(text))
    order = sorted(range(len(drawn)), key=lambda j: (not points[j].front, not points[j].ranked, j))
    front = [points[j] for i in ranking.front for j, k in enumerate(drawn) if i == k]
    lines = [_bar(p.x_low, p.y, p.x_high, p.y) for p in points]
    lines += [_bar(p.x, p.y_high, p.x, p.y_low) for p in points]
    lines += [box for a, b in pairwise(front) for box in _along(a, b)]
    found = replace(room, lines=lines).place([(p.x, p.y) for p in points], texts, order)
    return tuple(found[j] for j in sorted(found))


def _bar(x1: float, y1: float, x2: float, y2: float) -> Box:
    return Box(min(x1, x2) - 1, min(y1, y2) - 1, max(x1, x2) + 1, max(y1, y2) + 1)


def _along(a: Point, b: Point, steps: int = 24) -> list[Box]:
    """Small boxes on the line between two points."""
    places = [
        (a.x + (b.x - a.x) * i / steps, a.y + (b.y - a.y) * i / steps) for i in range(steps + 1)
    ]
    return [_bar(*p, *q) for p, q in pairwise(places)]
