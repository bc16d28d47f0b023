"""Chance that can be repeated: one stream of random numbers for each picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Dice:
    """Random numbers that depend on the seed and the picture's number alone, never on the process.

    All of it rests on `numpy.random.PCG64`, whose stream NumPy keeps the same between versions.
    """

    def __init__(self, seed: int, index: int) -> None:
        self.generator = np.random.Generator(np.random.PCG64([seed, index]))

    def share(self) -> float:
        """A number in [0, 1)."""
        return float(self.generator.random())

    def chance(self, probability: float) -> bool:
        """True with that probability."""
        return self.share() < probability

    def between(self, low: float, high: float) -> float:
        """A number in [low, high), evenly."""
        return low + (high - low) * self.share()

    def scale(self, low: float, high: float) -> float:
        """A number in [low, high), evenly on a logarithmic scale. Both are positive."""
        return float(low * (high / low) ** self.share())

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both possible."""
        return low + int((high - low + 1) * self.share())

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, all equally likely."""
        return choices[int(len(choices) * self.share())]

    def weighted(self, weights: Mapping[T, float]) -> T:
        """One of the keys, as likely as its weight is heavy. At least one weight is positive."""
        left = self.share() * sum(weights.values())
        chosen = None
        for key, weight in weights.items():
            if weight > 0:
                chosen = key
                left -= weight
                if left < 0:
                    break
        if chosen is None:
            raise ValueError("no weight is positive")
        return chosen
