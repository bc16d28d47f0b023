"""What a user can set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class DeskewOptions:
    """In degrees: text turned by more than `max_angle` either way is not looked for, and text
    turned by less than `min_angle` is level enough."""

    max_angle: float = 15.0
    min_angle: float = 0.3

    def __post_init__(self) -> None:
        if not 0 <= self.min_angle <= self.max_angle <= 44:
            raise ValueError("0 <= min_angle <= max_angle <= 44 must hold")


@dataclass(frozen=True)
class ContrastOptions:
    """`clip` limits how much the contrast may grow in any one place; a side of the picture is
    divided into at most `tiles` places."""

    clip: float = 2.0
    tiles: int = 8

    def __post_init__(self) -> None:
        if not 0 < self.clip <= 100:
            raise ValueError("clip must be above 0 and at most 100")
        if not 1 <= self.tiles <= 64:
            raise ValueError("tiles must be from 1 to 64")


@dataclass(frozen=True)
class DenoiseOptions:
    """`size` is the side of the square whose median a pixel becomes. Strokes of fewer than about
    half as many pixels are lost."""

    size: Literal[3, 5] = 3


@dataclass(frozen=True)
class SharpenOptions:
    """`amount` is how much of what blurring with `radius` (in pixels) takes away is added."""

    amount: float = 1.0
    radius: float = 1.5

    def __post_init__(self) -> None:
        if not 0 < self.amount <= 10:
            raise ValueError("amount must be above 0 and at most 10")
        if not 0 < self.radius <= 50:
            raise ValueError("radius must be above 0 and at most 50")


@dataclass(frozen=True)
class InvertOptions:
    """`when` is "dark" (only pictures of light text on dark) or "always"."""

    when: Literal["dark", "always"] = "dark"
