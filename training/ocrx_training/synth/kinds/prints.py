"""Codes that are printed or painted: labels, thermal paper, receipts, ink-jet, stencils, signs."""

from __future__ import annotations

import cv2
import numpy as np

from ocrx_training.synth import pens
from ocrx_training.synth.canvas import (
    blended,
    blurred,
    dimmed,
    levelled,
    placed,
    product,
    size_of,
)
from ocrx_training.synth.dice import Dice
from ocrx_training.synth.glyphs import Mask, run, scaled
from ocrx_training.synth.kinds.studio import (
    Scene,
    Stage,
    Studio,
    bars,
    ink_for,
    neighbours,
    set_up,
)
from ocrx_training.synth.surfaces import BRIGHTS, print_beneath
from ocrx_training.synth.textures import texture

LABELS = ("paper", "paper", "glossy paper", "coloured paper", "plastic", "film", "painted metal")
PACKAGES = (
    "cardboard", "corrugated", "film", "plastic", "foil", "brushed metal", "painted metal", "paper",
    "rubber",
)  # fmt: skip


def label(studio: Studio, dice: Dice, text: str, height: float) -> Scene:
    """A label from an office or label printer, with captions, frames and bar codes around."""
    font = studio.font(dice, ("sans", "sans", "mono", "narrow", "technical"), text)
    mask = run(
        font,
        text,
        height,
        spacing=dice.between(-0.02, 0.12),
        stretch=dice.between(0.8, 1.25),
        weight=dice.pick((0, 0, 0, 1, 2)),
    )
    stage = set_up(dice, mask, height)
    picture = studio.lay(dice, LABELS, stage.size)
    if dice.chance(0.15):
        picture = print_beneath(dice, picture)
    ink = stage.mask
    if dice.chance(0.6):
        ink = np.maximum(ink, neighbours(studio, dice, stage, height, font))
    if dice.chance(0.2):
        ink = np.maximum(ink, bars(dice, stage, height))
    if dice.chance(0.15):
        _rule(dice, ink, stage, height)
    if dice.chance(0.3):
        ink = _worn(dice, ink, dice.between(0.1, 0.6))
    ink = dimmed(ink, dice.between(0.8, 1))
    return Scene(blended(picture, ink_for(dice, picture), ink), stage.box)


def thermal(studio: Studio, dice: Dice, text: str, height: float) -> Scene:
    """Thermal paper: coarse dots of a print head, weak columns, grey ink."""
    font = studio.font(dice, ("mono", "sans", "sans", "narrow"), text)
    mask = run(font, text, height, spacing=dice.between(0, 0.1), stretch=dice.between(0.75, 1.2))
    stage = set_up(dice, _coarse(mask, dice.whole(14, 34)), height)
    ink = stage.mask
    if dice.chance(0.7):
        others = neighbours(studio, dice, stage, height, font)
        ink = np.maximum(ink, _coarse(others, round(others.shape[0] * 24 / height)))
    streaks = texture("streaks", stage.size, dice, dice.scale(1, 3))
    kept = levelled(streaks, dice.between(0.5, 3), dice.between(60, 200))
    picture = studio.lay(dice, ("paper", "glossy paper", "scan"), stage.size)
    grey = dice.between(20, 110)
    colour = (grey, grey, grey + dice.between(0, 25))
    return Scene(blended(picture, colour, product(ink, kept)), stage.box)


def receipt(studio: Studio, dice: Dice, text: str, height: float) -> Scene:
    """A line of a scanned receipt, its neighbours close above and below."""
    font = studio.font(dice, ("mono", "sans", "narrow"), text)
    spacing, stretch = dice.between(0, 0.14), dice.between(0.7, 1.25)
    weight = dice.pick((-1, 0, 0, 0, 1))
    mask = run(font, text, height, spacing=spacing, stretch=stretch, weight=weight)
    if dice.chance(0.25) and set(text) <= pens.DOT_CHARACTERS:  # of a needle printer
        places = pens.dot_places(text, dice)
        mask = pens.dots(places, height, 7, pens.DotPrinter(dice.between(1.0, 1.3), 0.03), dice)
        mask = scaled(mask, 1, dice.between(0.6, 0.95))
    stage = set_up(dice, mask, height)
    ink = np.maximum(stage.mask, neighbours(studio, dice, stage, height, font))
    if dice.chance(0.5):
        ink = _coarse(ink, round(ink.shape[0] * dice.between(11, 26) / height))
    if dice.chance(0.5):
        ink = _worn(dice, ink, dice.between(0.1, 0.9))
    picture = studio.lay(dice, ("scan", "scan", "paper"), stage.size)
    grey = dice.between(5, 90) if dice.chance(0.8) else dice.between(90, 150)
    tint = dice.between(20, 70) if dice.chance(0.25) else 0.0
    return Scene(blended(picture, (grey + tint / 2, grey, grey + tint), ink), stage.box)


