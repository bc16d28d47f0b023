"""The geometry of the plot of lines read against lines misread, which the template draws as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ocrx.bench.figures.result import CellResult, Step
from ocrx.bench.show.html.labels import Box
from ocrx.bench.show.html.palette import SERIES
from ocrx.bench.show.html.scales import LEAST, Scale, share_ticks
from ocrx.bench.show.html.scatter import Tick
from ocrx.system.text import printable

MOST = 10.0
"""More misreads than this, in percent, are not drawn: nobody would accept them."""

Places = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Curves:
    """The plot. Places are pixels from its top left. `lines` are (number of the colour, places),
    `series` are (number of the colour, name), and `size` is the font size in pixels."""

    width: int
    height: int
    frame: Box
    lines: tuple[tuple[int, Places], ...]
    series: tuple[tuple[int, str], ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    x_title: str
    y_title: str
    size: float


def curves(chosen: Mapping[str, CellResult], width: int, height: int, size: float) -> Curves | None:
    """A curve for each of the cells, by name, that has one; None if none has."""
    found = {
        name: cell.figures.quality.trust.curve
        for name, cell in chosen.items()
        if cell.figures and cell.figures.quality.trust
    }
    if not found:
        return None
    frame = Box(size * 3.2, size * 2.2, width - size * 1.2, height - size * 3.6)
    worst = max((steps[-1].misread for steps in found.values() if steps), default=0.0)
    x = Scale(0.0, min(max(worst, LEAST), MOST), frame.left, frame.right)
    y = Scale(0.0, 100.0, frame.bottom, frame.top)
    numbers = {name: number % SERIES for number, name in enumerate(found)}
    return Curves(
        width,
        height,
        frame,
        tuple((numbers[name], _places(steps, x, y)) for name, steps in found.items()),
        tuple((number, printable(name)) for name, number in numbers.items()),
        tuple(Tick(round(x.place(t), 1), f"{t:g}") for t in share_ticks(x)),
        tuple(Tick(round(y.place(t), 1), f"{t:g}") for t in share_ticks(y)),
        "misread lines, %: fewer are left",
        "lines read, %",
        size,
    )


def _places(steps: Sequence[Step], x: Scale, y: Scale) -> Places:
    """The corners of a staircase: more is read at the same share of misreads, until one more is."""
    places, read = [(x.place(0.0), y.place(0.0))], 0.0
    for step in steps:
        if step.misread > x.high:
            break
        places += [(x.place(step.misread), y.place(at)) for at in (read, step.read)]
        read = step.read
    return tuple((round(a, 1), round(b, 1)) for a, b in places)
