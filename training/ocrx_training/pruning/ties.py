"""Numbers that are the same channel: a union-find over them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
"""A channel for each place along an axis of a tensor."""

FROZEN = 0
"""The channel that cannot be removed. Whatever is tied to it cannot either."""


class Ties:
    """Channels, and which of them are one and the same, because one cannot go without the other."""

    def __init__(self) -> None:
        self._parents = [FROZEN]

    def fresh(self, count: int) -> Ids:
        """New channels, tied to nothing."""
        start = len(self._parents)
        self._parents.extend(range(start, start + count))
        return np.arange(start, start + count)

    def tie(self, first: Ids, second: Ids) -> None:
        """Make channels at the same place the same."""
        for a, b in zip(first.tolist(), second.tolist(), strict=True):
            low, high = sorted((self._root(a), self._root(b)))
            self._parents[high] = low

    def freeze(self, ids: Ids) -> None:
        """Keep channels from being removed."""
        self.tie(ids, np.full_like(ids, FROZEN))

    def roots(self, ids: Ids) -> Ids:
        """One channel that stands for all that are the same, the lowest of them."""
        return np.array([self._root(one) for one in ids.tolist()], np.int64)

    def _root(self, one: int) -> int:
        while (parent := self._parents[one]) != one:
            self._parents[one] = one = self._parents[parent]
        return one
