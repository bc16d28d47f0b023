"""The options of PP-OCR's components."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from ocrx.plugins.options import CtcOptions

if TYPE_CHECKING:
    from ocrx.names import Layout


@dataclass(frozen=True)
class DetectionOptions:
    """`min_side` and `max_side` limit the network's input, in pixels. A picture is enlarged, at
    most `max_enlarge` times, until its shorter side has `min_side`, and reduced until its longer
    side has `max_side`. `ocrx.networks.decode.db` explains the thresholds and `unclip_ratio`."""

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
    """`min_width` is the width to which shorter crops are padded, in pixels at the network's
    height. `batch` is how many crops are read in one call. `dictionary` is the path of the text
    file with the characters, one on each line, that a model of your own was trained with; "" for
    those that it, or the `inference.yml` beside it, carries.

    The width changes what is read, and not only how fast. A detector cuts crops with some margin
    around the text, and 160 is enough for them: of about 900 words in narrow crops of receipts, 853
    are read at 128, 862 at 160, 864 at 192 and 857 at 320, the width of training. A reader of lines
    pads to 128, because it reads doubtful crops again, cut down to their line. That reads as many
    of 840 real and drawn crops as 256 does, in 0.8 of the time.
    """

    min_width: int | None = None
    batch: int = 4
    dictionary: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        _check("batch", self.batch, 1)
        if self.min_width is not None:
            _check("min_width", self.min_width, 1, 3200)

    def least_width(self, layout: Layout) -> int:
        return self.min_width or (128 if layout == "line" else 160)


@dataclass(frozen=True)
class UprightOptions:
    """`sure` is how probable another orientation than upright must be for a page to be turned.

    The probability is seldom above 0.93. Of 15 receipts, scenes and tables, each in four
    orientations, one was turned wrongly with 0.85, and two with 0.8.
    """

    sure: float = 0.85

    def __post_init__(self) -> None:
        _check("sure", self.sure, 0, 1)


def _check(name: str, value: float, least: float, most: float = inf) -> None:
    if not least <= value <= most:
        limits = f"at least {least}" if most == inf else f"between {least} and {most}"
        raise ValueError(f"{name} must be {limits}, not {value}")
