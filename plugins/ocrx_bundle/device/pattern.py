"""Decodes along a pattern: the most probable text among those that an automaton accepts."""

from typing import Any, Dict, List, Tuple

import numpy as np

from ocrx_bundle.device.engines import Array

NOTHING = -1e30


class Pattern:
    """A finite automaton over characters.

    `tables` has the number of `states`, the `start`, the `accepting` states, and `moves`: of one
    state by any of some characters to another.

    A path through the network's steps is, at each of them, in a node: at rest in a state (blank),
    or on an edge (the edge's character). The best path is found by dynamic programming over these
    nodes (Viterbi); between two edges with the same character lies a blank, as CTC wants it.
    """

    def __init__(self, tables: Dict[str, Any], charset: List[str]) -> None:
        classes = {char: number + 1 for number, char in enumerate(charset)}
        edges = [
            (begin, classes[char], end)
            for begin, chars, end in tables["moves"]
            for char in chars
            if char in classes
        ]
        self._states = tables["states"]
        self._start = tables["start"]
        self._accepting = np.array(tables["accepting"], dtype=int)
        self._begins, self._classes, self._ends = np.array(edges, dtype=int).reshape(-1, 3).T
        into: List[List[int]] = [[] for _ in range(self._states)]
        for number, end in enumerate(self._ends.tolist()):
            into[end].append(number)
        most = max([1] + [len(one) for one in into])
        # Beyond a state's own edges stands the number of an edge that no path takes.
        self._into = np.array([one + [len(edges)] * (most - len(one)) for one in into])
        self._known = np.append(self._classes, -1)

    def decode(self, logs: Array, charset: List[str]) -> Tuple[str, List[float]]:
        """The best text for logarithms of probabilities, float (T, C), and the score of each
        character: its probability where it begins. Nothing if the steps are too few for any."""
        states = self._states
        nodes = np.full(states + len(self._ends), NOTHING)
        nodes[self._start] = 0.0
        origins = []
        for step in logs:
            nodes, origin = self._step(nodes, step)
            origins.append(origin)
        ends = np.concatenate([self._accepting, states + np.flatnonzero(self._is_last())])
        if not len(ends) or nodes[ends].max() <= NOTHING / 2:
            return "", []
        node = int(ends[np.argmax(nodes[ends])])
        found: List[Tuple[str, float]] = []
        for at in range(len(logs) - 1, -1, -1):
            before = int(origins[at][node])
            if node >= states and before != node:
                number = self._classes[node - states]
                found.append((charset[number - 1], float(np.exp(logs[at, number]))))
            node = before
        chars, scores = [char for char, _ in found[::-1]], [score for _, score in found[::-1]]
        return "".join(chars), scores

    def _is_last(self) -> Array:
        accepting = np.zeros(self._states, bool)
        accepting[self._accepting] = True
        return accepting[self._ends]

    def _step(self, nodes: Array, step: Array) -> Tuple[Array, Array]:
        """The best score of each node after another step, and the node that it comes from."""
        states, rows = self._states, np.arange(self._states)
        rest, edges = nodes[:states], np.append(nodes[states:], NOTHING)
        coming = edges[self._into]
        first = self._into[rows, coming.argmax(axis=1)]
        coming[self._known[self._into] == self._known[first][:, None]] = NOTHING
        second = self._into[rows, coming.argmax(axis=1)]
        second[coming.max(axis=1) <= NOTHING] = len(self._ends)
        arriving = edges[first] > rest
        blanks = np.where(arriving, edges[first], rest) + step[0]
        from_blanks = np.where(arriving, states + first, rows)

        begins = self._begins
        other = np.where(self._known[first[begins]] == self._classes, second[begins], first[begins])
        choices = np.stack([nodes[states:], rest[begins], edges[other]])
        origins = np.stack([states + np.arange(len(begins)), begins, states + other])
        best = choices.argmax(axis=0)
        columns = np.arange(len(begins))
        moving = choices[best, columns] + step[self._classes]
        return (
            np.concatenate([blanks, moving]),
            np.concatenate([from_blanks, origins[best, columns]]),
        )
