"""Quantiles of a few numbers, or of bytes: what NumPy gives, in a tenth of the time or less.

A page has some dozen lines. In sorting out their order, NumPy's own functions spend nearly all of
their time on checks of their arguments.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def median(values: NDArray[np.float64]) -> float:
    """`np.median` of numbers of shape (n,), at least one."""
    ordered = np.sort(values)
    below, above = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return float(below + above) / 2


def lower_median(values: NDArray[np.float64]) -> float:
    """Of two numbers in the middle the lower one: `np.quantile` of 0.5, with the method "lower"."""
    return lower(values, 0.5)


def lower(values: NDArray[np.float64], part: float) -> float:
    """`np.quantile` of numbers of shape (n,), at least one, with the method "lower"."""
    return float(np.sort(values)[int((len(values) - 1) * part)])


def quantile(values: NDArray[np.float64], part: float) -> float:
    """`np.quantile` of numbers of shape (n,), at least one."""
    return _between(np.sort(values), (len(values) - 1) * part)


def byte_quantile(values: NDArray[np.uint8], part: float) -> float:
    """`np.quantile` of bytes of any shape, at least one."""
    upto = np.cumsum(np.bincount(values.ravel(), minlength=256))
    place = (values.size - 1) * part
    pair = np.searchsorted(upto, (int(place), int(place) + 1), "right")
    return _between(pair.astype(np.float64), place - int(place))


def _between(ordered: NDArray[Any], place: float) -> float:
    """The value at a place, which may lie between two of the numbers."""
    low = int(place)
    below, above = float(ordered[low]), float(ordered[min(low + 1, len(ordered) - 1)])
    step, off = above - below, place - low
    # From both ends, as NumPy does it: the results differ in their last bits.
    return above - step * (1 - off) if off >= 0.5 else below + step * off
