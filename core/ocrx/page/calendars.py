"""Finds where calendars stand side by side, such as the months of a year.

Each row of a month counts on by one from number to number. Where every row leaves off at the same
place, the next month begins.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ocrx.page.boxes import Boxes, Ints, Mask, Rows

MIN_ROWS = 3
"""The fewest rows of a calendar that have one beside them."""

PART = 0.6
"""This part of the boxes or more are numbers."""

COUNTED = 0.75
"""This part of the numbers that follow another, or more, are larger by one."""


class _Step(NamedTuple):
    """From one number of a row to the next: the ends of the blank between them, and whether the
    second is larger by one."""

    start: float
    end: float
    counted: bool


def between_calendars(boxes: Boxes, rows: Rows, bands: Ints) -> tuple[float, int, int] | None:
    """The middle of the blank between two calendars, and the first band and the end of both. None
    if there are none. `rows` and `bands` are those of the boxes."""
    numbers = np.array([text.isdecimal() and len(text) < 3 for text in boxes.texts])
    if np.count_nonzero(numbers) < PART * len(boxes):
        return None
    steps = [_steps(boxes, [i for i in row if numbers[i]]) for row in rows]
    every = [step for row in steps for step in row]
    if sum(step.counted for step in every) < COUNTED * len(every):
        return None
    # The middle of the narrowest blank lies between months, whatever weeks are not full.
    for step in sorted((one for one in every if not one.counted), key=lambda s: s.end - s.start):
        x = (step.start + step.end) / 2
        at = [number for number, row in enumerate(steps) if _parts_at(row, x)]
        if len(at) >= MIN_ROWS and not any(_goes_on_at(row, x) for row in steps):
            return x, *_reach(boxes, bands, x, int(bands[rows[at[0]]].min()), numbers)
    return None


def _steps(boxes: Boxes, row: list[int]) -> list[_Step]:
    return [
        _Step(
            float(boxes.x1[a]), float(boxes.x0[b]), int(boxes.texts[b]) == int(boxes.texts[a]) + 1
        )
        for a, b in pairwise(row)
    ]


def _parts_at(row: list[_Step], x: float) -> bool:
    """Whether a row counts on to the left or to the right of a place, but not there."""
    here = [number for number, step in enumerate(row) if step.start < x < step.end]
    if len(here) != 1 or row[here[0]].counted:
        return False
    return any(
        row[number].counted for number in (here[0] - 1, here[0] + 1) if 0 <= number < len(row)
    )


def _goes_on_at(row: list[_Step], x: float) -> bool:
    return any(step.counted and step.start < x < step.end for step in row)


def _reach(boxes: Boxes, bands: Ints, x: float, first: int, numbers: Mask) -> tuple[int, int]:
    """The bands of two calendars that part at a place: all that are mostly numbers around the first
    one, and those above them that have something on both sides, such as their names."""
    crossed = set(bands[(boxes.x0 < x) & (x < boxes.x1)].tolist())
    both = set(bands[boxes.x1 <= x].tolist()) & set(bands[boxes.x0 >= x].tolist()) - crossed
    weeks = np.bincount(bands[numbers], minlength=int(bands.max()) + 1) > np.bincount(bands) / 2
    counted = set(np.flatnonzero(weeks).tolist()) - crossed
    top, end = first, first + 1
    while top - 1 in counted:
        top -= 1
    while top - 1 in both - counted:
        top -= 1
    while end in counted:
        end += 1
    return top, end
