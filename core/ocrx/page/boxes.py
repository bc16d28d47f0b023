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

GAP = 2.0
"""Pieces of one line are at most so many heights apart."""


@dataclass(frozen=True)
class Lines:
    """Lines from top to bottom, of shape (lines,). `pieces` are the texts of all boxes, row by row,
    of which each line has those from one of the `starts` up to one of the `ends`."""

    x0: Floats
    x1: Floats
    y: Floats
    pieces: Texts
    starts: Ints
    ends: Ints

    @cached_property
    def pitch(self) -> float:
        """The median distance from line to line."""
        return median(self.y[1:] - self.y[:-1])

    @cached_property
    def texts(self) -> list[str]:
        """The text of each line."""
        places = zip(self.starts.tolist(), self.ends.tolist(), strict=True)
        return [" ".join(self.pieces[start:end]) for start, end in places]


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

    @cached_property
    def small(self) -> Mask:
        """Whether each text begins with a small letter."""
        return np.array([text[:1].islower() for text in self.texts], dtype=np.bool_)

    @cached_property
    def lines(self) -> Lines:
        """The lines that the boxes form. Boxes close together at the same height are pieces of one;
        what stands further to the right does not count."""
        order = np.argsort(self.y, kind="stable")
        y = self.y[order]
        row = np.append(0, np.cumsum(y[1:] - y[:-1] > self.typical / 2))
        order = order[np.lexsort((self.x0[order], row))]
        x0, x1 = self.x0[order], self.x1[order]
        last = np.append(row[1:] != row[:-1], True)
        apart = np.append(x0[1:] - x1[:-1] > GAP * self.typical, True)
        starts = np.append(0, np.flatnonzero(last)[:-1] + 1)
        stops = np.flatnonzero(last | apart)
        ends = stops[np.searchsorted(stops, starts)] + 1
        counts = np.diff(starts, append=len(order))
        middles = np.add.reduceat(self.y[order], starts) / counts
        return Lines(x0[starts], x1[ends - 1], middles, self.texts[order], starts, ends)
