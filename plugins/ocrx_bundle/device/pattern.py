"""Decodes along a pattern: the most probable text among those that an automaton accepts."""

from typing import Any, Dict, List, Optional, Tuple

import numpy as np

from ocrx_bundle.device.engines import Array

NOTHING = -1e30
FLOOR = 1e-10
"""The least probability of a class, so that a single step rules out no text."""


class Pattern:
    """A finite automaton over characters.

    `tables` has the number of `states`, of which 0 is the first, the `accepting` ones, and `moves`:
    from one state by any of some characters to another. `least` is the least probability of a
    character, averaged geometrically over the text: a line in which the text that matches best has
    less shows something else. White space that the automaton does not admit counts as blank.

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
        self._charset = charset
        self._least = tables["least"]
        self._states = tables["states"]
        self._begins, self._classes, self._ends = np.array(edges, dtype=int).reshape(-1, 3).T
        accepting = np.zeros(self._states, bool)
        accepting[tables["accepting"]] = True
        self._last = np.flatnonzero(np.concatenate([accepting, accepting[self._ends]]))
        admitted = set(self._classes.tolist())
        self._spaces = [n for char, n in classes.items() if char.isspace() and n not in admitted]
        into: List[List[int]] = [[] for _ in range(self._states)]
        for number, end in enumerate(self._ends.tolist()):
            into[end].append(number)
        most = max([1] + [len(one) for one in into])
        # Beyond a state's own edges stands the number of an edge that no path takes.
        self._into = np.array([one + [len(edges)] * (most - len(one)) for one in into])
        self._known = np.append(self._classes, -1)

    def decode(self, values: Array) -> Optional[Tuple[str, List[float]]]:
        """The best text for probabilities, float (T, C), and the score of each character: its
        probability where it begins. None if no text that matches is likely."""
        values = values.astype(np.float64)
        values[:, 0] += values[:, self._spaces].sum(axis=1)
        logs = np.log(np.maximum(values, FLOOR))
        begun = self._best_path(logs)
        if begun is None:
            return None
        classes = [number for _, number in begun]
        likely = likelihood(logs, classes) / max(1, len(classes))
        if np.exp(likely) < self._least:
            return None
        text = "".join(self._charset[number - 1] for number in classes)
        return text, [float(values[at, number]) for at, number in begun]

    def _best_path(self, logs: Array) -> Optional[List[Tuple[int, int]]]:
        """The step and the class of each character of the best path; None if the steps are too few
        for any text."""
        nodes = np.full(self._states + len(self._ends), NOTHING)
        nodes[0] = 0.0
        origins = []
        for step in logs:
            nodes, origin = self._step(nodes, step)
            origins.append(origin)
        if not len(self._last) or nodes[self._last].max() <= NOTHING / 2:
            return None
        node = int(self._last[np.argmax(nodes[self._last])])
        begun: List[Tuple[int, int]] = []
        for at in range(len(logs) - 1, -1, -1):
            before = int(origins[at][node])
            if node >= self._states and before != node:
                begun.append((at, int(self._classes[node - self._states])))
            node = before
        return begun[::-1]

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


def likelihood(logs: Array, classes: List[int]) -> float:
    """The logarithm of the probability of a text, summed over all paths that spell it (Graves et
    al., 2006). `logs` are logarithms of probabilities (T, C)."""
    row = np.zeros(2 * len(classes) + 1, dtype=int)  # blanks around all characters
    row[1::2] = classes
    skips = np.zeros(len(row), bool)
    skips[2:] = (row[2:] != 0) & (row[2:] != row[:-2])
    sums = np.full(len(row), NOTHING)
    sums[0] = 0.0
    for step in logs:
        one = np.append([NOTHING], sums[:-1])
        two = np.where(skips, np.append([NOTHING] * 2, sums)[: len(row)], NOTHING)
        sums = np.logaddexp(np.logaddexp(sums, one), two) + step[row]
    return float(np.logaddexp(sums[-1], sums[-2])) if len(row) > 1 else float(sums[0])
