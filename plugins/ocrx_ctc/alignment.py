"""Where the characters of a known text are: forced alignment with the Viterbi algorithm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocrx.interfaces.decoding import BLANK, Emissions


def best_path(
    emissions: Emissions, row: int, labels: Sequence[int]
) -> tuple[NDArray[np.intp], NDArray[np.floating]]:
    """The most probable path along line `row` that spells `labels`: the class at each step and its
    probability, both (T,). Raises ValueError if the line has too few steps for the labels."""
    states = np.full(2 * len(labels) + 1, BLANK)  # a blank, then each class and a blank after it
    states[1::2] = labels
    values = emissions.values[row][:, states].astype(np.float64)
    logs = values if emissions.log else np.log(np.maximum(values, np.finfo(np.float64).tiny))
    # A path may go from one class to the next without the blank between, unless they are equal.
    skips = np.zeros(len(states), dtype=bool)
    skips[3::2] = states[3::2] != states[1:-2:2]
    score = np.full(len(states), -np.inf)
    score[:2] = logs[0, :2]
    came = np.zeros((len(logs), len(states)), dtype=np.intp)
    for step in range(1, len(logs)):
        ways = np.full((3, len(states)), -np.inf)
        ways[0] = score
        ways[1, 1:] = score[:-1]
        ways[2, 2:] = np.where(skips[2:], score[:-2], -np.inf)
        came[step] = ways.argmax(axis=0)
        score = ways.max(axis=0) + logs[step]
    state = len(states) - 1
    if labels and score[state - 1] > score[state]:
        state -= 1
    if score[state] == -np.inf:
        raise ValueError(f"{len(labels)} characters do not fit into {len(logs)} steps")
    path = np.empty(len(logs), dtype=np.intp)
    for step in range(len(logs) - 1, -1, -1):
        path[step] = state
        state -= came[step, state]
    probabilities = np.take_along_axis(values, path[:, None], axis=1)[:, 0]
    return states[path], np.exp(probabilities) if emissions.log else probabilities
