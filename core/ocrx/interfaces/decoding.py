"""CTC decoding: from a network's distributions over characters to the text of a line."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ocrx.interfaces.components import Component
from ocrx.types import Text

BLANK = 0
"""The index of CTC's blank, the class that stands for no character."""


@dataclass(frozen=True, eq=False)
class Emissions:
    """The output of a CTC network for N lines: a distribution over C classes at each of T steps.

    `values` is a float array of shape (N, T, C): probabilities, or their natural logarithms if
    `log` is set. Class 0 is the blank, class i the character `charset[i - 1]`. Steps run from the
    left of the crop to the right. The first `fractions[n]` (0 to 1) of row n's steps show the
    picture; the rest are padding.

    Raises ValueError if the shapes do not fit together.
    """

    values: NDArray[np.floating]
    charset: Sequence[str]
    fractions: Sequence[float]
    log: bool = False

    def __post_init__(self) -> None:
        if self.values.ndim != 3:
            raise ValueError(f"emissions have shape (N, T, C), not {self.values.shape}")
        rows, _, classes = self.values.shape
        if classes != len(self.charset) + 1:
            raise ValueError(f"{classes} classes for {len(self.charset)} characters and a blank")
        if rows != len(self.fractions):
            raise ValueError(f"{rows} rows with {len(self.fractions)} fractions")

    def __len__(self) -> int:
        """The number of lines, N."""
        return len(self.values)

    @cached_property
    def best(self) -> NDArray[np.intp]:
        """The most probable class of each step, (N, T)."""
        best: NDArray[np.intp] = self.values.argmax(axis=2)
        return best

    @cached_property
    def best_probabilities(self) -> NDArray[np.floating]:
        """The probabilities of `best`, (N, T)."""
        values = np.take_along_axis(self.values, self.best[..., None], axis=2)[..., 0]
        return np.exp(values) if self.log else values

    def steps(self, row: int) -> float:
        """How many steps of that row show the picture: above 0, and not always a whole number."""
        return float(max(1e-6, self.fractions[row]) * self.values.shape[1])

    def line(self, row: int) -> Emissions:
        """The emissions of that row alone, a view."""
        return Emissions(
            self.values[row : row + 1], self.charset, self.fractions[row : row + 1], self.log
        )


class Decoder(Component, ABC):
    """Turns emissions into text, for instance greedily, by beam search or along a pattern."""

    def prepare(self, charset: Sequence[str]) -> None:
        """Called with the characters of the network before its first emissions. Raises UsageError
        if what the decoder is to read cannot be written with them."""
        return

    @abstractmethod
    def decode(self, emissions: Emissions) -> list[Text]:
        """The text of each line, with its characters in the order of the steps.

        The caller brings text that runs from right to left into reading order. Spans are fractions
        of the width of the picture, without the padding.
        """

    def candidates(self, emissions: Emissions) -> list[list[Text]]:
        """What each line may say, the most probable text first: that of `decode`, and by default no
        other. Of several views of a line, the text is read that is most probable in all of them."""
        return [[text] for text in self.decode(emissions)]
