"""Which pictures share a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

Shape = tuple[int, int]

MAX_WASTE = 0.15
"""How much of a batch may be padding beyond each picture's own bucket. Merging two buckets saves a
call of the runtime; beyond this the extra columns cost more than the call."""


@dataclass(frozen=True)
class Group:
    """Indices of pictures that make one batch, and the batch's input (height, width)."""

    indices: tuple[int, ...]
    shape: Shape

    @property
    def area(self) -> int:
        return len(self.indices) * self.shape[0] * self.shape[1]


def group(shapes: Sequence[Shape], max_batch: int, max_area: float = inf) -> list[Group]:
    """Every index of `shapes` once, in groups of at most `max_batch` of nearly the same shape, that
    hold no more than `max_area` pixels, but for a picture that does so alone.

    The dearest group comes first, so that workers that share the list end together.
    """
    groups: list[Group] = []
    current: list[int] = []
    for index in sorted(range(len(shapes)), key=lambda i: shapes[i], reverse=True):
        if current and not _joins(shapes, current, index, max_batch, max_area):
            groups.append(Group(tuple(current), shapes[current[0]]))
            current = []
        current.append(index)
    if current:
        groups.append(Group(tuple(current), shapes[current[0]]))
    return sorted(groups, key=lambda g: -g.area)


def _joins(
    shapes: Sequence[Shape], current: Sequence[int], index: int, max_batch: int, max_area: float
) -> bool:
    height, width = shapes[current[0]]
    count = len(current) + 1
    if count > max_batch or count * height * width > max_area or shapes[index][0] != height:
        return False
    wanted = sum(shapes[i][1] for i in (*current, index))
    return wanted >= (1 - MAX_WASTE) * width * count
