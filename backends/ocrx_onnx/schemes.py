"""How activations are rounded. Needs no package, so that a converter can name it without."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scheme:
    """To uint8 or int8, and whether also what convolutions give."""

    unsigned: bool = False
    outputs: bool = False


SYMMETRIC = Scheme()
INTEGER = Scheme(unsigned=True, outputs=True)
