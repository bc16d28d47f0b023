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
    """`clip` limits how much the contrast may grow in any one place; the picture is divided into
    `tiles` by `tiles` places."""

    clip: float = 2.0
    tiles: int = 8

    def __post_init__(self) -> None:
        if not self.clip > 0 or not 1 <= self.tiles <= 64:
            raise ValueError("clip must be above 0, and tiles from 1 to 64")


@dataclass(frozen=True)
class DenoiseOptions:
    """`method` "median" is quick and takes single wrong pixels away; "means" (non-local means) is
    slow, some seconds for a page, and takes the grain of bad light away; `strength`, of about the
    noise's standard deviation in grey levels, is for the latter."""

    method: Literal["median", "means"] = "median"
    strength: float = 8.0

    def __post_init__(self) -> None:
        if not 0 < self.strength <= 100:
            raise ValueError("strength must be above 0 and at most 100")


@dataclass(frozen=True)
class SharpenOptions:
    """`amount` is how much of what blurring with `radius` (in pixels) takes away is added."""

    amount: float = 1.0
    radius: float = 1.5

    def __post_init__(self) -> None:
        if not 0 < self.amount <= 10 or not 0 < self.radius <= 50:
            raise ValueError("amount must be above 0 and at most 10, radius above 0 and at most 50")


@dataclass(frozen=True)
class InvertOptions:
    """`when` is "dark" (only pictures of light text on dark) or "always"."""

    when: Literal["dark", "always"] = "dark"
