"""Plates of vehicles: embossed letters in groups, frames, screws, seals, bands and small print."""

from __future__ import annotations

import re
from dataclasses import dataclass

import cv2
import numpy as np

from ocrx.types import Image
from ocrx_training.synth.canvas import (
    Colour,
    Size,
    blended,
    blurred,
    dimmed,
    filled,
    levelled,
    lit_relief,
    placed,
    put,
    shaded,
)
from ocrx_training.synth.dice import Dice
from ocrx_training.synth.fonts import Font
from ocrx_training.synth.glyphs import Mask, run
from ocrx_training.synth.kinds.studio import Box, Scene, Studio
from ocrx_training.synth.surfaces import BRIGHTS, textured
from ocrx_training.synth.textures import texture

WHITE, BLACK, BLUE = (236.0, 237.0, 238.0), (22.0, 22.0, 24.0), (24.0, 66.0, 168.0)
YELLOW, GREEN, DARK_GREEN = (238.0, 196.0, 40.0), (150.0, 214.0, 170.0), (20.0, 92.0, 60.0)


@dataclass(frozen=True)
class Design:
    """How plates of a country look.

    `header` says how often there is small print above and below, `band` and `side` how often a
    coloured band is at the top or at the left, `emblem` how often another sign comes before the
    text, `seal` how often something stands between the groups.
    """

    colours: tuple[tuple[Colour, Colour], ...]
    header: float = 0.0
    band: float = 0.0
    side: float = 0.0
    emblem: float = 0.0
    seal: float = 0.0
    gap: float = 0.35


DESIGNS = (
    Design(((BLACK, WHITE),), header=0.9, seal=0.8, gap=0.45),
    Design(((WHITE, BLACK),), header=0.9, band=0.9, seal=0.25, gap=0.4),
    Design(
        ((BLUE, WHITE), (BLUE, WHITE), (YELLOW, BLACK), (GREEN, BLACK)),
        emblem=0.9, seal=0.7, gap=0.15,
    ),
    Design(((WHITE, BLACK), (YELLOW, BLACK)), side=0.8, seal=0.4, gap=0.35),
    Design(
        ((WHITE, BLUE), (WHITE, DARK_GREEN), (DARK_GREEN, WHITE), (WHITE, (170.0, 20.0, 30.0))),
        header=0.8, seal=0.3,
    ),
)  # fmt: skip

ALIKE, BARE = str.maketrans("10", "IO"), 0.4
"""On plates of many countries, such as China and the United Kingdom, 1 is a bare bar, like I, and 0
has the shape of O. So are those drawn in this share of all, in whatever font."""

WORDS = (
    "REPUBLICA ARGENTINA", "ARGENTINA", "MERCOSUR", "BRASIL", "NEW YORK", "California", "TEXAS",
    "URUGUAY", "CHILE", "Garden State", "ESPAÑA", "RAJASTHAN", "VICTORIA", "Sunshine State",
)  # fmt: skip


@dataclass(frozen=True)
class Board:
    """What the parts of one plate have in common. `frame` is the plate's edge in the picture,
    `height` that of its letters, in pixels."""

    studio: Studio
    dice: Dice
    design: Design
    size: Size
    frame: Box
    height: float
    ground: Colour
    paint: Colour


def plate(studio: Studio, dice: Dice, text: str, height: float) -> Scene:
    """A plate on the part of a vehicle that it is screwed to."""
    design = dice.pick(DESIGNS)
    font = studio.font(dice, ("narrow", "narrow", "narrow", "sans", "technical"), text)
    letters, marks = _letters(dice, design, font, text, height)
    header = height * (0.34 if dice.chance(design.header) else dice.between(0.1, 0.22))
    pad = height * dice.between(0.12, 0.4)
    side = height * 0.55 if dice.chance(design.side) else 0.0
    emblem = _emblem(dice, height) if dice.chance(design.emblem) else np.zeros((1, 1), np.uint8)
    lead = emblem.shape[1] + height * 0.16 if emblem.any() else 0.0
    around = float(int(height * dice.between(0.5, 0.9) + letters.shape[1] * 0.04))
    left, top = around + pad + side + lead, around + header + height * dice.between(0.1, 0.25)
    right, bottom = left + letters.shape[1], top + letters.shape[0]
    frame = (around, around, right + pad, bottom + height * dice.between(0.1, 0.25) + header * 0.6)
    size = int(frame[3] + around), int(frame[2] + around)
    board = Board(studio, dice, design, size, frame, height, *dice.pick(design.colours))

    picture = _plain_board(board, _vehicle(dice, size))
    if side:
        picture = _band(picture, (frame[0], frame[1], frame[0] + side, frame[3]), BLUE)
        place = frame[0] + side * 0.25, frame[3] - height * 0.5
        country = _caption(board, dice.pick("DFIEP"), place, height * 0.3)
        picture = blended(picture, WHITE, country)
    if header > height * 0.3:
        picture = _small_print(board, picture, header)
    ink = np.zeros(size, np.uint8)
    put(ink, letters, int(left), int(top))
    put(ink, marks, int(left), int(top))
    put(ink, emblem, int(left - lead), int((top + bottom - emblem.shape[0]) / 2))
    picture = _raised(board, blended(picture, board.paint, ink), ink)
    return Scene(_screws(board, picture), (left, top, right, bottom), frame)


