"""The schemes for quantising activations. Imports no runtime, so that `converters` can use it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scheme:
    """`unsigned` quantises to uint8 instead of int8; `outputs` includes outputs of convolutions."""

    unsigned: bool = False
    outputs: bool = False


SYMMETRIC = Scheme()
INTEGER = Scheme(unsigned=True, outputs=True)
