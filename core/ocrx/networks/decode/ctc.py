"""Greedy decoding of CTC outputs.

Graves et al., "Connectionist Temporal Classification", ICML 2006: take the best class of every
step, merge repeats, drop blanks.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrx.types import Span, Text

BLANK = 0

ROUNDING = 0.01
"""The probabilities of a step, rounded to bf16, add up to no more than this above 1."""


def ctc_greedy(
    probabilities: NDArray[np.floating],
    charset: Sequence[str],
    fractions: Sequence[float],
) -> list[Text]:
    """The text of every row of a batch.

    `probabilities` has shape (N, T, C), class 0 is the blank, class i the character
    `charset[i - 1]`; `fractions` says how much of each row's width is picture, the rest being
    padding. A character's score is its probability at the step where it begins; spans meet half-way
    between neighbours.
    """
    if probabilities.shape[2] != len(charset) + 1:
        raise ValueError(
            f"{probabilities.shape[2]} classes for {len(charset)} characters and a blank"
        )
    best = probabilities.argmax(axis=2)
    scores = np.take_along_axis(probabilities, best[..., None], axis=2)[..., 0]
    steps = probabilities.shape[1]
    return [
        _row(classes, score, charset, max(1e-6, fraction) * steps)
        for classes, score, fraction in zip(best, scores, fractions, strict=True)
    ]


def ctc_undecided(probabilities: NDArray[np.floating], nearness: float) -> list[int]:
    """The rows of a batch whose text hangs on a near tie.

    `probabilities` are those of `ctc_greedy`. A near tie is a step at which another class has at
    least `nearness` times the probability of the best; above 1 there are none. Most are between a
    character and the blank beside it and change nothing; a row is undecided if one of them, taken
    the other way, changes its text.
    """
    if nearness > 1:
        return []
    best = probabilities.max(axis=2)
    near = best * (1 + nearness) <= 1 + ROUNDING  # elsewhere too little is left for another class
    return [
        int(row)
        for row in np.flatnonzero(near.any(axis=1))
        if _hangs(probabilities[row], near[row], nearness)
    ]


def _hangs(probabilities: NDArray[np.floating], near: NDArray[np.bool_], nearness: float) -> bool:
    classes = probabilities.argmax(axis=1)
    read = _merged(classes)
    for step in np.flatnonzero(near):
        here = probabilities[step]
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


def _row(
    classes: NDArray[np.intp], scores: NDArray[np.floating], charset: Sequence[str], steps: float
) -> Text:
    begins = np.flatnonzero(np.diff(classes, prepend=BLANK) != 0)
    ends = np.append(begins[1:], len(classes))
    kept = classes[begins] != BLANK
    begins, ends = begins[kept], ends[kept]
    return Text(
        tuple(charset[index - 1] for index in classes[begins].tolist()),
        tuple(scores[begins].astype(float).tolist()),
        _spans((begins + ends) / 2 / steps),
    )


def _spans(centres: NDArray[np.float64]) -> tuple[Span, ...]:
    """Spans around the centres that meet half-way; the outer two are symmetric."""
    if len(centres) == 0:
        return ()
    middles = (centres[1:] + centres[:-1]) / 2
    first = centres[0] - (middles[0] - centres[0]) if len(middles) else 0.0
    last = centres[-1] + (centres[-1] - middles[-1]) if len(middles) else 1.0
    edges = np.clip(np.concatenate([[first], middles, [last]]), 0.0, 1.0).tolist()
    return tuple(pairwise(edges))
