"""Strips of a region that stand side by side, with blanks between them from top to bottom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocrx.page.boxes import Floats, Ints, Mask

GUTTER = 0.4
"""The least width of a gutter between columns or cells, in heights of a line."""


def starts_of(new: Mask) -> Ints:
    """Where runs begin, of which all but the first are `new` after the one before them."""
    return np.concatenate(([0], np.flatnonzero(new) + 1))


@dataclass(frozen=True)
class Strips:
    """Strips that boxes stand in: the `number` of each box's strip, and the `widths` of strips.
    `gaps` are those between a box and all before it, from left to right."""

    number: Ints
    widths: Floats
    gaps: Floats

    @classmethod
    def of(cls, x0: Floats, x1: Floats, least: float) -> Strips:
        """The strips that gaps of at least `least` pixels separate."""
        order = np.argsort(x0, kind="stable")
        starts, reach = x0[order], np.maximum.accumulate(x1[order])
        gaps = starts[1:] - reach[:-1]
        first = starts_of(gaps >= least)
        number = np.empty(len(x0), dtype=np.intp)
        number[order] = np.repeat(np.arange(len(first)), np.diff(first, append=len(x0)))
        return cls(number, reach[np.append(first[1:], len(x0)) - 1] - starts[first], gaps)

    def count(self, least: float) -> int:
        """How many strips gaps of at least `least` pixels would separate."""
        return 1 + int(np.count_nonzero(self.gaps >= least))
