"""The product of an automaton and the lattice of a CTC network.

A path through it spells a text that the automaton accepts. Everything here adds the probabilities
of all paths of a text (the forward-backward algorithm of Graves et al., "Connectionist Temporal
Classification", ICML 2006, section 4.1, over an automaton in place of a single text).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ocrx.interfaces.decoding import BLANK, Emissions
from ocrx.patterns.automaton import Automaton

FLOOR = 1e-10
"""The least share of a step that an admitted class has, so that a single step rules out no text."""

CERTAINLY_NOT = 1e-5
"""A character that has less than this at each step of a line is cut off a very large lattice."""

Probabilities: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Steps:
    """The steps of N lines, cut down to the classes that an automaton admits.

    `shares`, (N, T, 1 + A), are the probabilities of the blank and of the admitted classes among
    each other. `admitted`, (N,), is the logarithm of the probability that no other class occurs.
    """

    shares: Probabilities
    admitted: Probabilities


class Lattice:
    """The edges of an automaton, one for each state and character, ordered by state.

    `chars` has the characters that occur and `classes` their classes; `blanks` are the classes that
    count as blank. It is made of `edges`, (3, E): for each edge the `state` where it begins, the
    index of its character (`char`), and the state that it leads to (`target`). `of_state` has the
    edges of each state.
    """

    def __init__(
        self,
        chars: Sequence[str],
        classes: Indices,
        blanks: Indices,
        edges: Indices,
        accepting: NDArray[np.bool_],
    ) -> None:
        self.chars, self.classes, self.blanks, self.accepting = chars, classes, blanks, accepting
        self.state, self.char, self.target = state, char, target = edges
        bounds = np.searchsorted(state, np.arange(len(accepting) + 1))
        self.of_state = [slice(start, end) for start, end in pairwise(bounds.tolist())]
        self._leading = np.flatnonzero(np.diff(bounds))  # the states that have edges
        self._starts = bounds[self._leading]
        edge_of = {one: i for i, one in enumerate(zip(state.tolist(), char.tolist(), strict=True))}
        again = zip(target.tolist(), char.tolist(), strict=True)
        # The edge that repeats the edge's character; the number of edges if there is none.
        self.same = np.array([edge_of.get(one, len(char)) for one in again], dtype=np.intp)

    @classmethod
    def of(cls, automaton: Automaton, charset: Sequence[str]) -> Lattice:
        """The lattice of an automaton whose characters are all in the charset."""
        class_of = {char: index + 1 for index, char in enumerate(charset)}
        chars = [char for group in automaton.groups for char in group]
        place_of = {char: place for place, char in enumerate(chars)}
        edges = [
            (state, place_of[char], target)
            for state, to in enumerate(automaton.edges)
            for group, target in to.items()
            for char in automaton.groups[group]
        ]
        spaces = [i + 1 for i, one in enumerate(charset) if one.isspace() and one not in place_of]
        return cls(
            chars,
            np.array([class_of[one] for one in chars], dtype=np.intp),
            np.array([BLANK, *spaces], dtype=np.intp),
            np.array(edges, dtype=np.intp).reshape(-1, 3).T,
            np.isin(np.arange(len(automaton.edges)), list(automaton.accepting)),
        )

    def cut(self, emissions: Emissions) -> Lattice:
        """The lattice without characters that are all but impossible at each step of a line."""
        found = emissions.values[0][:, self.classes].max(axis=0)
        kept = found >= (np.log(CERTAINLY_NOT) if emissions.log else CERTAINLY_NOT)
        number = np.cumsum(kept) - 1
        edges = kept[self.char]
        return Lattice(
            [char for char, one in zip(self.chars, kept.tolist(), strict=True) if one],
            self.classes[kept],
            self.blanks,
            np.stack([self.state[edges], number[self.char[edges]], self.target[edges]]),
            self.accepting,
        )

    def steps(self, emissions: Emissions) -> Steps:
        """The steps of the emissions. White space that the automaton does not admit is blank."""
        values = emissions.values
        taken = values[:, :, np.concatenate([self.blanks, self.classes])].astype(np.float64)
        found = np.exp(taken) if emissions.log else taken
        blank = found[:, :, : len(self.blanks)].sum(axis=2, keepdims=True)
        found = np.concatenate([blank, found[:, :, len(self.blanks) :]], axis=2)
        total = np.maximum(found.sum(axis=2, keepdims=True), np.finfo(np.float64).tiny)
        shares = np.maximum(found / total, FLOOR)
        return Steps(shares, np.minimum(np.log(total[:, :, 0]), 0).sum(axis=1))

    def backward(self, steps: Steps) -> tuple[Probabilities, Probabilities]:
        """For each edge taken at each step, the probability of ending well from there, (T, N, E);
        and that of any text that the automaton accepts, (N,)."""
        shares = steps.shares
        lines, length, _ = shares.shape
        count = len(self.char)
        after = np.empty((length, lines, count))
        resting = np.broadcast_to(
            self.accepting.astype(np.float64), (lines, len(self.accepting))
        ).copy()
        leaving = np.zeros(resting.shape)
        taken = np.zeros((lines, count + 1))  # with an edge for "none", which stays at 0
        after[-1] = resting[:, self.target]
        for step in range(length - 1, -1, -1):
            np.multiply(shares[:, step, 1:][:, self.char], after[step], out=taken[:, :count])
            if count:
                sums = np.add.reduceat(taken[:, :count], self._starts, axis=1)
                leaving[:, self._leading] = sums
            resting *= shares[:, step, :1]
            resting += leaving  # from the blank of each state, before this step
            if step:
                np.add(resting[:, self.target], taken[:, :count], out=after[step - 1])
                after[step - 1] -= taken[:, self.same]
        np.maximum(after, 0.0, out=after)
        return after, resting[:, 0]
