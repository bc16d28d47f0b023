"""The stage that reads the letters over the columns of a grid as letters: B I N G O.

Single characters alone do not tell `O` from `0`, and an I on its side is a dash. The others in
their row tell, if it stands over columns. Elsewhere a row may be a code, one character to a box.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ocrx.page.boxes import Floats
from ocrx.reading.lone_marks import DIGITS, LETTERS
from ocrx.reading.pipeline import Candidate, Work
from ocrx.reading.scripts import is_east_asian

SAME_ROW = 0.3
"""Characters are in one row if their middles differ by at most so many heights of the row."""

CLEAR = 3
"""So many characters of a row that are surely letters, or digits, say what the others are."""

UNCLEAR = frozenset("0Oo1Il|")
BELOW = 4.0
"""The columns begin at most so many heights below their headings."""

DASHES = frozenset("—-–")


def write_alike(works: Sequence[Work]) -> None:
    """Write the characters of each row of single characters over columns as letters, or as digits,
    if the others in it are. What is taller than wide is no dash there, but an I or a 1."""
    for work in works:
        if work.layout == "page" and not is_east_asian([one.text for one in work.candidates]):
            boxes = _Boxes.of(work.candidates)
            for row in _rows(work.candidates):
                if sum(map(boxes.are_below, row)) > len(row) / 2:
                    _agree(row)


@dataclass(frozen=True)
class _Boxes:
    """Where all candidates begin, end and have their middle."""

    starts: Floats
    ends: Floats
    middles: Floats

    @classmethod
    def of(cls, candidates: Sequence[Candidate]) -> _Boxes:
        quads = np.array([one.quad for one in candidates]).reshape(-1, 4, 2)
        x, y = quads[..., 0], quads[..., 1]
        return cls(x.min(axis=1), x.max(axis=1), y.mean(axis=1))

    def are_below(self, one: Candidate) -> bool:
        """Whether one of the boxes is right below a character."""
        (x0, top), (x1, bottom) = one.quad.min(axis=0), one.quad.max(axis=0)
        below = (bottom < self.middles) & (self.middles < bottom + BELOW * (bottom - top))
        return bool((below & (self.starts < x1) & (x0 < self.ends)).any())


def _rows(candidates: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    """The rows of nothing but single characters."""
    ones = [one for one in candidates if one.text.text.strip() and one.text.match is None]
    if len(ones) <= CLEAR:
        return
    middles = np.array([one.quad[:, 1].mean() for one in ones])
    highs = np.array([np.ptp(one.quad[:, 1]) for one in ones])
    order = np.argsort(middles, kind="stable")
    first = 0
    while first < len(order):
        reach = middles[order[first]] + SAME_ROW * highs[order[first]]
        end = max(first + 1, int(np.searchsorted(middles[order], reach, "right")))
        row = [ones[place] for place in order[first:end].tolist()]
        if len(row) > CLEAR and all(len(one.text.text.strip()) == 1 for one in row):
            yield row
        first = end


def _agree(row: Sequence[Candidate]) -> None:
    signs = [one.text.text.strip() for one in row]
    bars = [one.tall and sign in DASHES for one, sign in zip(row, signs, strict=True)]
    clear = [s for s, bar in zip(signs, bars, strict=True) if not bar and s not in UNCLEAR]
    if len(clear) < CLEAR:
        return
    for alike, upright, is_kind in ((LETTERS, "I", str.isupper), (DIGITS, "1", str.isdecimal)):
        if all(map(is_kind, clear)):
            for one, is_bar in zip(row, bars, strict=True):
                chars = (upright if is_bar else char.translate(alike) for char in one.text.chars)
                one.text = replace(one.text, chars=tuple(chars))
