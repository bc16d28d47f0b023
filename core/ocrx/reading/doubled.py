"""The stage that takes back characters that two boxes of a row share and that were read twice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocrx.page.texts import cut
from ocrx.page.views import certainty
from ocrx.reading.pipeline import Candidate, Work

SAME_ROW = 0.3
"""Lines are in one row if their middles differ by at most this many heights."""

SHARED = 0.25
"""Boxes share a character only if they overlap by this many heights. Their margins may overlap by
less."""


def read_once(works: Sequence[Work]) -> None:
    """Take characters that the end of one line and the beginning of the next both have, at the same
    place of the picture, from the line that reads worse."""
    for work in works:
        lines = [one for one in work.candidates if _is_plain(one)]
        boxes = np.array([(*one.quad.min(axis=0), *one.quad.max(axis=0)) for one in lines])
        for left, right in _overlapping(boxes.reshape(-1, 4)):
            _part(lines[left], lines[right])
        emptied = {id(one) for one in lines if not one.text.chars}
        work.candidates = [one for one in work.candidates if id(one) not in emptied]


def _is_plain(candidate: Candidate) -> bool:
    """Whether a line is level, and its text runs to the right, under no pattern."""
    starts = [start for start, _ in candidate.text.spans]
    ordered = bool(starts) and starts == sorted(starts)
    return candidate.is_level and ordered and candidate.text.match is None


def _overlapping(boxes: NDArray[np.float64]) -> list[tuple[int, int]]:
    """The pairs of boxes (x0, y0, x1, y1) in one row of which the second begins before the first
    ends."""
    x0, y0, x1, y1 = boxes.T
    middles, heights = (y0 + y1) / 2, y1 - y0
    order = np.argsort(middles, kind="stable")
    reach = np.searchsorted(middles[order], middles + SAME_ROW * heights, "right")
    found = []
    for place, one in enumerate(order.tolist()):
        others = order[place + 1 : reach[one]]
        least = SHARED * np.minimum(heights[others], heights[one])
        first, second = x0[others] < x0[one], x1[others] < x1[one]
        shared = np.minimum(x1[others], x1[one]) - np.maximum(x0[others], x0[one])
        for other in others[(shared > least) & (first == second)].tolist():
            found.append((other, one) if x0[other] < x0[one] else (one, other))
    return found


def _part(left: Candidate, right: Candidate) -> None:
    start, end = float(right.quad[:, 0].min()), float(left.quad[:, 0].max())
    tail = [i for i, x in enumerate(_middles(left)) if x >= start]
    head = [i for i, x in enumerate(_middles(right)) if x <= end]
    one, other = left.text, right.text
    if not tail or [one.chars[i] for i in tail] != [other.chars[i] for i in head]:
        return
    if len(tail) == len(one.chars) or certainty(one) >= certainty(other) > 0:
        right.text = cut(other, head[-1] + 1, len(other.chars))
    else:
        left.text = cut(one, 0, tail[0])


def _middles(candidate: Candidate) -> list[float]:
    """Where the middle of each character is, from the left of the picture."""
    left, right = candidate.quad[:, 0].min(), candidate.quad[:, 0].max()
    return [float(left + (right - left) * sum(span) / 2) for span in candidate.text.spans]
