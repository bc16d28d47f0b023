"""What a user can set."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DetectionOptions:
    """`min_side` and `max_side` bound the network's input in pixels: a picture is enlarged (at most
    `max_enlarge` times) until its shorter side has `min_side`, and reduced until its longer side
    has `max_side`. The thresholds and the ratio are those of `ocrx.decode.db`."""

    threshold: float = 0.3
    box_threshold: float = 0.5
    unclip_ratio: float = 1.6
    max_candidates: int = 1000
    min_side: int = 736
    max_side: int = 2016
    max_enlarge: float = 4.0


@dataclass(frozen=True)
class RecognitionOptions:
    """`min_width` is the least width, in pixels at the network's height, that a crop is padded to.
    It changes what is read, not only how fast; `batch` is how many crops share a call."""

    min_width: int = 320
    batch: int = 6
