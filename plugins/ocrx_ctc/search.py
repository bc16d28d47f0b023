"""The most probable texts of a lattice, the best first.

Prefix search (Graves, "Supervised Sequence Labelling with Recurrent Neural Networks", 2012, section
7.5.2) within an automaton: a prefix is followed up in the order of the probability of all texts
that begin with it, so the first whole text that comes up is the most probable one. As that
probability is known exactly from the backward pass, hardly any prefix is followed up in vain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

import numpy as np

from ocrx_ctc.lattice import Lattice, Probabilities

PATIENCE = 200
"""After so many prefixes without a whole text, only the longest ones are followed up: no text is
then likely, and one is as good as another."""

NEGLIGIBLE = 1e-12
"""Texts that have less than this share of the probability of all together do not come up."""


@dataclass(frozen=True, eq=False)
class _Prefix:
    """A beginning of texts: its characters by their index in the lattice, and the state after them.

    At each step, from before the first one on, `label` is the probability of the paths that spell
    it and end in its last character, `blank` of those that end in a blank, (T + 1,).
    """

    chars: tuple[int, ...]
    state: int
    label: Probabilities
    blank: Probabilities


def best_texts(
    lattice: Lattice, shares: Probabilities, after: Probabilities
) -> Iterator[tuple[tuple[int, ...], float]]:
    """The texts of one line, as indices of the lattice's characters, and their probabilities, the
    most probable first.

    `shares` is (T, 1 + A), `after` (T, E): a line of what `Lattice.steps` and `Lattice.backward`
    give. Exact while at most PATIENCE prefixes are followed up for a text.
    """
    search = _Search(lattice, shares, after)
    search.follow(search.root)
    patience = PATIENCE
    while search.queue:
        negative, _, prefix, edge = heappop(search.queue)
        if edge is None:
            yield prefix.chars, -negative
            patience = PATIENCE
            continue
        longer = search.extended(prefix, edge)
        patience -= 1
        if not patience:
            yield from search.dive(longer)
            return
        search.follow(longer)


class _Search:
    """The queue of prefixes and whole texts: (the negative of the probability, a number that breaks
    ties, the prefix, the edge that makes it longer or None for a whole text)."""

    def __init__(self, lattice: Lattice, shares: Probabilities, after: Probabilities) -> None:
        self._lattice = lattice
        self._shares = shares
        self._after = after
        blanks = np.concatenate([[1.0], np.cumprod(shares[:, 0])])
        self.root = _Prefix((), 0, np.zeros(len(blanks)), blanks)
        self.queue: list[tuple[float, int, _Prefix, int | None]] = []
        self._numbers = count()
        self._least = 0.0

    def follow(self, prefix: _Prefix) -> None:
        """Put into the queue what a prefix may become."""
        ended, longer = self._masses(prefix)
        if prefix is self.root:
            self._least = NEGLIGIBLE * (ended + float(longer.sum()))
        first = self._lattice.of_state[prefix.state].start
        for place in np.flatnonzero(longer > self._least).tolist():
            self._push(float(longer[place]), prefix, first + place)
        if ended > self._least:
            self._push(ended, prefix, None)

    def dive(self, prefix: _Prefix) -> Iterator[tuple[tuple[int, ...], float]]:
        """The text that comes of taking the most probable way from here on, if any."""
        while True:
            ended, longer = self._masses(prefix)
            best = float(longer.max(initial=0.0))
            if ended >= best:
                if ended > 0:
                    yield prefix.chars, ended
                return
            edge = self._lattice.of_state[prefix.state].start + int(longer.argmax())
            prefix = self.extended(prefix, edge)

    def extended(self, prefix: _Prefix, edge: int) -> _Prefix:
        """The prefix with the character of an edge."""
        char = int(self._lattice.char[edge])
        own = self._shares[:, 1 + char].tolist()
        entering = prefix.blank if _ends_in(prefix, char) else prefix.blank + prefix.label
        label, blank = [0.0], [0.0]
        for p, q, entered in zip(own, self._shares[:, 0].tolist(), entering.tolist(), strict=False):
            blank.append(q * (blank[-1] + label[-1]))
            label.append(p * (label[-1] + entered))
        chars = (*prefix.chars, char)
        return _Prefix(chars, int(self._lattice.target[edge]), np.array(label), np.array(blank))

    def _masses(self, prefix: _Prefix) -> tuple[float, Probabilities]:
        """The probability of the prefix as a whole text, and of all texts that go on with each edge
        of its state."""
        edges = self._lattice.of_state[prefix.state]
        chars = self._lattice.char[edges]
        entering = np.tile((prefix.blank + prefix.label)[:-1, None], (1, len(chars)))
        if prefix.chars:
            entering[:, chars == prefix.chars[-1]] = prefix.blank[:-1, None]
        masses: Probabilities = np.einsum(
            "te,te,te->e", entering, self._shares[:, 1 + chars], self._after[:, edges]
        )
        accepted = self._lattice.accepting[prefix.state]
        return float(prefix.blank[-1] + prefix.label[-1]) if accepted else 0.0, masses

    def _push(self, mass: float, prefix: _Prefix, edge: int | None) -> None:
        heappush(self.queue, (-mass, next(self._numbers), prefix, edge))


def _ends_in(prefix: _Prefix, char: int) -> bool:
    return bool(prefix.chars) and prefix.chars[-1] == char
