"""Finds spaces whose probability is spread over several steps.

At the steps between two words a CTC network is often torn between the space and the blank. The
blank is the more probable one at each of them, so the greedy path has no space there, although a
space at one step or another is likely.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ocrx.interfaces.decoding import BLANK, Emissions

LIKELY = 0.45
"""From this probability on, a space is read between any two characters."""

ENOUGH = 0.2
"""From this one on, it is read beside a digit or a sign. In drawn lines and on receipts nine of ten
such places have a space; between letters and beside what TIGHT holds, only half of them."""

SUSPECTED = 0.01
BEFORE_NUMBERS = frozenset("<>±≤≥~")
BETWEEN = frozenset("/#%+=≠&")
"""From this one on, it is read between one of the first signs and a digit after it, and between one
of the others and a letter or digit on either side. In 29 fonts, a sign set close to its number came
to 0.006 at most, and one set apart to 0.05 to 0.3 in most of them."""

ABBREVIATED = 0.05
"""From this one on, it is read between the full stop of an abbreviation and a digit. In all but one
of 29 fonts, `No.5` came to 0.009 at most, and `No. 5` to 0.1 to 0.2 in most of them."""

TIGHT = frozenset("()[]{}.,\\")
"""What often stands so far from its neighbours that a network suspects a space. So do `:`, `;`,
`!` and `?` after a character."""


def with_spaces(
    emissions: Emissions,
) -> tuple[NDArray[np.intp], NDArray[np.floating]]:
    """The best class of each step and its probability, both (N, T), with the likely spaces: each
    takes the step among the blanks between two characters at which it is most probable."""
    best, probabilities = emissions.best, emissions.best_probabilities
    space = _class_of_space(emissions.charset)
    if space == BLANK:
        return best, probabilities
    found = emissions.values[:, :, space]
    found = np.where(best == BLANK, np.exp(found) if emissions.log else found, 0)
    rows = np.flatnonzero(found.sum(axis=1) >= SUSPECTED)
    if len(rows):
        best, probabilities = best.copy(), probabilities.copy()
    for row in rows.tolist():
        for step, total in _likely(best[row], found[row], emissions.charset, space):
            best[row, step], probabilities[row, step] = space, total
    return best, probabilities


def _class_of_space(charset: Sequence[str]) -> int:
    """The class of the space, BLANK if there is none. It is the last of most charsets, which may
    have thousands of characters."""
    if charset and charset[-1] == " ":
        return len(charset)
    return charset.index(" ") + 1 if " " in charset else BLANK


def _likely(
    classes: NDArray[np.intp], found: NDArray[np.floating], charset: Sequence[str], space: int
) -> Iterator[tuple[int, float]]:
    """The steps of a row that are likely spaces, and how likely each is. `found` holds the space's
    probability at the steps that are blank, and 0 at others."""
    begins = np.flatnonzero(np.diff(classes, prepend=BLANK) != 0)
    totals = np.add.reduceat(found, begins)[:-1] if len(begins) else found[:0]
    for run in np.flatnonzero(totals >= SUSPECTED).tolist():
        begin, end = begins[run : run + 2].tolist()
        left, right = classes[begin - 1], classes[end]
        total = float(totals[run])
        if space in (left, right):
            continue
        least = _least(charset[left - 1], charset[right - 1])
        if total >= least or (total >= ABBREVIATED and _is_number(classes, begin, end, charset)):
            yield begin + int(found[begin:end].argmax()), min(1.0, total)


def _is_number(classes: NDArray[np.intp], begin: int, end: int, charset: Sequence[str]) -> bool:
    """Whether a digit follows the full stop of an abbreviation, with the blanks from `begin` to
    `end` between them."""
    inked = classes[:begin][classes[:begin] != BLANK]
    before = inked[inked != inked[-1]]
    stops = charset[inked[-1] - 1] == "." and charset[classes[end] - 1].isdecimal()
    return bool(stops and len(before) and charset[before[-1] - 1].isalpha())


def _least(left: str, right: str) -> float:
    if left in BEFORE_NUMBERS and right.isdecimal():
        return SUSPECTED
    if (left in BETWEEN and right.isalnum()) or (right in BETWEEN and left.isalnum()):
        return SUSPECTED
    letters = left.isalpha() and right.isalpha()
    return LIKELY if letters or {left, right} & TIGHT or right in ":;!?" else ENOUGH
