"""Codes that are shown: displays of seven segments."""

from __future__ import annotations

import cv2
import numpy as np

from ocrx_training.synth import pens
from ocrx_training.synth.canvas import blended, blurred, dimmed, filled
from ocrx_training.synth.dice import Dice
from ocrx_training.synth.glyphs import Mask, trimmed
from ocrx_training.synth.kinds.studio import Scene, Stage, Studio, set_up
from ocrx_training.synth.surfaces import textured
from ocrx_training.synth.textures import texture

LIGHTS = (
    (255, 40, 30), (255, 60, 20), (60, 255, 90), (255, 170, 30), (90, 170, 255), (240, 246, 255),
)  # fmt: skip
CRYSTALS = ((150, 164, 138), (176, 186, 176), (126, 140, 120), (96, 128, 176))


def display(studio: Studio, dice: Dice, text: str, height: float) -> Scene:
    """Digits of light on a dark panel, or of liquid crystal on a grey one."""
    lit, dark = pens.segments(text, height, dice)
    # Cut both alike: by what is lit.
    whole = trimmed(lit)
    stage = set_up(dice, whole, height)
    x, y, width, tall = cv2.boundingRect(lit)
    ghost = set_aside(stage, dark[y : y + tall, x : x + width])
    if dice.chance(0.65):
        return _light(dice, stage, ghost, height)
    return _crystal(dice, stage, ghost, height)


def set_aside(stage: Stage, mask: Mask) -> Mask:
    """The mask where the stage's text is."""
    ghost = np.zeros(stage.size, np.uint8)
    left, top = int(stage.box[0]), int(stage.box[1])
    ghost[top : top + mask.shape[0], left : left + mask.shape[1]] = mask
    return ghost


def _light(dice: Dice, stage: Stage, ghost: Mask, height: float) -> Scene:
    base = dice.between(4, 45)
    picture = filled(stage.size, (base, base, base + dice.between(0, 8)))
    picture = textured(picture, texture("clouds", stage.size, dice, 3), dice.between(0, 0.15))
    light = dice.pick(LIGHTS)
    colour = (float(light[0]), float(light[1]), float(light[2]))
    picture = blended(picture, colour, dimmed(ghost, dice.between(0, 0.1)))
    glow = blurred(stage.mask, height * dice.between(0.05, 0.2))
    picture = blended(picture, colour, dimmed(glow, dice.between(0.1, 0.7)))
    picture = blended(picture, colour, dimmed(stage.mask, dice.between(0.7, 1)))
    if dice.chance(0.5):  # a sensor that is flooded sees white
        core = blurred(stage.mask, max(0.5, height / 24))
        picture = blended(picture, (255.0, 250.0, 240.0), dimmed(core, dice.between(0.1, 0.7)))
    return Scene(picture, stage.box)


def _crystal(dice: Dice, stage: Stage, ghost: Mask, height: float) -> Scene:
    ground = dice.pick(CRYSTALS)
    colour = (float(ground[0]), float(ground[1]), float(ground[2]))
    picture = filled(stage.size, colour)
    picture = textured(picture, texture("clouds", stage.size, dice, 3), dice.between(0, 0.3))
    picture = blended(picture, (40.0, 44.0, 40.0), dimmed(ghost, dice.between(0, 0.1)))
    shift = max(1, int(height * 0.04))
    shadow = np.roll(stage.mask, (shift, shift), (0, 1))
    picture = blended(picture, (40.0, 44.0, 40.0), dimmed(shadow, dice.between(0, 0.25)))
    picture = blended(picture, (30.0, 32.0, 34.0), dimmed(stage.mask, dice.between(0.6, 1)))
    return Scene(picture, stage.box)