def groups(text: str) -> list[str]:
    """The groups that a plate's text falls into: runs of letters and of digits."""
    return re.findall(r"[^\W\d]+|\d+|[\W_]+", text) or [text]


def _letters(dice: Dice, design: Design, font: Font, text: str, height: float) -> tuple[Mask, Mask]:
    """The text with gaps between its groups, and what stands in the gaps, as masks of one size."""
    spacing, stretch = dice.between(0.04, 0.2), dice.between(0.75, 1.15)
    weight = dice.pick((0, 0, 1, 1, 2))
    parts = groups(text) if " " not in text else [text]
    if design.emblem and len(text) > 2:
        parts = [text[:1], text[1:]]
    elif len(parts) > 3:
        parts = [text]
    shapes = ALIKE if dice.chance(BARE) else {}
    drawn = [
        run(font, part.translate(shapes), height, spacing=spacing, stretch=stretch, weight=weight)
        for part in parts
    ]
    gap = int(height * design.gap * dice.between(0.6, 1.3)) if len(parts) > 1 else 0
    tall = max(mask.shape[0] for mask in drawn)
    width = sum(mask.shape[1] for mask in drawn) + gap * (len(drawn) - 1)
    letters, seals = np.zeros((tall, width), np.uint8), np.zeros((tall, width), np.uint8)
    at = 0
    sealed = dice.chance(design.seal)
    shape = dice.whole(0, 2)
    for number, mask in enumerate(drawn):
        put(letters, mask, at, (tall - mask.shape[0]) // 2)
        at += mask.shape[1] + gap
        if sealed and number + 1 < len(drawn):
            _seal(seals, at - gap / 2, tall / 2, min(gap * 0.3, height * 0.13), shape)
    return letters, seals


def _seal(mask: Mask, x: float, y: float, radius: float, shape: int) -> None:
    centre, size = (int(x), int(y)), max(1, int(radius))
    if shape == 0:
        cv2.circle(mask, centre, size, 255, -1, cv2.LINE_AA)
    elif shape == 1:
        corner = centre[0] - size, centre[1] - size
        cv2.rectangle(mask, corner, (centre[0] + size, centre[1] + size), 200, -1)
    else:
        cv2.circle(mask, centre, size, 220, max(1, size // 3), cv2.LINE_AA)


def _emblem(dice: Dice, height: float) -> Mask:
    """A sign that is no letter: strokes as in a Chinese character, which names a province."""
    size = int(height * dice.between(0.9, 1.05))
    mask = np.zeros((size, int(size * 0.8)), np.uint8)
    thick = max(1, int(height / dice.between(11, 16)))
    for _ in range(dice.whole(9, 15)):
        x, y = dice.between(0.05, 0.6) * size, dice.between(0.05, 0.9) * size
        length = dice.between(0.2, 0.6) * size
        turn = dice.pick((0.0, 0.0, 0.0, np.pi / 2, np.pi / 2, 2.3, 0.9))
        end = int(x + np.cos(turn) * length), int(y + np.sin(turn) * length)
        cv2.line(mask, (int(x), int(y)), end, 255, thick, cv2.LINE_AA)
    return mask


def _vehicle(dice: Dice, size: tuple[int, int]) -> Image:
    """Sheet metal or plastic around a plate: two tones with an edge, and some dirt."""
    tone = dice.scale(12, 190)
    tint = dice.between(-10, 10)
    picture = filled(size, (tone + tint, tone, tone - tint))
    if dice.chance(0.7):
        edge = int(size[0] * dice.pick((dice.between(0, 0.2), dice.between(0.8, 1))))
        other = tone * dice.between(0.3, 1.2)
        picture[edge:] = np.uint8(min(255, other))
    return textured(picture, texture("clouds", size, dice, 3), dice.between(0.05, 0.4))


def _plain_board(board: Board, picture: Image) -> Image:
    """The plate itself, with its border, before anything is on it."""
    dice, size, height, frame = board.dice, board.size, board.height, board.frame
    if dice.chance(0.3):  # the frame of a dealer
        edge = height * dice.between(0.05, 0.15)
        wide = (frame[0] - edge, frame[1] - edge, frame[2] + edge, frame[3] + edge)
        picture = blended(picture, BLACK, _rounded(size, wide, height * 0.1, 0))
    face = filled(size, board.ground)
    if board.ground == GREEN:  # white at the top
        fade = np.linspace(dice.between(0, 255), 0, size[0]).astype(np.uint8)
        face = blended(face, WHITE, np.repeat(fade[:, None], size[1], axis=1))
    face = textured(face, texture("clouds", size, dice, 4), dice.between(0, 0.15))
    picture = blended(picture, face, _rounded(size, frame, height * dice.between(0.05, 0.2), 0))
    if dice.chance(0.75):
        inset = height * dice.between(0.02, 0.09)
        inner = (frame[0] + inset, frame[1] + inset, frame[2] - inset, frame[3] - inset)
        line = _rounded(size, inner, height * 0.12, max(1, int(height / 22)))
        picture = blended(picture, board.paint, line)
        picture = shaded(picture, lit_relief(line, dice.between(0, 6.3), dice.between(0, 60)))
    return picture


def _rounded(size: tuple[int, ...], box: Box, radius: float, line: int) -> Mask:
    """A rectangle with round corners, filled, or `line` pixels thick."""
    left, top, right, bottom = box
    quarter = np.linspace(0, np.pi / 2, 6)
    points = []
    for number, (x, y) in enumerate(
        ((right - radius, bottom - radius), (left + radius, bottom - radius),
         (left + radius, top + radius), (right - radius, top + radius))
    ):  # fmt: skip
        turn = quarter + number * np.pi / 2
        points.append(np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], axis=1))
    outline = np.concatenate(points).round().astype(np.int32)
    mask = np.zeros(size, np.uint8)
    if line:
        cv2.polylines(mask, [outline], True, 255, line, cv2.LINE_AA)
    else:
        cv2.fillPoly(mask, [outline], 255, cv2.LINE_AA)
    return mask


def _band(picture: Image, box: Box, colour: Colour) -> Image:
    mask = np.zeros(picture.shape[:2], np.uint8)
    left, top, right, bottom = (int(value) for value in box)
    mask[top:bottom, left:right] = 255
    return blended(picture, colour, mask)


def _small_print(board: Board, picture: Image, tall: float) -> Image:
    dice, frame = board.dice, board.frame
    words, size = dice.pick(WORDS), tall * dice.between(0.4, 0.65)
    colour = board.paint
    if dice.chance(board.design.band):
        picture = _band(picture, (frame[0] + 1, frame[1] + 1, frame[2] - 1, frame[1] + tall), BLUE)
        colour = WHITE
    place = (frame[0] + frame[2]) / 2 - size * len(words) * 0.32, frame[1] + (tall - size) / 2
    return blended(picture, colour, _caption(board, words, place, size))


def _caption(board: Board, words: str, place: tuple[float, float], size: float) -> Mask:
    """Ink of small print with its top left at `place`."""
    font = board.studio.font(board.dice, ("sans", "narrow"), words)
    return placed(run(font, words, size), board.size, int(place[0]), int(place[1]))


def _raised(board: Board, picture: Image, ink: Mask) -> Image:
    """Light and shade on the edges of embossed letters, and mud."""
    dice = board.dice
    soft = blurred(ink, max(0.5, board.height / 40))
    picture = shaded(picture, lit_relief(soft, dice.between(0, 6.3), dice.between(0, 150)))
    if dice.chance(0.3):
        dirt = texture("clouds", board.size, dice, 2)
        mud = levelled(dirt, 3, -3 * dice.between(130, 170))
        picture = blended(picture, (96.0, 84.0, 70.0), dimmed(mud, dice.between(0.1, 0.5)))
    return picture


def _screws(board: Board, picture: Image) -> Image:
    """Two or four screws or holes at the upper and lower edge."""
    dice, frame, height = board.dice, board.frame, board.height
    if dice.chance(0.3):
        return picture
    radius = max(1.0, height * dice.between(0.03, 0.09))
    inset = height * dice.between(0.1, 0.25)
    across = (frame[2] - frame[0]) * dice.between(0.08, 0.3)
    upper, lower = frame[1] + inset, frame[3] - inset
    mask = np.zeros(board.size, np.uint8)
    for y in dice.pick(((upper,), (lower,), (upper, lower))):
        for x in (frame[0] + across, frame[2] - across):
            cv2.circle(mask, (int(x), int(y)), int(radius), 255, -1, cv2.LINE_AA)
    tone = dice.pick((20.0, 60.0, 150.0, 220.0))
    colour = (tone, tone, tone) if dice.chance(0.85) else dice.pick(BRIGHTS)
    picture = blended(picture, colour, mask)
    return shaded(picture, lit_relief(mask, dice.between(0, 6.3), dice.between(0, 120)))
