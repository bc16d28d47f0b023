"""The options of each preprocessor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Options:
    """What every preprocessor takes. `device` is "cpu", or with an OpenCV that is built with CUDA
    "cuda" or "cuda:N"."""

    device: str = "cpu"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"cpu|cuda(:\d+)?", self.device):
            raise ValueError(f"device must be cpu, cuda or cuda:N, not {self.device}")


@dataclass(frozen=True)
class DeskewOptions(Options):
    """Angles in degrees, to either side. Text tilted by more than `max_angle` is not found. Text
    tilted by less than `min_angle` counts as level."""

    max_angle: float = 15.0
    min_angle: float = 0.3

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.min_angle <= self.max_angle <= 44:
            raise ValueError("0 <= min_angle <= max_angle <= 44 must hold")


@dataclass(frozen=True)
class ClaheOptions(Options):
    """`clip` limits how much the contrast may grow in a tile. Each side of the picture is divided
    into at most `tiles` tiles."""

    clip: float = 2.0
    tiles: int = 8

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.clip <= 100:
            raise ValueError("clip must be above 0 and at most 100")
        if not 1 <= self.tiles <= 64:
            raise ValueError("tiles must be from 1 to 64")


@dataclass(frozen=True)
class GaussianOptions(Options):
    """`radius` is the standard deviation of the blur, in pixels."""

    radius: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_radius(self.radius)


@dataclass(frozen=True)
class MedianOptions(Options):
    """`size` is the side, in pixels, of the square whose median each pixel becomes. Strokes thinner
    than about half of it are lost."""

    size: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_size(self.size)


@dataclass(frozen=True)
class DenoiseOptions(Options):
    """`strength` is how far, in grey levels, patches may differ and still count as the same.
    Patches of `patch` pixels are looked for in a square of `search` pixels; time grows with the
    square of it."""

    strength: float = 5.0
    patch: int = 7
    search: int = 21

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.strength <= 100:
            raise ValueError("strength must be above 0 and at most 100")
        for name in ("patch", "search"):
            _check_size(getattr(self, name), name)
        if self.search < self.patch:
            raise ValueError("search must be at least patch")


@dataclass(frozen=True)
class AdaptiveOptions(Options):
    """A pixel is ink if it is darker than its surroundings by more than `offset` grey levels. These
    are a square of `size` pixels, whose `method` is its "mean", or its mean weighted by a
    "gaussian"."""

    method: Literal["gaussian", "mean"] = "gaussian"
    size: int = 31
    offset: float = 10.0

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_size(self.size)
        if not -255 <= self.offset <= 255:
            raise ValueError("offset must be from -255 to 255")


@dataclass(frozen=True)
class SharpenOptions(Options):
    """`radius` is the standard deviation of the blur, in pixels. What the blur takes away is added
    `amount` times."""

    amount: float = 1.0
    radius: float = 1.5

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.amount <= 10:
            raise ValueError("amount must be above 0 and at most 10")
        _check_radius(self.radius)


@dataclass(frozen=True)
class InvertOptions(Options):
    """`when` is "auto", for pictures with light text on dark only, or "always"."""

    when: Literal["auto", "always"] = "auto"


@dataclass(frozen=True)
class UpscaleOptions(Options):
    """Pictures whose shorter side is below `below` pixels become `factor` times as large; with 0
    all do."""

    factor: float = 2.0
    below: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.factor <= 16:
            raise ValueError("factor must be from 1 to 16")
        if self.below < 0:
            raise ValueError("below must be at least 0")


@dataclass(frozen=True)
class PerspectiveOptions(Options):
    """`least` is the part of the picture, from 0 to 1, that a sheet must fill to be straightened
    out."""

    least: float = 0.2

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.least <= 1:
            raise ValueError("least must be above 0 and at most 1")


def _check_size(size: int, name: str = "size") -> None:
    if not 3 <= size <= 255 or size % 2 == 0:
        raise ValueError(f"{name} must be odd and from 3 to 255")


def _check_radius(radius: float) -> None:
    if not 0 < radius <= 50:
        raise ValueError("radius must be above 0 and at most 50")
