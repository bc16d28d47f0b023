"""Greedy CTC decoding, and the search for near ties.

Greedy decoding takes the best class of each step, merges repeats and drops blanks: Graves et al.,
"Connectionist Temporal Classification", ICML 2006.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrx.interfaces.decoding import BLANK, Emissions
from ocrx.networks.decode.spaces import with_spaces
from ocrx.types import Span, Text

ROUNDING = 0.01
"""The probabilities of a step, rounded to bf16, may add up to this much more than 1."""


def ctc_greedy(emissions: Emissions) -> list[Text]:
    """The text of each line, by greedy decoding, with the spaces that `with_spaces` adds."""
    best, probabilities = with_spaces(emissions)
    return [
        text_of_path(best[row], probabilities[row], emissions.charset, emissions.steps(row))
        for row in range(len(emissions))
    ]


def text_of_path(
    classes: NDArray[np.intp], scores: NDArray[np.floating], charset: Sequence[str], steps: float
) -> Text:
    """The text of a path of `classes` with their `scores`, both of shape (T,).

    A character's score is its probability at the step where it begins. Spans are fractions of the
    first `steps` steps, and neighbouring ones meet half-way between the characters.
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
    """The rows of the lines whose text depends on a near tie.

    A near tie is a step at which another class has at least `nearness` times the probability of the
    best; with a `nearness` above 1 there are none. Most near ties are between a character and the
    blank beside it, and change nothing. A line is undecided if deciding one of its near ties the
    other way changes the text, spaces aside that are spread over several steps.
    """
    if nearness > 1:
        return []
    # At all other steps, too little probability is left for another class.
    near = emissions.best_probabilities * (1 + nearness) <= 1 + ROUNDING
    return [
        int(row)
        for row in np.flatnonzero(near.any(axis=1))
        if _is_undecided(emissions, int(row), near[row], nearness)
    ]


def _is_undecided(emissions: Emissions, row: int, near: NDArray[np.bool_], nearness: float) -> bool:
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
    """The classes without repeats and blanks."""
    kept = np.diff(classes, prepend=BLANK) != 0
    merged: list[int] = classes[kept & (classes != BLANK)].tolist()
    return merged


def _spans(centres: NDArray[np.float64]) -> tuple[Span, ...]:
    """Spans around the centres. Neighbours meet half-way; the two outer spans are symmetric."""
    if len(centres) == 0:
        return ()
    middles = (centres[1:] + centres[:-1]) / 2
    first = centres[0] - (middles[0] - centres[0]) if len(middles) else 0.0
    last = centres[-1] + (centres[-1] - middles[-1]) if len(middles) else 1.0
    edges = np.clip(np.concatenate([[first], middles, [last]]), 0.0, 1.0).tolist()
    return tuple(pairwise(edges))