def inkjet(studio: Studio, dice: Dice, text: str, height: float) -> Scene:
    """An ink-jet coder on a line: round dots, some missing, some beside their place."""
    rough = dice.share() ** 2
    printer = pens.DotPrinter(
        dice.between(0.75, 1.25), 0.02 + 0.13 * rough, 0.06 * rough, 0.05 + 0.2 * rough
    )
    if set(text) <= pens.DOT_CHARACTERS and dice.chance(0.7):
        places, rows = pens.dot_places(text, dice), 7
    else:
        rows = dice.whole(10, 20)
        font = studio.font(dice, ("mono", "sans", "narrow"), text)
        drawn = run(font, text, 48, spacing=0.06, weight=1)
        places = pens.raster_places(drawn, rows)
    mask = pens.dots(places, height, rows, printer, dice)
    mask = leaning(
        scaled(mask, 1, dice.between(0.7, 1.4)), dice.pick((0, 0, dice.between(-0.2, 0.2)))
    )
    stage = set_up(dice, mask, height)
    picture = studio.lay(dice, PACKAGES, stage.size)
    if dice.chance(0.25):
        picture = print_beneath(dice, picture)
    ink = stage.mask
    if dice.chance(0.35):  # a second line of the same printer
        other = "".join(dice.pick("0123456789:/ LEXP") for _ in range(len(text)))
        second = pens.dots(pens.dot_places(other, dice), height, 7, printer, dice)
        ink = np.maximum(ink, _below(dice, stage, second, height))
    if dice.chance(0.5):  # ink runs
        ink = blurred(ink, height / dice.between(25, 60) + 0.01)
    return Scene(
        blended(picture, ink_for(dice, picture), dimmed(ink, dice.between(0.7, 1))), stage.box
    )


def stencil(studio: Studio, dice: Dice, text: str, height: float) -> Scene:
    """Paint sprayed through a stencil: bridges in closed letters, and mist around edges."""
    if studio.fonts["stencil"] and dice.chance(0.4):
        mask = run(studio.font(dice, ("stencil",), text), text, height, spacing=0.05)
    else:
        mask = _stencilled(studio, dice, text, height)
    stage = set_up(dice, mask, height)
    surfaces = ("cardboard", "corrugated", "wood", "painted metal", "cast metal", "rusty metal")
    picture = studio.lay(dice, surfaces, stage.size)
    soft = blurred(stage.mask, height / dice.between(14, 50))
    mist = product(soft, texture("grain", stage.size, dice, dice.scale(1, 2)))
    ink = cv2.addWeighted(stage.mask, dice.between(0.6, 0.9), mist, dice.between(0.2, 0.7), 0)
    if dice.chance(0.5):
        ink = _worn(dice, np.asarray(ink, np.uint8), dice.between(0.2, 0.8))
    return Scene(blended(picture, ink_for(dice, picture), np.asarray(ink, np.uint8)), stage.box)


