"""Tells columns from a table by the distance from line to line, which the cells of a row share."""

from __future__ import annotations

import numpy as np

from ocrx.page.boxes import Boxes, Floats, Mask
from ocrx.page.quantiles import median

MIN_STEPS = 3
ALIKE = 0.08
ALIKE_PART = 0.6
"""A column has a pitch if it has so many steps from line to line, and this part of them differ from
it by at most ALIKE times as much."""

SAME = 0.5
"""Boxes that are less than so many heights apart are pieces of one line."""

LONGEST = 1.7
"""Steps that are so many times as long as the shortest are those between paragraphs."""

APART = 1.1
"""Two pitches differ if one is so many times the other."""

INDEPENDENT = 0.25
"""Lines belong to no rows if from one to the next the distance to the nearest line on the other
side changes by more than so many heights, for most of them. In rows that are bent or not level it
changes little by little."""


def are_independent(few: Floats, many: Floats, height: float) -> bool:
    """Whether lines at those heights stand beside one another by chance only."""
    many = np.sort(many)
    few = np.sort(few)
    after = np.searchsorted(many, few).clip(1, len(many) - 1)
    off = np.stack((few - many[after - 1], few - many[after]))
    nearest = np.take_along_axis(off, np.abs(off).argmin(axis=0)[None], axis=0)[0]
    return median(np.abs(np.diff(nearest))) > INDEPENDENT * height


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
