"""How probable given texts are: the forward algorithm of CTC (Graves et al., "Connectionist
Temporal Classification", ICML 2006, section 4.1)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocrx.interfaces.decoding import BLANK


def log_likelihoods(
    probabilities: NDArray[np.floating], texts: Sequence[Sequence[int]]
) -> NDArray[np.float64]:
    """The logarithm of the probability of a text in each line, (N,), summed over all paths that
    spell it; minus infinity for a text with too many characters.

    `probabilities` is (N, T, C), with class 0 for the blank. `texts` has the classes of a text for
    each line.
    """
    lengths = np.array([2 * len(text) for text in texts], dtype=np.intp)
    states = np.full((len(texts), int(lengths.max(initial=0)) + 1), BLANK)
    for row, text in zip(states, texts, strict=True):
        row[1 : 2 * len(text) : 2] = text  # a blank, then each character and a blank after it
    values = np.take_along_axis(probabilities, states[:, None, :], axis=2).astype(np.float64)
    values *= (np.arange(states.shape[1]) <= lengths[:, None])[:, None, :]
    # A path may go from one character to the next without the blank between, unless they are equal.
    skips = np.zeros(states.shape)
    skips[:, 3::2] = states[:, 3::2] != states[:, 1:-2:2]
    ways = np.zeros(states.shape)
    ways[:, 0] = 1
    total = np.zeros(len(texts))
    with np.errstate(divide="ignore", invalid="ignore"):
        for step in range(values.shape[1]):
            before = ways.copy()
            ways[:, 1:] += before[:, :-1]
            ways[:, 2:] += skips[:, 2:] * before[:, :-2]
            ways *= values[:, step]
            scale = ways.sum(axis=1)
            total += np.log(scale)
            ways /= np.maximum(scale, np.finfo(np.float64).tiny)[:, None]
        rows = np.arange(len(texts))
        ended = ways[rows, lengths] + np.where(lengths > 0, ways[rows, lengths - 1], 0.0)
        return np.asarray(total + np.log(ended))