def sign(studio: Studio, dice: Dice, text: str, height: float) -> Scene:
    """Large letters of a sign, painted, glued on, or lit from within."""
    font = studio.font(dice, ("sans", "sans", "serif", "narrow"), text)
    mask = run(
        font,
        text,
        height,
        spacing=dice.between(-0.03, 0.25),
        stretch=dice.between(0.75, 1.3),
        weight=dice.pick((0, 0, 1, 2, 3)),
    )
    stage = set_up(dice, mask, height)
    surfaces = ("painted metal", "plastic", "coloured paper", "wood", "cast metal")
    picture = studio.lay(dice, surfaces, stage.size)
    if dice.chance(0.4):
        picture = blended(
            picture, ink_for(dice, picture), neighbours(studio, dice, stage, height, font)
        )
    colour = ink_for(dice, picture, 60)
    if dice.chance(0.4):
        light = dice.pick(BRIGHTS) if dice.chance(0.3) else (240, 240, 236)
        colour = light if abs(sum(light) / 3 - float(picture.mean())) > 60 else colour
    shift = max(1, int(height * dice.between(0.02, 0.08)))
    effect = dice.share()
    if effect < 0.2:  # letters that stand out throw a shadow
        shadow = blurred(np.roll(stage.mask, (shift, shift), (0, 1)), shift / 2)
        picture = blended(picture, (8, 8, 10), dimmed(shadow, dice.between(0.3, 0.7)))
    elif effect < 0.35:  # an outline
        brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * shift + 1, 2 * shift + 1))
        picture = blended(
            picture, ink_for(dice, picture), np.asarray(cv2.dilate(stage.mask, brush), np.uint8)
        )
    elif effect < 0.45:  # lit from within
        picture = levelled(picture, dice.between(0.2, 0.6), 0)
        colour = (255, dice.between(190, 255), dice.between(120, 255))
        glow = blurred(stage.mask, height / 6)
        picture = blended(picture, colour, dimmed(glow, dice.between(0.2, 0.6)))
    return Scene(blended(picture, colour, stage.mask), stage.box)


def leaning(mask: Mask, lean: float) -> Mask:
    """The mask slanted to the right by `lean` heights."""
    if not lean:
        return mask
    height, width = mask.shape
    shift = abs(lean) * height
    matrix = np.array([[1, -lean, shift if lean > 0 else 0], [0, 1, 0]], np.float64)
    return np.asarray(cv2.warpAffine(mask, matrix, (int(width + shift), height)), np.uint8)


def _stencilled(studio: Studio, dice: Dice, text: str, height: float) -> Mask:
    font = studio.font(dice, ("sans", "narrow"), text)
    bridge = dice.between(0.05, 0.12)
    weight = dice.whole(1, 3)
    gap = int(height * dice.between(0.12, 0.3))
    parts: list[Mask] = []
    base = run(font, "H", height, weight=weight).shape[0]
    for char in text:
        if char == " ":
            parts.append(np.zeros((base, int(height * 0.3)), np.uint8))
            continue
        # With an H before it, every glyph stands on one baseline.
        both = run(font, f"H{char}", height, weight=weight, spacing=1.0)
        left = run(font, "H", height, weight=weight).shape[1] + int(height * 0.4)
        glyph = both[:, left:]
        x, _, width, _ = cv2.boundingRect(glyph)
        glyph = glyph[:, x : x + max(1, width)]
        parts.append(pens.bridged(glyph, bridge) if char in pens.CLOSED else glyph)
    tall = max(part.shape[0] for part in parts)
    blank = np.zeros((tall, gap), np.uint8)
    row: list[Mask] = []
    for part in parts:
        whole = np.zeros((tall, part.shape[1]), np.uint8)
        whole[: part.shape[0]] = part
        row += [whole, blank]
    return np.hstack(row[:-1])


def _coarse(ink: Mask, rows: int) -> Mask:
    """The ink as a printer with so many rows of dots prints it, black or white."""
    rows = max(4, min(rows, ink.shape[0]))
    small = scaled(ink, rows / ink.shape[0])
    _, dots = cv2.threshold(small, 110, 255, cv2.THRESH_BINARY)
    size = ink.shape[1], ink.shape[0]
    return np.asarray(cv2.resize(dots, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _worn(dice: Dice, ink: Mask, wear: float) -> Mask:
    """Ink that is pale in patches."""
    clouds = texture("clouds", size_of(ink), dice, dice.scale(0.5, 3))
    kept = levelled(clouds, 4 * wear, 255 - 330 * wear)
    floor = np.uint8(255 * (1 - 0.75 * wear))
    return product(ink, np.maximum(kept, floor))


def _rule(dice: Dice, ink: Mask, stage: Stage, height: float) -> None:
    """Draw a frame around the text, or lines above and below it."""
    left, top, right, bottom = stage.box
    gap = height * dice.between(0.2, 0.5)
    corner = int(left - gap * 2), int(top - gap)
    cv2.rectangle(
        ink, corner, (int(right + gap * 2), int(bottom + gap)), 255, max(1, int(height / 20))
    )


def _below(dice: Dice, stage: Stage, mask: Mask, height: float) -> Mask:
    left, _, _, bottom = stage.box
    return placed(mask, stage.size, int(left), int(bottom + height * dice.between(0.2, 0.6)))
