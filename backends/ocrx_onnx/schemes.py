"""The schemes for quantising activations. Imports no runtime, so that `converters` can use it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scheme:
    """`unsigned` quantises to uint8 instead of int8; `outputs` includes outputs of convolutions.
    `weight_levels` are the steps of weights on one side of 0: 127, or 63 for processors whose sums
    of two products saturate at 16 bits (AVX2 and AVX-512 without VNNI)."""

    unsigned: bool = False
    outputs: bool = False
    weight_levels: int = 127


SYMMETRIC = Scheme()
INTEGER = Scheme(unsigned=True, outputs=True)
