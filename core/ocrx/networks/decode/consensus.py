"""The reading on which several views of one line agree best.

Views need not be aligned step by step: each is asked how probable each candidate is, summed over
all paths that spell it. The logarithms are averaged (the logarithmic opinion pool: Genest and
Zidek, "Combining Probability Distributions", 1986). No view can rule a candidate out alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrx.interfaces.decoding import BLANK, Emissions
from ocrx.networks.decode.likelihood import log_likelihoods
from ocrx.types import Match, Text

FLOOR = 1e-6
"""The probability at each step of a character that `compact` has left out."""

LEAST = 1e-4
"""`compact` leaves out characters that reach this at no step."""

VETO = 8.0
"""By how much, as a natural logarithm, a view can find a candidate less probable than its best."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A view of a line: what may be read in it, the most probable first, and its emissions."""

    candidates: Sequence[Text]
    emissions: Emissions


def compact(emissions: Emissions, row: int) -> Emissions:
    """The emissions of a line as probabilities, without characters that reach LEAST at no step: a
    few of thousands."""
    values = emissions.values[row]
    kept = values.max(axis=0) >= (np.log(LEAST) if emissions.log else LEAST)
    kept[BLANK] = True
    found = values[:, kept].astype(np.float32)
    charset = [emissions.charset[place - 1] for place in np.flatnonzero(kept)[1:].tolist()]
    probabilities = np.exp(found) if emissions.log else found
    return Emissions(probabilities[None], charset, [emissions.fractions[row]])


def consensus(views: Sequence[Seen]) -> tuple[int, Text]:
    """The text on which the views of one line agree best, and the index of the view that shows it
    best, whose scores and spans it has.

    A text that matches patterns goes before any that does not. Its `match` then has its probability
    among all candidates that match, by all views together.
    """
    best_match = any(text.match and text.match.pattern for one in views for text in one.candidates)
    found: dict[tuple[str, ...], dict[int, Text]] = {}
    for index, one in enumerate(views):
        for text in one.candidates:
            if not best_match or (text.match is not None and text.match.pattern):
                found.setdefault(text.chars, {}).setdefault(index, text)
    texts = list(found)
    likely = np.stack([_likelihoods(one.emissions, texts) for one in views])
    pooled = np.maximum(likely, likely.max(axis=1, keepdims=True) - VETO).mean(axis=0)
    order = np.argsort(-pooled, kind="stable")
    place = next((int(i) for i in order if _holds(found[texts[i]])), int(order[0]))
    where = max(found[texts[place]], key=lambda index: float(likely[index, place]))
    text = found[texts[place]][where]
    if text.match is None or not text.match.pattern:
        return where, text
    return where, replace(text, match=_pooled(text.match, texts, found, pooled, place))


def _holds(read: dict[int, Text]) -> bool:
    return all(text.match is None or text.match.check is not False for text in read.values())


def _pooled(
    match: Match,
    texts: Sequence[tuple[str, ...]],
    found: dict[tuple[str, ...], dict[int, Text]],
    pooled: NDArray[np.float64],
    place: int,
) -> Match:
    """The match of the text at `place`, with probabilities by all views together."""
    held = np.array([_holds(found[text]) for text in texts])
    weights = np.exp(pooled - pooled.max()) * (held if held.any() else True)
    shares = weights / weights.sum()
    others = [int(i) for i in np.argsort(-shares, kind="stable") if i != place and shares[i] > 0]
    alternatives = tuple(("".join(texts[i]), float(shares[i])) for i in others)
    return replace(
        match,
        probability=float(shares[place]),
        alternatives=alternatives[: len(match.alternatives)],
    )


def _likelihoods(emissions: Emissions, texts: Sequence[tuple[str, ...]]) -> NDArray[np.float64]:
    """The logarithm of the probability of each text in a line. White space that no text has counts
    as blank."""
    written = {char for text in texts for char in text}
    steps = emissions.values[0].astype(np.float64)
    spaces = [i + 1 for i, c in enumerate(emissions.charset) if c.isspace() and c not in written]
    steps[:, BLANK] += steps[:, spaces].sum(axis=1)
    steps = np.concatenate([steps, np.full((len(steps), 1), FLOOR)], axis=1)
    class_of = {char: place + 1 for place, char in enumerate(emissions.charset)}
    classes = [[class_of.get(char, steps.shape[1] - 1) for char in text] for text in texts]
    found = log_likelihoods(np.broadcast_to(steps, (len(texts), *steps.shape)), classes)
    floored: NDArray[np.float64] = np.maximum(found, np.log(np.finfo(np.float64).tiny))
    return floored
