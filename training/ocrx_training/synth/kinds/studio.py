"""What all kinds draw with: fonts, surfaces, and the stage that a text is set on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import cv2
import numpy as np

from ocrx.types import Image
from ocrx_training.synth.canvas import Colour, luminance, placed, put
from ocrx_training.synth.dice import Dice
from ocrx_training.synth.fonts import Font, Role, Split
from ocrx_training.synth.glyphs import Mask, knows, run
from ocrx_training.synth.surfaces import allowed, lay

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels."""


@dataclass(frozen=True)
class Scene:
    """A code seen from straight above. `box` is where its text is; `frame` where the object is that
    carries it, if a finder would cut out the whole of it, as it does with plates. `detail` is how
    much finer than strokes of ink are the parts that its letters are told apart by, such as dots,
    or the bright and the dark edge of a stroke."""

    picture: Image
    box: Box
    frame: Box | None = None
    detail: float = 1.0


@dataclass(frozen=True)
class Studio:
    """The fonts of each role, and the split that surfaces are chosen from."""

    fonts: Mapping[Role, tuple[Font, ...]]
    split: Split

    def font(self, dice: Dice, roles: Sequence[Role], text: str) -> Font:
        """A font of one of the roles that has all characters of the text; if none of these has, any
        font that has."""
        role = dice.pick(roles)
        font = dice.pick(self.fonts[role])
        if knows(font, text):
            return font
        every = dict.fromkeys(one for fonts in self.fonts.values() for one in fonts)
        return dice.pick([one for one in every if knows(one, text)])

    def lay(self, dice: Dice, names: Sequence[str], size: tuple[int, int]) -> Image:
        """A surface, one of those named, of `size` (height, width)."""
        return lay(dice, dice.pick(allowed(names, self.split)), size)


@dataclass(frozen=True)
class Stage:
    """A text on its place: the mask of its ink on the whole picture, and its box."""

    mask: Mask
    box: Box

    @property
    def size(self) -> tuple[int, int]:
        return self.mask.shape[0], self.mask.shape[1]

    def with_mask(self, mask: Mask) -> Stage:
        """The same place with other ink."""
        return replace(self, mask=mask)


def set_up(dice: Dice, text: Mask, height: float, above: float = 0.0) -> Stage:
    """The text with room around it for turning, and `above` heights more at its top."""
    side = int(height * dice.between(0.7, 1.6))
    top = int(height * (dice.between(0.7, 1.3) + above) + text.shape[1] * 0.05)
    bottom = int(height * dice.between(0.7, 1.3) + text.shape[1] * 0.05)
    size = text.shape[0] + top + bottom, text.shape[1] + 2 * side
    box = (float(side), float(top), float(side + text.shape[1]), float(top + text.shape[0]))
    return Stage(placed(text, size, side, top), box)


CAPTIONS = (
    "LOT", "EXP", "BEST BEFORE", "S/N", "SERIAL NO.", "MODEL", "PART NO", "MFG DATE", "QTY", "REF",
    "TOTAL", "INVOICE", "MADE IN EU", "NET WT 500 g", "230V 50Hz", "TEL:", "DATE", "PCS", "BATCH",
    "TYPE", "ITEM", "CASH", "Thank you", "GST", "Batch / Lot", "Use by", "REV B", "CE", "IP65",
)  # fmt: skip


def neighbours(studio: Studio, dice: Dice, stage: Stage, height: float, font: Font) -> Mask:
    """Ink of lines above and below the text, and sometimes of a word before it."""
    ink = np.zeros(stage.size, np.uint8)
    left, top, _, bottom = stage.box
    gap = height * dice.between(0.35, 1.0)
    for upper in (True, False):
        if dice.chance(0.35):
            continue
        size = max(6.0, height * dice.between(0.5, 1.1))
        words = " ".join(dice.pick(CAPTIONS) for _ in range(dice.whole(1, 3)))
        mask = run(font, words, size)
        y = top - gap - mask.shape[0] if upper else bottom + gap
        put(ink, mask, int(left - height * dice.between(-1, 2)), int(y))
    return ink


def bars(dice: Dice, stage: Stage, height: float) -> Mask:
    """Ink of a bar code above or below the text."""
    ink = np.zeros(stage.size, np.uint8)
    left, top, right, bottom = (int(value) for value in stage.box)
    gap = int(height * dice.between(0.2, 0.6))
    unit = max(1, int(height / 14))
    widths = dice.generator.integers(1, 4, 200) * unit
    edges = left - int(height / 2) + np.concatenate([[0], np.cumsum(widths)])
    rows = slice(0, max(0, top - gap)) if dice.chance(0.5) else slice(bottom + gap, None)
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=False):
        if start > right + height / 2:
            break
        ink[rows, max(0, start) : max(0, end)] = 255
    return ink


def ink_for(dice: Dice, picture: Image, least: float = 70) -> Colour:
    """A colour that can be told from the picture's: nearly black, or any if `least` levels of
    luminance lie between them."""
    small = cv2.resize(picture, (1, 1), interpolation=cv2.INTER_AREA)[0, 0].tolist()
    ground = luminance((small[0], small[1], small[2]))
    dark = dice.between(4, 60)
    if ground - dark > least and dice.chance(0.75):
        return dark, dark + dice.between(-4, 4), dark + dice.between(-4, 16)
    for _ in range(12):
        colour = (dice.between(0, 255), dice.between(0, 255), dice.between(0, 255))
        if abs(luminance(colour) - ground) > least:
            return colour
    return (245, 245, 245) if ground < 128 else (10, 10, 14)
