"""95 % intervals of ratios of sums, by drawing the pictures again (Efron, 1979)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ocrx.bench.figures.result import Interval

RESAMPLES = 1000
Floats: TypeAlias = NDArray[np.float64]
Sums: TypeAlias = Mapping[str, Floats]
"""Of each column of counts, over one draw of pictures or over each of many."""

Statistic: TypeAlias = Callable[[Sums], tuple[Floats, Floats]]
"""A figure, as what is to be divided by what; it is told in percent."""


def intervals(
    counts: Mapping[str, Floats], statistics: Mapping[str, Statistic], seed: int
) -> dict[str, Interval | None]:
    """Each statistic of the sums of `counts` (by column, one number a picture), with the percentile
    interval of RESAMPLES draws of as many pictures with replacement; all statistics see the same
    draws. None where there is nothing to divide by. An interval always holds its value.

    Pictures with equal counts are drawn together, so that a million lines take no longer than
    their few different counts.
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


def _percent(above: Floats, below: Floats) -> Floats:
    """100 * above / below, NaN where `below` is 0."""
    nothing = np.full(np.shape(below), np.nan)
    return np.asarray(np.divide(100 * above, below, out=nothing, where=below > 0))


def _interval(value: Floats, drawn: Floats) -> Interval | None:
    if np.isnan(value):
        return None
    known = np.append(drawn[~np.isnan(drawn)], value)
    low, high = np.percentile(known, [2.5, 97.5])
    return Interval(float(value), float(min(low, value)), float(max(high, value)))
