"""Places labels in a plot so that none covers another or a point, or leaves the plot."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LETTER = 0.58
"""The mean width of a letter in font sizes, a little more than that of most sans serifs."""

MARK = 8.0
"""Half the width of a point's mark, in pixels."""


@dataclass(frozen=True)
class Box:
    """An upright box, in pixels from the top left."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """The area that both boxes cover, in square pixels."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return wide * high if wide > 0 and high > 0 else 0.0

    def within(self, other: Box) -> bool:
        """Whether this box lies inside the other."""
        return (
            self.left >= other.left
            and self.top >= other.top
            and self.right <= other.right
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True)
class Label:
    """A text whose baseline starts at (x, y). If its point is not right beside it, `leader` is a
    line (x1, y1, x2, y2) from the point."""

    text: str
    x: float
    y: float
    leader: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Room:
    """The room for labels: they stay within `frame` and have a font size of `size` pixels. They
    should not cover the `lines`, but may."""

    frame: Box
    size: float
    lines: Sequence[Box] = ()

    def place(
        self, points: Sequence[tuple[float, float]], texts: Sequence[str], order: Sequence[int]
    ) -> dict[int, Label]:
        """The labels, by the index of their point. Those that come first in `order` are placed
        first. A label that finds no room is left out."""
        taken = [Box(x - MARK, y - MARK, x + MARK, y + MARK) for x, y in points]
        placed: dict[int, Label] = {}
        for index in order:
            found = self._best(points[index], texts[index], taken)
            if found is not None:
                placed[index], box = found
                taken.append(box)
        return placed

    def _best(
        self, point: tuple[float, float], text: str, taken: Sequence[Box]
    ) -> tuple[Label, Box] | None:
        wide, high = len(text) * self.size * LETTER, self.size * 1.15
        best: tuple[float, Label, Box] | None = None
        for x, y, far in _candidates(wide, high):
            if best is not None and far >= best[0]:  # the cost is at least `far`
                continue
            left, top = point[0] + x, point[1] + y
            box = Box(left, top, left + wide, top + high)
            if not box.within(self.frame) or any(box.overlap(other) for other in taken):
                continue
            cost = far + sum(box.overlap(line) for line in self.lines) / 5
            if best is None or cost < best[0]:
                leader = _leader(point, box) if far > MARK * 1.5 else None
                label = Label(text, round(left, 1), round(top + self.size * 0.9, 1), leader)
                best = cost, label, box
        return best[1:] if best else None


def _candidates(wide: float, high: float) -> Iterator[tuple[float, float, float]]:
    """Places to try: the offset (x, y) of a label's top left from its point, and its cost by the
    distance, in pixels. Places to the right of the point cost least."""
    for far in (0.0, 4.0, 10.0, 18.0, 28.0, 40.0, 54.0):
        for step in range(16):
            angle = step * math.pi / 8
            x, y = math.cos(angle), -math.sin(angle)
            reach = MARK + 1 + far
            # The edge of the label that faces the point is `reach` away from it.
            left = x * reach + (0.0 if x > 0.35 else -wide if x < -0.35 else -wide / 2)
            top = y * reach + (-high if y < -0.35 else 0.0 if y > 0.35 else -high / 2)
            # People look for a label on the right.
            yield left, top, far + 1.5 * abs(y) + (2.0 if x < -0.35 else 0.0)


def _leader(point: tuple[float, float], box: Box) -> tuple[float, float, float, float]:
    x = min(max(point[0], box.left), box.right)
    y = min(max(point[1], box.top + 2), box.bottom - 2)
    distance = math.hypot(x - point[0], y - point[1]) or 1.0
    start = min(MARK * 0.8 / distance, 1.0)
    return (
        round(point[0] + (x - point[0]) * start, 1),
        round(point[1] + (y - point[1]) * start, 1),
        round(x, 1),
        round(y, 1),
    )
