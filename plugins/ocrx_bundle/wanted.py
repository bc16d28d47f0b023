"""What a user asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Wanted:
    """The command line of `ocrx bundle`. `picture` is the usual (height, width) of pictures."""

    model: str
    target: str
    folder: Path
    detector: str | None = None
    precision: str = "auto"
    patterns: Sequence[str] = ()
    charset: str = ""
    picture: tuple[int, int] = (480, 640)
    settings: Sequence[str] = ()
    offline: bool = False
