"""Whether two figures differ by more than chance and an uneasy machine make them differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import mean, median, stdev

from ocrx.bench.figures.result import Cost, Interval

WITHIN = 2.0
"""Percent by which the times of two cells of one run must differ at least to be told apart."""

ACROSS = 5.0
"""The same for two runs: what the same cell on the same quiet machine may differ by."""

NOISY = 10.0
"""Percent that the rounds of a cell differ by, half of all cells more: then no time is ranked."""

# Two-sided 95 % points of Student's t for 1, 2, ... degrees of freedom.
STUDENT = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14)
NORMAL = 1.96


def spread(costs: Sequence[Cost]) -> float:
    """Percent that the rounds of the same cell differ by: the median over cells, 0 without any."""
    return median(cost.spread for cost in costs) if costs else 0.0


def better(a: Interval, b: Interval) -> bool:
    """Whether the share `a` is higher than `b` beyond their 95 % intervals.

    The interval of the difference is had from both (MOVER: Zou and Donner, Statistics in Medicine
    27, 2008), as if they were of different pictures. For the same pictures it is wider than it
    need be: what is told apart is so.
    """
    return a.value - b.value > math.hypot(a.value - a.low, b.high - b.value)


def time_ratio(a: Sequence[float], b: Sequence[float], *, paired: bool) -> Interval | None:
    """How many times as long `b` takes as `a`, with a 95 % interval, from the rounds' medians.

    `paired`: round i of both ran next to each other, so that the machine's drift hits both alike
    and only what their ratio does counts. None where a single round says nothing of chance.
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
    """Whether the rounds `a` are faster than `b` of the same run, beyond noise."""
    ratio = time_ratio(a, b, paired=True)
    return ratio is not None and ratio.low > 1 and ratio.value >= 1 + WITHIN / 100
