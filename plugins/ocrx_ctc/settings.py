"""The options of the decoders."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BeamOptions:
    """`width` is how many texts are kept at each step. `threshold` is the probability below which a
    step ignores a class; that leaves a few of thousands. With 0 it ignores none."""

    width: int = 8
    threshold: float = 1e-4

    def __post_init__(self) -> None:
        if self.width < 1:
            raise ValueError(f"width must be at least 1, not {self.width}")
        if not 0 <= self.threshold < 1:
            raise ValueError(f"threshold must be at least 0 and below 1, not {self.threshold}")
