"""Cuts a picture into overlapping tiles, each with a part of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product


@dataclass(frozen=True)
class Limits:
    """The limits of tiles, in pixels.

    A tile has at most `area` pixels, extends `margin` pixels beyond the part that is kept, and
    starts at multiples of `stride`. Along a side that is cut its length is a multiple of `step`,
    itself a multiple of the stride; along an uncut side, a multiple of the stride.
    """

    area: int
    margin: int
    stride: int
    step: int

    def size(self, length: int, count: int) -> int:
        """The length of `count` stretches of a side that overlap by two margins."""
        step = self.stride if count == 1 else self.step
        together = length + 2 * self.margin * (count - 1)
        return -(-together // (count * step)) * step

    def most(self, length: int) -> int:
        """The most stretches to cut a side into, so that each keeps half of its length."""
        return max(1, length // (2 * self.margin))


@dataclass(frozen=True)
class Stretch:
    """A stretch of one axis, `start` to `stop`, and the part of it whose results are kept."""

    start: int
    stop: int
    keep_start: int
    keep_stop: int

    @property
    def length(self) -> int:
        """The pixels from `start` to `stop`."""
        return self.stop - self.start


@dataclass(frozen=True)
class Grid:
    """A picture in tiles: each of `rows` with each of `columns`. All tiles have the same size.
    Those at the bottom and on the right may reach beyond the picture, by less than a step."""

    rows: tuple[Stretch, ...]
    columns: tuple[Stretch, ...]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """The places (row, column) of all tiles."""
        return ((y, x) for y in range(len(self.rows)) for x in range(len(self.columns)))


def grid(height: int, width: int, limits: Limits) -> Grid:
    """The grid of tiles within the limits that has the fewest pixels in all. If no grid is within
    the limits, the one with the smallest tiles."""

    def cost(counts: tuple[int, int]) -> tuple[int, int]:
        tile = limits.size(height, counts[0]) * limits.size(width, counts[1])
        return max(tile, limits.area), tile * counts[0] * counts[1]

    counts = product(range(1, limits.most(height) + 1), range(1, limits.most(width) + 1))
    rows, columns = min(counts, key=cost)
    return Grid(
        stretches(height, rows, limits.size(height, rows), limits.stride),
        stretches(width, columns, limits.size(width, columns), limits.stride),
    )


def stretches(length: int, count: int, size: int, stride: int) -> tuple[Stretch, ...]:
    """`count` overlapping stretches of one size that begin at multiples of `stride`, spread evenly.
    Their kept parts together are the whole `length`, without overlaps."""
    spread = max(0, -(-(length - size) // stride))  # where the last one begins, in strides
    starts = [round(i * spread / max(count - 1, 1)) * stride for i in range(count)]
    cuts = [0, *((a + size + b) // 2 for a, b in pairwise(starts)), length]
    return tuple(
        Stretch(start, start + size, cut, end)
        for start, (cut, end) in zip(starts, pairwise(cuts), strict=True)
    )
