"""What a user can set."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BeamOptions:
    """`width` is how many texts are kept at each step. Classes below the probability `threshold` at
    a step are left out there: of thousands, all but a few. With 0, none is."""

    width: int = 8
    threshold: float = 1e-4

    def __post_init__(self) -> None:
        if self.width < 1:
            raise ValueError(f"width must be at least 1, not {self.width}")
        if not 0 <= self.threshold < 1:
            raise ValueError(f"threshold must be at least 0 and below 1, not {self.threshold}")
