"""Greedy CTC decoding, and the search for near ties.

Greedy decoding takes the best class of each step, merges repeats and drops blanks: Graves et al.,
"Connectionist Temporal Classification", ICML 2006.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from ocrx.interfaces.decoding import BLANK, Emissions
from ocrx.networks.decode.diameters import with_diameters
from ocrx.networks.decode.spaces import with_spaces
from ocrx.types import Span, Text

ROUNDING = 0.01
"""The probabilities of a step, rounded to bf16, may add up to this much more than 1."""


def ctc_greedy(emissions: Emissions) -> list[Text]:
    """The text of each line, by greedy decoding, with the spaces that `with_spaces` adds and the
    signs that `with_diameters` tells from zeros."""
    best, probabilities = with_spaces(emissions)
    best = with_diameters(emissions, best)
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
    found = scores.tolist()
    chars, kept, centres = [], [], []
    end = 0
    for index, run in groupby(classes.tolist()):
        begin, end = end, end + len(list(run))
        if index != BLANK:
            chars.append(charset[index - 1])
            kept.append(found[begin])
            centres.append((begin + end) / 2 / steps)
    return Text(tuple(chars), tuple(kept), _spans(centres))


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


def _spans(centres: Sequence[float]) -> tuple[Span, ...]:
    """Spans around the centres. Neighbours meet half-way; the two outer spans are symmetric."""
    if not centres:
        return ()
    middles = [(one + other) / 2 for one, other in pairwise(centres)]
    first = centres[0] - (middles[0] - centres[0]) if middles else 0.0
    last = centres[-1] + (centres[-1] - middles[-1]) if middles else 1.0
    edges = [min(max(edge, 0.0), 1.0) for edge in (first, *middles, last)]
    return tuple(pairwise(edges))
