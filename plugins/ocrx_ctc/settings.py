"""The options of the decoders."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BeamOptions:
    """`width` is how many texts are kept at each step. `threshold` is the probability below which a
    step ignores a class; that leaves a few of thousands. With 0 it ignores none.

    `words` is the path of a text file in UTF-8 with a word on each line. Of the texts that are left
    at the end, the most probable one that consists of such words is read; if there is none, the
    most probable one.
    """

    width: int = 8
    threshold: float = 1e-4
    words: str = ""

    def __post_init__(self) -> None:
        if self.width < 1:
            raise ValueError(f"width must be at least 1, not {self.width}")
        if not 0 <= self.threshold < 1:
            raise ValueError(f"threshold must be at least 0 and below 1, not {self.threshold}")
