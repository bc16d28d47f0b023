"""Boxes of text on a page that was turned upright, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrx.page.quantiles import median

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Mask = NDArray[np.bool_]
Texts = NDArray[Any]
"""An array of strings, of dtype object."""
Rows = list[list[int]]
"""Rows of indices into boxes, each in reading direction."""


@dataclass(frozen=True)
class Boxes:
    """n boxes of upright text. All fields have shape (n,); lengths are in pixels."""

    x0: Floats
    """The left ends."""
    x1: Floats
    """The right ends."""
    y: Floats
    """The vertical centres."""
    h: Floats
    """The heights."""
    left: Floats
    """The vertical centres at the left ends."""
    right: Floats
    """The vertical centres at the right ends."""
    texts: Texts
    """What was read in each box, "" if that is unknown."""

    def __len__(self) -> int:
        return len(self.x0)

    def take(self, chosen: Ints | Mask) -> Boxes:
        """The boxes of those indices, or those that a mask selects."""
        return Boxes(
            self.x0[chosen],
            self.x1[chosen],
            self.y[chosen],
            self.h[chosen],
            self.left[chosen],
            self.right[chosen],
            self.texts[chosen],
        )

    def mirrored(self) -> Boxes:
        """The boxes with left and right exchanged."""
        return Boxes(-self.x1, -self.x0, self.y, self.h, self.right, self.left, self.texts)

    @cached_property
    def typical(self) -> float:
        """The median height."""
        return median(self.h)
