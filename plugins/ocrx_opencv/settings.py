"""The options of each preprocessor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class DeskewOptions:
    """Angles in degrees, to either side. Text tilted by more than `max_angle` is not found. Text
    tilted by less than `min_angle` counts as level."""

    max_angle: float = 15.0
    min_angle: float = 0.3

    def __post_init__(self) -> None:
        if not 0 <= self.min_angle <= self.max_angle <= 44:
            raise ValueError("0 <= min_angle <= max_angle <= 44 must hold")


@dataclass(frozen=True)
class ContrastOptions:
    """`clip` limits how much the contrast may grow in a tile. Each side of the picture is divided
    into at most `tiles` tiles."""

    clip: float = 2.0
    tiles: int = 8

    def __post_init__(self) -> None:
        if not 0 < self.clip <= 100:
            raise ValueError("clip must be above 0 and at most 100")
        if not 1 <= self.tiles <= 64:
            raise ValueError("tiles must be from 1 to 64")


@dataclass(frozen=True)
class DenoiseOptions:
    """`size` is the side, in pixels, of the square whose median each pixel becomes. Strokes thinner
    than about half of it are lost."""

    size: Literal[3, 5] = 3


@dataclass(frozen=True)
class SharpenOptions:
    """`radius` is the standard deviation of the blur, in pixels. What the blur takes away is added
    `amount` times."""

    amount: float = 1.0
    radius: float = 1.5

    def __post_init__(self) -> None:
        if not 0 < self.amount <= 10:
            raise ValueError("amount must be above 0 and at most 10")
        if not 0 < self.radius <= 50:
            raise ValueError("radius must be above 0 and at most 50")


@dataclass(frozen=True)
class InvertOptions:
    """`when` is "dark", for pictures with light text on dark only, or "always"."""

    when: Literal["dark", "always"] = "dark"
