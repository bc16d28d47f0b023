"""Models in numbers, for programs that run them without ocrx.

A family says by these how its pictures become inputs and its outputs become results, so that a
device on which ocrx does not run can do the same with a few lines of NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ocrx.artifacts import Axis


@dataclass(frozen=True)
class Pixels:
    """How pixels become numbers: channel c of the input is `pixel * scale[c] - shift[c]` in
    float32, with the channels of the picture in the order `channels`."""

    channels: Literal["RGB", "BGR"]
    scale: Sequence[float]
    shift: Sequence[float]


@dataclass(frozen=True)
class PortableLines:
    """A CTC recogniser.

    A line is resized to `height`, in proportion, its width rounded `up` or to the `nearest` pixel,
    and at least `least_width`. It is interpolated linearly; with `averaged` a higher one is reduced
    by areas. It stands at the left of the input `input`, float32 (N, 3, height, W), where W is the
    bucket of its width in `widths`; the rest is `pad`. The only output is (N, T, C), probabilities,
    or their natural logarithms if `log` is set. Class 0 is the blank, class i the character
    `charset[i - 1]`.
    """

    input: str
    pixels: Pixels
    height: int
    widths: Axis
    charset: Sequence[str]
    pad: float = 0.0
    log: bool = False
    rounding: Literal["up", "nearest"] = "up"
    least_width: int = 1
    averaged: bool = False


@dataclass(frozen=True)
class PortableBoxes:
    """A DB detector, as `ocrx.networks.decode.db` decodes it.

    A picture is enlarged, at most `max_enlarge` times, until its shorter side has `min_side`
    pixels, and reduced until its longer side has `max_side`; then each side is rounded to a
    multiple of `stride`. The input `input` is float32 (N, 3, H, W), the only output (N, 1, H, W),
    the probability of text.
    """

    input: str
    pixels: Pixels
    stride: int
    min_side: int
    max_side: int
    max_enlarge: float
    threshold: float
    box_threshold: float
    unclip_ratio: float


Portable: TypeAlias = PortableLines | PortableBoxes
"""A model in numbers."""
