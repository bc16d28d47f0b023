"""Groups pictures into batches of one input shape.

A batch never mixes shapes: padding changes what is read, and the result for a picture must not
depend on the others in its batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

Shape = tuple[int, int]


@dataclass(frozen=True)
class Group:
    """Indices of pictures that make one batch, and the batch's input (height, width)."""

    indices: tuple[int, ...]
    shape: Shape

    @property
    def area(self) -> int:
        """The pixels of the batch's input."""
        return len(self.indices) * self.shape[0] * self.shape[1]


def group(shapes: Sequence[Shape], max_batch: int, max_area: float = inf) -> list[Group]:
    """Groups of at most `max_batch` pictures of the same shape, with each index of `shapes` once.

    A group has at most `max_area` pixels, unless it is a single picture. The largest group comes
    first, so that workers that share the list finish at about the same time.
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
    fits = count <= max_batch and count * height * width <= max_area
    return fits and shapes[index] == shapes[current[0]]
