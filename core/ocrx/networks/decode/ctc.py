"""Reading what CTC networks emit along the best class of every step.

Graves et al., "Connectionist Temporal Classification", ICML 2006: take the best class of every
step, merge repeats, drop blanks.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrx.interfaces.decoding import BLANK, Emissions
from ocrx.types import Span, Text

ROUNDING = 0.01
"""The probabilities of a step, rounded to bf16, add up to no more than this above 1."""


def ctc_greedy(emissions: Emissions) -> list[Text]:
    """The text of every line along the best class of each step."""
    best, probabilities = emissions.best, emissions.best_probabilities
    return [
        text_of_path(best[row], probabilities[row], emissions.charset, emissions.steps(row))
        for row in range(len(emissions))
    ]


def text_of_path(
    classes: NDArray[np.intp], scores: NDArray[np.floating], charset: Sequence[str], steps: float
) -> Text:
    """The text that a path spells, `classes` and their `scores` both of shape (T,).

    A character's score is its probability at the step where it begins; spans are fractions of the
    first `steps` steps, and meet half-way between neighbours.
    """
    begins = np.flatnonzero(np.diff(classes, prepend=BLANK) != 0)
    ends = np.append(begins[1:], len(classes))
    kept = classes[begins] != BLANK
    begins, ends = begins[kept], ends[kept]
    return Text(
        tuple(charset[index - 1] for index in classes[begins].tolist()),
        tuple(scores[begins].astype(float).tolist()),
        _spans((begins + ends) / 2 / steps),
    )


def ctc_undecided(emissions: Emissions, nearness: float) -> list[int]:
    """The lines whose text hangs on a near tie.

    A near tie is a step at which another class has at least `nearness` times the probability of the
    best; above 1 there are none. Most are between a character and the blank beside it and change
    nothing; a line is undecided if one of them, taken the other way, changes its text.
    """
    if nearness > 1:
        return []
    # elsewhere too little is left for another class
    near = emissions.best_probabilities * (1 + nearness) <= 1 + ROUNDING
    return [
        int(row)
        for row in np.flatnonzero(near.any(axis=1))
        if _hangs(emissions, int(row), near[row], nearness)
    ]


def _hangs(emissions: Emissions, row: int, near: NDArray[np.bool_], nearness: float) -> bool:
    classes = emissions.best[row]
    read = _merged(classes)
    for step in np.flatnonzero(near):
        here = emissions.values[row, step]
        here = np.exp(here) if emissions.log else here
        for other in np.flatnonzero(here >= nearness * here[classes[step]]):
            changed = classes.copy()
            changed[step] = other
            if _merged(changed) != read:
                return True
    return False


def _merged(classes: NDArray[np.intp]) -> list[int]:
    """Without repeats and blanks."""
    kept = np.diff(classes, prepend=BLANK) != 0
    merged: list[int] = classes[kept & (classes != BLANK)].tolist()
    return merged


def _spans(centres: NDArray[np.float64]) -> tuple[Span, ...]:
    """Spans around the centres that meet half-way; the outer two are symmetric."""
    if len(centres) == 0:
        return ()
    middles = (centres[1:] + centres[:-1]) / 2
    first = centres[0] - (middles[0] - centres[0]) if len(middles) else 0.0
    last = centres[-1] + (centres[-1] - middles[-1]) if len(middles) else 1.0
    edges = np.clip(np.concatenate([[first], middles, [last]]), 0.0, 1.0).tolist()
    return tuple(pairwise(edges))
