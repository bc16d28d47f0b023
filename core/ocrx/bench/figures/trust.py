"""How well confidences tell right readings from wrong ones."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrx.bench.figures.bootstrap import RESAMPLES, percentiles
from ocrx.bench.figures.result import Step, Trusted
from ocrx.profiles.trust import Trust, log_odds

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MISREADS = (0.001, 0.01)
"""The shares of misread lines for which the share of read ones is given."""

STEPS = 60
"""The most steps of a curve that a result keeps."""

BINS = 10
BLOCK = 10**6
"""The most lines that are drawn at once."""
PRIOR = 0.1
"""How strongly few pictures are kept from changing much: the weight of a temperature of 1 and an
offset of 0, in pictures."""


def fit(probabilities: Sequence[float], right: Sequence[bool]) -> Trust:
    """The temperature and offset of the highest likelihood for lines that were read right or wrong,
    with a weak prior that leaves probabilities as they are. By Newton's method, in which each step
    is halved until the likelihood rises."""
    odds = np.array([log_odds(one) for one in probabilities])
    rows = np.stack([odds, np.ones_like(odds)], axis=1)
    truth = np.array(right, dtype=np.float64)
    prior, found = np.array([1.0, 0.0]), np.array([1.0, 0.0])

    def loss(at: Floats) -> float:
        value = rows @ at
        return float(
            (np.logaddexp(0, value) - truth * value).sum() + PRIOR * ((at - prior) ** 2).sum()
        )

    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(rows @ found, -500, 500)))
        slope = rows.T @ (p - truth) + 2 * PRIOR * (found - prior)
        curve = (rows * (p * (1 - p))[:, None]).T @ rows + 2 * PRIOR * np.eye(2)
        step = np.linalg.solve(curve, slope)
        while loss(found - step) > loss(found) and np.abs(step).max() > 1e-9:
            step /= 2
        found = found - step
        if np.abs(step).max() < 1e-6:
            break
    return Trust(float(1 / max(found[0], 1e-3)), float(found[1]), len(truth))


def calibration_error(
    confidences: Sequence[float] | Floats, right: Sequence[bool] | Bools
) -> float:
    """The expected calibration error, 0 to 1: the mean distance between confidence and share of
    right readings, in BINS of equally many lines (Naeini et al., AAAI 2015)."""
    order = np.argsort(confidences, kind="stable")
    sure, truth = np.array(confidences)[order], np.array(right, dtype=bool)[order]
    return float(_errors(sure[None], truth[None])[0])


def trusted(confidences: Sequence[float], right: Sequence[bool], seed: int = 0) -> Trusted | None:
    """The worth of the confidences of lines that were read right or wrong, with 95 % intervals of
    draws over lines; None without lines."""
    order = np.argsort(confidences, kind="stable")
    sure, truth = np.array(confidences)[order], np.array(right, dtype=bool)[order]
    if not len(sure):
        return None
    random = np.random.default_rng(seed)
    draws = max(100, min(RESAMPLES, 10**7 // len(sure)))
    most = max(1, BLOCK // len(sure))
    blocks = [
        _worths(sure, truth, np.sort(random.integers(0, len(sure), (rows, len(sure)))))
        for rows in (min(most, draws - start) for start in range(0, draws, most))
    ]
    told = _worths(sure, truth, np.arange(len(sure))[None])[0]
    strict, usual, error = map(percentiles, told.tolist(), np.concatenate(blocks).T)
    return Trusted(strict, usual, error, _thinned(curve(sure, truth)))


def _worths(sure: Floats, truth: Bools, chosen: NDArray[np.intp]) -> Floats:
    """For rows of lines, in ascending order of confidence: the shares read at each of MISREADS, and
    the calibration error; float64 (rows, 3), in percent."""
    rows, right = sure[chosen], truth[chosen]
    rates = [_read_rates(rows, right, misreads) for misreads in MISREADS]
    return 100 * np.stack([*rates, _errors(rows, right)], axis=1)


def _read_rates(sure: Floats, right: Bools, misreads: float) -> Floats:
    """`read_rate` of each row."""
    count = sure.shape[1]
    last = np.diff(sure, axis=1, prepend=-1.0) != 0  # lines of equal confidence go together
    wrong = np.cumsum(~right[:, ::-1], axis=1)[:, ::-1]
    read = np.arange(count, 0, -1) / count
    found: Floats = (read * (last & (wrong / count <= misreads))).max(axis=1)
    return found


def _errors(sure: Floats, right: Bools) -> Floats:
    """`calibration_error` of each row of lines, in ascending order of confidence."""
    count = sure.shape[1]
    sizes = [len(part) for part in np.array_split(np.arange(count), BINS) if len(part)]
    gaps = np.add.reduceat(sure - right, np.cumsum([0, *sizes[:-1]]), axis=1)
    errors: Floats = np.abs(gaps).sum(axis=1) / count
    return errors


def _thinned(points: Sequence[tuple[float, float, float]]) -> tuple[Step, ...]:
    """The last step for each number of misreads; of more than STEPS of them, some evenly spread."""
    corners = [one for one, after in pairwise([*points, (0.0, 1.0, 2.0)]) if one[2] < after[2]]
    kept = np.unique(np.linspace(0, len(corners) - 1, STEPS).round().astype(int))
    return tuple(
        Step(round(sure, 6), round(100 * read, 3), round(100 * wrong, 3))
        for sure, read, wrong in (corners[i] for i in kept)
    )


def curve(
    confidences: Sequence[float] | Floats, right: Sequence[bool] | Bools
) -> list[tuple[float, float, float]]:
    """What happens if only lines of at least some confidence are read, for each confidence there
    is, the highest first: (confidence, share of lines that are read, share that are misread)."""
    order = np.argsort(-np.array(confidences, dtype=np.float64), kind="stable")
    sure = np.array(confidences, dtype=np.float64)[order]
    wrong = np.cumsum(~np.array(right, dtype=bool)[order])
    last = np.flatnonzero(np.diff(sure, append=-1.0))  # lines of equal confidence go together
    count = max(1, len(sure))
    return [(float(sure[i]), (i + 1) / count, float(wrong[i]) / count) for i in last.tolist()]


def read_rate(points: Sequence[tuple[float, float, float]], misreads: float) -> tuple[float, float]:
    """The greatest share of lines that can be read with at most that share of misreads, and the
    confidence to accept for it; (0, 1) if there is none."""
    fitting = [(read, sure) for sure, read, wrong in points if wrong <= misreads]
    return max(fitting, default=(0.0, 1.0))
