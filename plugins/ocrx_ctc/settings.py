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


@dataclass(frozen=True)
class PatternOptions:
    """`patterns` are names of patterns or regular expressions, one on each line; a text matches one
    of them. `charset` names the characters that may occur, as in `A-Z0-9`; all, if it is empty.

    `alternatives` is how many further texts come with each line. `tries` is how many texts are
    tried, the most probable first, until check digits hold. `least` is the least probability of a
    character, averaged geometrically over the text: a picture in which each text that matches has
    less shows something else.
    """

    patterns: str = ""
    charset: str = ""
    alternatives: int = 0
    tries: int = 20
    least: float = 0.15

    def __post_init__(self) -> None:
        if self.alternatives < 0:
            raise ValueError(f"alternatives must be at least 0, not {self.alternatives}")
        if self.tries < 1:
            raise ValueError(f"tries must be at least 1, not {self.tries}")
        if not 0 <= self.least < 1:
            raise ValueError(f"least must be at least 0 and below 1, not {self.least}")
        if not self.patterns.strip() and not self.charset:
            raise ValueError("there is neither a pattern nor a charset")
