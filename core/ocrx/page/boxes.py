"""Boxes of text on a page that is turned upright."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Mask = NDArray[np.bool_]
Texts = NDArray[Any]
"""Strings, as objects."""
Rows = list[list[int]]
"""Indexes by rows, in the direction of reading."""


@dataclass(frozen=True)
class Boxes:
    """Boxes of upright text, each field of shape (n,): ends, centre, height, middle of the ends,
    and what was read in each, "" where it is not known."""

    x0: Floats
    x1: Floats
    y: Floats
    h: Floats
    left: Floats
    right: Floats
    texts: Texts

    def __len__(self) -> int:
        return len(self.x0)

    def take(self, indexes: Ints | Mask) -> Boxes:
        return Boxes(
            self.x0[indexes],
            self.x1[indexes],
            self.y[indexes],
            self.h[indexes],
            self.left[indexes],
            self.right[indexes],
            self.texts[indexes],
        )

    def mirrored(self) -> Boxes:
        """The boxes as seen from behind the page."""
        return Boxes(-self.x1, -self.x0, self.y, self.h, self.right, self.left, self.texts)

    @property
    def typical(self) -> float:
        """The median height."""
        return float(np.median(self.h))
