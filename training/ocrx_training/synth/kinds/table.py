"""All kinds of codes, how often each is drawn, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from ocrx_training.synth import pens
from ocrx_training.synth.dice import Dice
from ocrx_training.synth.kinds import marks, panels, plates, prints
from ocrx_training.synth.kinds.studio import Scene, Studio

Draw: TypeAlias = Callable[[Studio, Dice, str, float], Scene]
"""Draws a text with capitals so many pixels high."""


@dataclass(frozen=True)
class Kind:
    """A kind of codes. `patterns` has what it says if the user asks for nothing else. `alphabet` is
    None if it can show any character that a font has."""

    draw: Draw
    weight: float
    patterns: Mapping[str, float]
    about: str
    alphabet: frozenset[str] | None = None


PRINTED = {
    "code": 4, "serial": 2, "part": 2, "lot": 2, "date": 2, "digits": 2, "gs1": 1, "ean13": 1,
    "imei": 0.5, "time": 0.5, "phone": 0.5, "word": 1, "vin": 0.5,
}  # fmt: skip
CODED = {"lot": 3, "date": 4, "time": 1, "code": 3, "digits": 2, "serial": 1, "gs1": 0.5}
CUT = {"serial": 3, "code": 3, "part": 2, "vin": 2, "digits": 2, "date": 0.5, "lot": 1}
PAID = {"price": 4, "date": 2, "time": 1.5, "digits": 3, "code": 2, "ean13": 1.5, "phone": 1}
SHOWN = {"reading": 4, "digits": 2, "time": 1}
DRIVEN = {"plate-ar": 4, "plate-cn": 4, "plate-eu": 2, "plate-us": 2}
SPRAYED = {"iso6346": 3, "code": 3, "digits": 2, "part": 1, "word": 1}
SEEN = {"word": 5, "digits": 3, "price": 1, "code": 1.5, "time": 0.5}

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "label": Kind(prints.label, 3, PRINTED, "labels from office and label printers"),
        "thermal": Kind(prints.thermal, 1.5, PRINTED, "thermal printing"),
        "receipt": Kind(prints.receipt, 2.5, PAID, "lines of receipts"),
        "inkjet": Kind(prints.inkjet, 3, CODED, "dots of an ink-jet coder"),
        "laser": Kind(marks.laser, 1.5, CUT, "laser marking"),
        "dot-peen": Kind(marks.dot_peen, 1.5, CUT, "dots struck into metal"),
        "embossed": Kind(marks.embossed, 1.5, CUT, "raised letters"),
        "stamped": Kind(marks.stamped, 1.5, CUT, "letters struck into metal"),
        "display": Kind(panels.display, 1, SHOWN, "seven segments", pens.SEGMENT_CHARACTERS),
        "plate": Kind(plates.plate, 4, DRIVEN, "plates of vehicles"),
        "stencil": Kind(prints.stencil, 1, SPRAYED, "sprayed through a stencil"),
        "sign": Kind(prints.sign, 3, SEEN, "signs and large letters"),
    }
)
"""The kinds by name."""
