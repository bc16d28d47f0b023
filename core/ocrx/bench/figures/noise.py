"""Whether two figures differ by more than chance and a busy machine explain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import mean, median, stdev

from ocrx.bench.figures.result import Cost, Interval

WITHIN = 2.0
"""Two times of one run are the same if they differ by less than this many percent."""

ACROSS = 5.0
"""The same for times of two runs: the same cell may differ by this much on a quiet machine."""

NOISY = 10.0
"""No time is ranked if the `spread` of a run is above this, in percent."""

# Two-sided 95 % points of Student's t for 1, 2, ... degrees of freedom.
STUDENT = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14)
NORMAL = 1.96


def spread(costs: Sequence[Cost]) -> float:
    """By how many percent the rounds of a cell differ: the median over cells, 0 without any."""
    return median(cost.spread for cost in costs) if costs else 0.0


def better(a: Interval, b: Interval) -> bool:
    """Whether the percentage `a` is higher than `b`, with 95 % confidence.

    The interval of the difference follows from both intervals (MOVER: Zou and Donner, Statistics in
    Medicine 27, 2008), as if they were of different pictures. For the same pictures it is wider
    than necessary, so the answer errs on the side of False.
    """
    return a.value - b.value > math.hypot(a.value - a.low, b.high - b.value)


def time_ratio(a: Sequence[float], b: Sequence[float], *, paired: bool) -> Interval | None:
    """How many times as long as `a` does `b` take? The geometric mean with its 95 % interval, from
    the medians of the rounds.

    `paired` says that round i of both ran one after the other. Then the machine's drift affects
    both alike, and only the variation of their ratio counts. None if either has a single round,
    which says nothing of chance, or a time of 0.
    """
    if min(len(a), len(b)) < 2 or min(*a, *b) <= 0:
        return None
    logs_a, logs_b = [math.log(x) for x in a], [math.log(x) for x in b]
    if paired and len(a) == len(b):
        logs = [y - x for x, y in zip(logs_a, logs_b, strict=True)]
        middle, error, freedom = mean(logs), stdev(logs) / math.sqrt(len(logs)), len(logs) - 1
    else:
        middle = mean(logs_b) - mean(logs_a)
        error = math.hypot(stdev(logs_a) / math.sqrt(len(a)), stdev(logs_b) / math.sqrt(len(b)))
        freedom = min(len(a), len(b)) - 1
    reach = error * (STUDENT[freedom - 1] if freedom <= len(STUDENT) else NORMAL)
    return Interval(math.exp(middle), math.exp(middle - reach), math.exp(middle + reach))


def faster(a: Sequence[float], b: Sequence[float]) -> bool:
    """Whether `a` is faster than `b` by more than noise, by the medians of their rounds in the same
    run."""
    ratio = time_ratio(a, b, paired=True)
    return ratio is not None and ratio.low > 1 and ratio.value >= 1 + WITHIN / 100
