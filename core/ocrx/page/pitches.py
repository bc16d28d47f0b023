"""Tells columns from a table by the distance from line to line, which the cells of a row share."""

from __future__ import annotations

import numpy as np

from ocrx.page.boxes import Boxes, Floats, Mask
from ocrx.page.quantiles import median

MIN_STEPS = 4
ALIKE = 0.05
ALIKE_PART = 0.6
"""A column has a pitch if it has so many steps from line to line, and this part of them differ from
it by at most ALIKE times as much."""

SAME = 0.5
"""Boxes that are less than so many heights apart are pieces of one line."""

LONGEST = 1.7
"""Steps that are so many times as long as the shortest are those between paragraphs."""

APART = 1.1
"""Two pitches differ if one is so many times the other."""


def have_own_pitch(boxes: Boxes, left: Mask, beside: Mask) -> bool:
    """Whether the boxes `beside` a gutter, those on the `left` and the others, each have a pitch of
    their own where they meet it."""
    least = SAME * boxes.typical
    ends = (boxes.right, left), (boxes.left, ~left)
    one, other = sorted(_pitch(heights[beside & side], least) for heights, side in ends)
    return one > 0 and APART * one <= other < LONGEST * one


def _pitch(heights: Floats, least: float) -> float:
    """The usual distance from line to line, 0 if there is none, of boxes that are pieces of one
    line if their heights differ by less than `least`."""
    steps = np.diff(np.sort(heights))
    steps = steps[steps > least]
    steps = steps[steps < LONGEST * steps.min(initial=np.inf)]
    if len(steps) < MIN_STEPS:
        return 0.0
    usual = median(steps)
    alike = np.abs(steps - usual) <= ALIKE * usual
    return usual if np.count_nonzero(alike) >= ALIKE_PART * len(steps) else 0.0
