"""The axes of a plot: the place of each value in pixels, and the ticks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from ocrx.bench.figures.result import Interval

LEAST = 2.0
"""The least span of a scale, in percentage points: a smaller one would exaggerate differences."""


@dataclass(frozen=True)
class Scale:
    """Maps values from `low` to `high` to pixels from `start` to `end`, linearly or by
    logarithm."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """The place of a value in pixels. A value outside is put on the nearer end."""
        low, high, value = self.low, self.high, min(max(value, self.low), self.high)
        if self.logarithmic:
            low, high, value = math.log(low), math.log(high), math.log(value)
        return self.start + (self.end - self.start) * (value - low) / (high - low)


def log_scale(values: Sequence[float], start: float, end: float) -> Scale:
    """A logarithmic scale for positive values, with a little room at both ends. It spans at least a
    factor of 2."""
    low, high = min(values), max(values)
    room = max((high / low) ** 0.06, 1.06, math.sqrt(max(2 * low / high, 1.0)))
    return Scale(low / room, high * room, start, end, logarithmic=True)


def log_ticks(scale: Scale) -> list[float]:
    """The powers of ten within the scale. If there are fewer than three, also their multiples by 2
    and 5, by all digits, or by halves."""
    decades = range(math.floor(math.log10(scale.low)), math.ceil(math.log10(scale.high)) + 1)
    ticks: list[float] = []
    for steps in ((1,), (1, 2, 5), (*range(1, 10), 1.5), [half / 2 for half in range(2, 20)]):
        ticks = [step * 10.0**decade for decade in decades for step in steps]
        ticks = sorted(tick for tick in ticks if scale.low <= tick <= scale.high)
        if len(ticks) >= 3:
            return ticks
    return ticks


def share_scale(shares: Sequence[Interval], start: float, end: float) -> Scale:
    """A scale for percentages with their intervals. Values far below most others lie beneath it: a
    single one near 0 would crowd all others together."""
    best, middle = max(s.value for s in shares), median(s.value for s in shares)
    cut = best - max(4 * (best - middle), 8.0)
    bottom = min(s.low for s in shares if s.value >= cut)
    top = max(s.high for s in shares)
    step = share_step(max(top - bottom, LEAST))
    bottom = max(math.floor(round(bottom / step, 6)) * step, 0.0)
    top = min(math.ceil(round(top / step, 6)) * step, 100.0)
    if top - bottom < LEAST:
        bottom, top = (top - LEAST, top) if top >= LEAST else (bottom, bottom + LEAST)
    return Scale(bottom, top, start, end)


def share_step(span: float) -> float:
    """The step between ticks on a percentage scale of that span, for 4 to 8 ticks."""
    return next((step for step in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0) if span / step <= 7), 20.0)


def share_ticks(scale: Scale) -> list[float]:
    """The ticks of a percentage scale, from its low end on."""
    step = share_step(scale.high - scale.low)
    count = round((scale.high - scale.low) / step)
    return [
        round(scale.low + i * step, 3)
        for i in range(count + 1)
        if scale.low + i * step <= scale.high + 1e-9
    ]
