"""Tells the sign of a diameter from a zero.

A network that has seen few drawings is sure of the zero in `Ø12`. Yet it gives the sign a trace of
probability, and a zero none at all, one with a stroke or a dot included.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocrx.interfaces.decoding import BLANK, Emissions

TRACE = 0.001
"""From this probability on, a zero before a digit is the sign of a diameter. In 29 fonts, a zero
came to less than 0.0001."""

DIAMETER = "Ø"
EMPTY_SET = "∅"
"""What a network takes the sign for as often."""

BEFORE = frozenset(" ×xX(")
"""What stands before the sign, if anything does."""


def with_diameters(emissions: Emissions, best: NDArray[np.intp]) -> NDArray[np.intp]:
    """The best class of each step, (N, T), with the sign of a diameter before a digit in place of
    a zero that may be one, and of the sign of the empty set."""
    zero, sign, empty = (_class_of(one, emissions.charset) for one in ("0", DIAMETER, EMPTY_SET))
    if not (zero and sign and empty):
        return best
    rows, steps = np.nonzero((best == zero) | (best == empty))
    found = emissions.values[rows[:, None], steps[:, None], [sign, empty]]
    likely = (np.exp(found) if emissions.log else found).sum(axis=1) >= TRACE
    changed = best
    for row, step in zip(rows[likely].tolist(), steps[likely].tolist(), strict=True):
        start, end = _run(best[row], step)
        if _is_before_number(best[row], start, end, emissions.charset):
            changed = best.copy() if changed is best else changed
            changed[row, start:end] = sign
    return changed


def _class_of(char: str, charset: Sequence[str]) -> int:
    return charset.index(char) + 1 if char in charset else BLANK


def _run(classes: NDArray[np.intp], step: int) -> tuple[int, int]:
    """The first step of the same class around that one, and the step after the last."""
    other = np.flatnonzero(classes != classes[step])
    place = int(np.searchsorted(other, step))
    start = int(other[place - 1]) + 1 if place else 0
    return start, int(other[place]) if place < len(other) else len(classes)


def _is_before_number(
    classes: NDArray[np.intp], start: int, end: int, charset: Sequence[str]
) -> bool:
    """Whether a sign may stand at the steps from `start` to `end`, with a digit after it."""
    before = [charset[one - 1] for one in classes[:start].tolist() if one != BLANK][-1:]
    after = [charset[one - 1] for one in classes[end:].tolist() if one != BLANK]
    digits = [char for char in after if char != " "][:1]
    return BEFORE.issuperset(before) and any(map(str.isdecimal, digits))
