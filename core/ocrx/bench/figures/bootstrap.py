"""95 % bootstrap intervals of ratios of sums over pictures (Efron, Annals of Statistics, 1979)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ocrx.bench.figures.result import Interval

RESAMPLES = 1000
Floats: TypeAlias = NDArray[np.float64]
Sums: TypeAlias = Mapping[str, Floats]
"""The sum of each column of counts: a scalar for one draw of pictures, (N,) for N draws."""

Statistic: TypeAlias = Callable[[Sums], tuple[Floats, Floats]]
"""A figure of the sums: its numerator and its denominator. Their ratio is given in percent."""


def intervals(
    counts: Mapping[str, Floats], statistics: Mapping[str, Statistic], seed: int
) -> dict[str, Interval | None]:
    """Each statistic in percent, with its 95 % percentile interval.

    `counts` has a column by name, float64 (N,), with a number for each of N pictures. Each of
    RESAMPLES draws takes N pictures with replacement; all statistics see the same draws. A
    statistic whose denominator is 0 is None. An interval always contains its value.

    Pictures with equal counts are drawn together, so a million lines take no more time than there
    are different counts.
    """
    table = np.stack(list(counts.values()), axis=1)
    if not len(table):
        return dict.fromkeys(statistics)
    different, times = np.unique(table, axis=0, return_counts=True)
    random = np.random.default_rng(seed)
    draws = random.multinomial(len(table), times / len(table), size=RESAMPLES)
    every = dict(zip(counts, table.sum(axis=0), strict=True))
    drawn = dict(zip(counts, (draws @ different).T, strict=True))
    return {
        name: _interval(_percent(*statistic(every)), _percent(*statistic(drawn)))
        for name, statistic in statistics.items()
    }


def _percent(numerator: Floats, denominator: Floats) -> Floats:
    """100 * numerator / denominator, NaN where the denominator is 0."""
    nothing = np.full(np.shape(denominator), np.nan)
    return np.asarray(np.divide(100 * numerator, denominator, out=nothing, where=denominator > 0))


def _interval(value: Floats, drawn: Floats) -> Interval | None:
    if np.isnan(value):
        return None
    return percentiles(float(value), drawn[~np.isnan(drawn)])


def percentiles(value: float, drawn: Floats) -> Interval:
    """A figure with its 95 % percentile interval, from its values in other draws of pictures."""
    low, high = np.percentile(np.append(drawn, value), [2.5, 97.5])
    return Interval(value, float(min(low, value)), float(max(high, value)))
