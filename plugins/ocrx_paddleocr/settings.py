"""What a user can set."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from ocrx.plugins.options import CtcOptions

if TYPE_CHECKING:
    from ocrx.names import Layout


@dataclass(frozen=True)
class DetectionOptions:
    """`min_side` and `max_side` bound the network's input in pixels: a picture is enlarged (at most
    `max_enlarge` times) until its shorter side has `min_side`, and reduced until its longer side
    has `max_side`. The thresholds and the ratio are those of `ocrx.networks.decode.db`."""

    threshold: float = 0.3
    box_threshold: float = 0.5
    unclip_ratio: float = 1.6
    min_side: int = 640
    max_side: int = 2016
    max_enlarge: float = 4.0

    def __post_init__(self) -> None:
        for name in ("threshold", "box_threshold"):
            _check(name, getattr(self, name), 0, 1)
        for name in ("min_side", "max_enlarge"):
            _check(name, getattr(self, name), 1)
        _check("unclip_ratio", self.unclip_ratio, 0)
        _check("max_side", self.max_side, 32, 4096)


@dataclass(frozen=True)
class RecognitionOptions(CtcOptions):
    """`min_width` is the least width, in pixels at the network's height, that a crop is padded to;
    `batch` is how many crops share a call.

    The width changes what is read, not only how fast. Narrow crops that a detector cut, with its
    margin around the text, read best at 192 (word F1 of street scenes 54.9, against 53.2 at the 320
    of training, in four fifths of the time). Tight crops read better the wider: exact lines of
    number plates 68 % at 192, 74 % at 256, 76 % at 320; a reader of lines pads to 256.
    """

    min_width: int | None = None
    batch: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        _check("batch", self.batch, 1)
        if self.min_width is not None:
            _check("min_width", self.min_width, 1, 3200)

    def least_width(self, layout: Layout) -> int:
        return self.min_width or (256 if layout == "line" else 192)


@dataclass(frozen=True)
class UprightOptions:
    """A page is turned if the network's probability that it is not upright is at least `sure`.

    The probability is seldom above 0.93. Of 15 receipts, scenes and tables, each turned four ways,
    one was turned wrongly at 0.85, and two at 0.8.
    """

    sure: float = 0.85

    def __post_init__(self) -> None:
        _check("sure", self.sure, 0, 1)


def _check(name: str, value: float, least: float, most: float = inf) -> None:
    if not least <= value <= most:
        limits = f"at least {least}" if most == inf else f"between {least} and {most}"
        raise ValueError(f"{name} must be {limits}, not {value}")
