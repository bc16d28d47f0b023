"""What a user can set."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

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
class RecognitionOptions:
    """`min_width` is the least width, in pixels at the network's height, that a crop is padded to;
    `batch` is how many crops share a call.

    The width changes what is read, not only how fast. Narrow crops that a detector cut, with its
    margin around the text, read best at 192 (word F1 of street scenes 54.9, against 53.2 at the 320
    of training, in four fifths of the time). Tight crops read better the wider: exact lines of
    number plates 68 % at 192, 74 % at 256, 76 % at 320; a reader of lines pads to 256.

    `near_tie`: in bf16 a line is read again in fp32 if its text hangs on a second class that has at
    least so many times the probability of the best; above 1 none is. A reader of lines takes 0.75:
    of 590 lines 22 came out otherwise in bf16 on OpenVINO and 15 on PyTorch, 9 % are near ties by
    that measure (2 % of those from receipts), and all but 2 and 1 of those 22 and 15 are among
    them. On pages none is: there the detector's bf16 moves boxes by fractions of a pixel, which
    tips as many lines, and reading again would cost a tenth of the time.
    """

    min_width: int | None = None
    batch: int = 4
    near_tie: float | None = None

    def __post_init__(self) -> None:
        _check("batch", self.batch, 1)
        if self.near_tie is not None:
            _check("near_tie", self.near_tie, 0)
        if self.min_width is not None:
            _check("min_width", self.min_width, 1, 3200)

    def least_width(self, layout: Layout) -> int:
        return self.min_width or (256 if layout == "line" else 192)

    def nearness(self, layout: Layout) -> float:
        """`near_tie`, or what a reader of that layout takes."""
        if self.near_tie is not None:
            return self.near_tie
        return 0.75 if layout == "line" else inf


def _check(name: str, value: float, least: float, most: float = inf) -> None:
    if not least <= value <= most:
        limits = f"at least {least}" if most == inf else f"between {least} and {most}"
        raise ValueError(f"{name} must be {limits}, not {value}")
