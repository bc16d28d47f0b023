"""Codes that are cut, struck or moulded: laser, dot peen, embossed and stamped."""

from __future__ import annotations

import cv2
import numpy as np

from ocrx.types import Image
from ocrx_training.synth import pens
from ocrx_training.synth.canvas import (
    blended,
    blurred,
    dimmed,
    levelled,
    lit_relief,
    product,
    shaded,
)
from ocrx_training.synth.dice import Dice
from ocrx_training.synth.glyphs import Mask, run, scaled
from ocrx_training.synth.kinds.studio import Scene, Stage, Studio, ink_for, set_up
from ocrx_training.synth.textures import texture

DETAIL = 2.0
"""A cut stroke shows as two edges, and a dot of seven rows needs two pixels to be one."""

OUTSTANDING = 3.0
"""How much stronger marks are than the texture of the surface, or it would hide them."""

STRONG = 90
"""The percentile of all changes of a surface that tells the strength of its marks."""

STRONGEST = 5.0
"""How much stronger marks may get for that."""

METALS = ("brushed metal", "brushed metal", "cast metal", "rusty metal", "painted metal")
MOULDED = ("plastic", "grained plastic", "rubber", "cast metal", "brushed metal", "foil")


def laser(studio: Studio, dice: Dice, text: str, height: float) -> Scene:
    """Burnt by a laser: thin lines, lighter or darker than the surface, slightly raised edges."""
    mask = _lines(studio, dice, text, height)
    stage = set_up(dice, mask, height)
    surfaces = (*METALS, "plastic", "grained plastic", "coloured paper", "rubber")
    picture = studio.lay(dice, surfaces, stage.size)
    step = dice.between(35, 130)
    mean = float(picture.mean())
    lighter = mean < 90 or (mean < 170 and dice.chance(0.5))
    step = step if lighter else -min(step, mean * 0.9)
    grain = texture("grain", stage.size, dice, dice.scale(1, 2))
    burnt = product(stage.mask, levelled(grain, 0.6, 130))
    shade = cv2.addWeighted(burnt, step / 255, burnt, 0, 0, dtype=cv2.CV_16S)
    marked = shaded(picture, np.asarray(shade, np.int16))
    marked = _carved(dice, marked, stage.mask, dice.between(0, 60), 0.6)
    return _scene(picture, marked, stage)


def dot_peen(studio: Studio, dice: Dice, text: str, height: float) -> Scene:
    """Struck into metal by a needle: pits with a bright and a dark side."""
    printer = pens.DotPrinter(dice.between(0.7, 1.05), dice.between(0, 0.1), 0.01, 0.12)
    if set(text) <= pens.PEN_CHARACTERS and dice.chance(0.6):
        rows = dice.whole(8, 13)
        places = pens.pen_places(text, rows - 1)
    elif set(text) <= pens.DOT_CHARACTERS:
        places, rows = pens.dot_places(text, dice), 7
    else:
        rows = 11
        font = studio.font(dice, ("mono", "sans"), text)
        places = pens.raster_places(run(font, text, 48, spacing=0.06), rows)
    mask = pens.dots(places, height, rows, printer, dice)
    stage = set_up(dice, scaled(mask, 1, dice.between(0.8, 1.2)), height)
    picture = studio.lay(dice, METALS, stage.size)
    tone = dice.between(0.1, 0.6)
    colour = (20.0, 20.0, 22.0) if dice.chance(0.6) else (235.0, 235.0, 235.0)
    marked = blended(picture, colour, dimmed(stage.mask, tone))
    marked = _carved(dice, marked, stage.mask, dice.between(60, 200), 0.8)
    return _scene(picture, marked, stage)


def embossed(studio: Studio, dice: Dice, text: str, height: float) -> Scene:
    """Raised letters of the surface's own colour, their tips sometimes coloured or worn bright."""
    font = studio.font(dice, ("sans", "narrow", "technical", "mono"), text)
    mask = run(font, text, height, spacing=dice.between(0.02, 0.2), weight=dice.whole(0, 3))
    stage = set_up(dice, mask, height)
    picture = marked = studio.lay(dice, MOULDED, stage.size)
    if dice.chance(0.45):  # tips
        tips = blurred(stage.mask, max(0.5, height / 30))
        marked = blended(picture, ink_for(dice, picture, 50), dimmed(tips, dice.between(0.2, 0.9)))
    soft = height / dice.between(12, 40)
    marked = _carved(dice, marked, stage.mask, -dice.between(110, 330), soft)
    return _scene(picture, marked, stage)


def stamped(studio: Studio, dice: Dice, text: str, height: float) -> Scene:
    """Struck letter by letter into metal: uneven in place and depth, dark at the bottom."""
    uneven = dice.share() * 0.07
    jitter = tuple(dice.between(-uneven, uneven) for _ in range(len(text)))
    spacing = dice.between(0.05, 0.3)
    if set(text) <= pens.PEN_CHARACTERS and dice.chance(0.35):
        mask = pens.pen(text, height, dice.between(0.09, 0.16), dice.between(0.3, 0.5))
    else:
        font = studio.font(dice, ("sans", "narrow", "technical"), text)
        mask = run(font, text, height, spacing=spacing, weight=dice.whole(0, 2), jitter=jitter)
    stage = set_up(dice, mask, height)
    picture = studio.lay(dice, (*METALS, "plastic", "rubber"), stage.size)
    depth = levelled(texture("clouds", stage.size, dice, 3), dice.between(0, 1.2), 150)
    struck = product(stage.mask, depth)
    tone = dice.between(0.0, 0.7)
    marked = blended(picture, (18.0, 17.0, 16.0), dimmed(struck, tone))
    strength = dice.between(120, 320) if tone < 0.3 else dice.between(30, 240)
    marked = _carved(dice, marked, struck, strength, height / dice.between(16, 40))
    return _scene(picture, marked, stage)


def _lines(studio: Studio, dice: Dice, text: str, height: float) -> Mask:
    if set(text) <= pens.PEN_CHARACTERS and dice.chance(0.5):
        return pens.pen(text, height, dice.between(0.05, 0.14), dice.between(0.22, 0.45))
    font = studio.font(dice, ("technical", "mono", "sans", "narrow"), text)
    return run(
        font, text, height, spacing=dice.between(0.02, 0.15), weight=dice.pick((-1, 0, 0, 1))
    )


def _carved(dice: Dice, picture: Image, mask: Mask, depth: float, soft: float) -> Image:
    """The picture with the mask cut into it (`depth` above 0) or raised, lit from one side."""
    angle = dice.between(0, 2 * np.pi)
    height = blurred(mask, max(0.4, soft))
    return shaded(picture, lit_relief(np.asarray(height, np.uint8), angle, depth))


def _scene(plain: Image, marked: Image, stage: Stage) -> Scene:
    """The marked surface, with marks that stand out from the texture of the plain one."""
    left, top, right, bottom = (int(side) for side in stage.box)
    change = cv2.subtract(marked, plain, dtype=cv2.CV_16S)
    ground = np.asarray(plain[top:bottom, left:right, 1], np.int16)
    rough = float((ground - cv2.blur(ground, (bottom - top, bottom - top))).std())
    strength = float(np.percentile(np.abs(change[top:bottom, left:right, 1]), STRONG))
    gain = min(OUTSTANDING * rough / max(strength, 1.0), STRONGEST)
    if gain > 1:
        stronger = np.asarray(change * np.float32(gain), np.int16)
        marked = np.asarray(cv2.add(plain, stronger, dtype=cv2.CV_8U), np.uint8)
    return Scene(marked, stage.box, detail=DETAIL)
