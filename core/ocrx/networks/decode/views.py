"""Combines the emissions of several views of a line (other contrasts or widths), or of several
networks with the same charset."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocrx.interfaces.decoding import Emissions

FLOOR = 1e-6
"""The lowest probability that a view can give to a class, so that one view alone cannot rule a
class out."""


def combine(views: Sequence[Emissions]) -> Emissions:
    """Pool the distributions of several views of one line, step by step.

    Each view is one line (N = 1). Its steps that show the picture are resampled linearly to the
    number of the longest view. The logarithms are averaged and normalised again (the logarithmic
    opinion pool: Genest and Zidek, "Combining Probability Distributions", 1986). The result holds
    logarithms, float32 (1, T, C), without padding.

    Raises ValueError if there are no views, for a view of several lines, and for views of different
    charsets.
    """
    if not views:
        raise ValueError("there are no views to combine")
    first = views[0]
    if any(len(view) != 1 for view in views):
        raise ValueError("a view is a single line")
    if any(
        view.charset is not first.charset and [*view.charset] != [*first.charset] for view in views
    ):
        raise ValueError("the views are of different charsets")
    pictures = [_picture(view) for view in views]
    length = max(len(picture) for picture in pictures)
    pooled = np.mean([_resampled(picture, length) for picture in pictures], axis=0)
    pooled -= np.logaddexp.reduce(pooled, axis=1, keepdims=True)
    return Emissions(pooled[None].astype(np.float32), first.charset, (1.0,), log=True)


def _picture(view: Emissions) -> NDArray[np.float64]:
    """The log-probabilities (T, C) of the steps that show the picture."""
    values = view.values[0, : max(1, round(view.steps(0)))].astype(np.float64)
    return np.maximum(values if view.log else np.log(np.maximum(values, FLOOR)), np.log(FLOOR))


def _resampled(values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """The values (T, C), interpolated linearly to `length` steps over the same width."""
    at = np.clip((np.arange(length) + 0.5) * len(values) / length - 0.5, 0, len(values) - 1)
    below = np.floor(at).astype(int)
    above = np.minimum(below + 1, len(values) - 1)
    weight = (at - below)[:, None]
    resampled: NDArray[np.float64] = values[below] * (1 - weight) + values[above] * weight
    return resampled
