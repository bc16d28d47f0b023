"""What codes are printed on or cut into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np

from ocrx.types import Image
from ocrx_training.synth.canvas import Colour, Size, blended, dimmed, filled, shaded
from ocrx_training.synth.dice import Dice
from ocrx_training.synth.fonts import Split
from ocrx_training.synth.glyphs import Mask
from ocrx_training.synth.textures import texture


@dataclass(frozen=True)
class Surface:
    """A material. A picture has one of `colours`, give or take `tint` in each channel, and the
    `textures`, each a tile's name, how strong it is at most, and how much it may be enlarged."""

    colours: tuple[Colour, ...]
    textures: tuple[tuple[str, float, float], ...]
    tint: float = 12
    held_out: bool = False


WHITE, CREAM, GREY, BLACK = (244, 244, 242), (236, 228, 206), (150, 152, 155), (32, 32, 35)
BRIGHTS: tuple[Colour, ...] = (
    (206, 38, 40), (238, 122, 24), (242, 204, 40), (48, 136, 66), (30, 84, 168), (24, 40, 96),
    (112, 52, 128), (228, 228, 226), (30, 120, 130), (90, 58, 40), (40, 42, 48), (170, 176, 182),
)  # fmt: skip

SURFACES: Mapping[str, Surface] = MappingProxyType(
    {
        "paper": Surface((WHITE, CREAM, (226, 224, 220)), (("paper", 0.16, 2),)),
        "glossy paper": Surface((WHITE, (250, 250, 250)), (("clouds", 0.1, 3),), held_out=True),
        "coloured paper": Surface(BRIGHTS, (("paper", 0.16, 2),), 24),
        "scan": Surface(((250, 250, 249), (238, 238, 236)), (("paper", 0.05, 1.5),), 4),
        "cardboard": Surface(
            ((184, 146, 104), (166, 130, 94), (200, 168, 128)), (("fibres", 0.3, 2),)
        ),
        "corrugated": Surface(
            ((178, 140, 100), (156, 122, 88)), (("corrugated", 0.28, 2),), held_out=True
        ),
        "foil": Surface(((196, 198, 202), (206, 190, 150)), (("crinkled", 1.1, 2.5),)),
        "film": Surface((*BRIGHTS, WHITE, (214, 218, 222)), (("folds", 0.8, 3),), 30),
        "plastic": Surface((*BRIGHTS, BLACK, WHITE, GREY), (("clouds", 0.22, 4),), 24),
        "grained plastic": Surface(((48, 48, 50), (96, 98, 102), WHITE), (("leather", 0.35, 1.5),)),
        "brushed metal": Surface(
            ((172, 174, 178), (140, 142, 146), (186, 176, 150)), (("brushed", 0.6, 1.6),)
        ),
        "cast metal": Surface(
            ((110, 108, 106), (84, 82, 82), (136, 130, 124)), (("cast", 0.5, 2),)
        ),
        "rusty metal": Surface(
            ((126, 92, 70), (104, 84, 74)), (("cast", 0.5, 2), ("clouds", 0.8, 3)), 20, True
        ),
        "painted metal": Surface(BRIGHTS, (("clouds", 0.3, 4), ("specks", 0.3, 2)), 24),
        "rubber": Surface((BLACK, (52, 50, 50)), (("leather", 0.25, 2), ("clouds", 0.3, 4)), 6),
        "wood": Surface(((178, 142, 100), (150, 112, 74)), (("brushed", 0.7, 2.5),), held_out=True),
    }
)
"""All surfaces by name."""


def allowed(names: Sequence[str], split: Split) -> list[str]:
    """Those of the surfaces that belong to the split. If none does, all of them."""
    if split == "all":
        return list(names)
    kept = [name for name in names if SURFACES[name].held_out == (split == "held-out")]
    return kept or list(names)


def lay(dice: Dice, name: str, size: Size) -> Image:
    """A piece of the surface, RGB, of `size` (height, width)."""
    surface = SURFACES[name]
    base = dice.pick(surface.colours)
    colour = [part + dice.between(-surface.tint, surface.tint) for part in base]
    picture = filled(size, (colour[0], colour[1], colour[2]))
    for tile, strength, zoom in surface.textures:
        piece = texture(tile, size, dice, dice.scale(0.7, zoom))
        picture = textured(picture, piece, strength * dice.between(0.3, 1))
    return picture


def textured(picture: Image, piece: Mask, strength: float) -> Image:
    """The picture made lighter and darker by a piece of texture."""
    shade = cv2.addWeighted(piece, strength, piece, 0, -128 * strength, dtype=cv2.CV_16S)
    return shaded(picture, np.asarray(shade, np.int16))


def print_beneath(dice: Dice, picture: Image) -> Image:
    """A picture with artwork that the code was printed over: bars, stripes, or blots of colour."""
    height, width = picture.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    kind = dice.whole(0, 3)
    if kind == 0:  # the edge of a coloured field
        edge = int(dice.between(0, width)), int(dice.between(-1, 1) * height)
        corners = [(edge[0], 0), (width, 0), (width, height), (edge[0] + edge[1], height)]
        cv2.fillPoly(mask, [np.array(corners, np.int32)], 255, cv2.LINE_AA)
    elif kind == 1:  # stripes
        step = max(3, int(dice.scale(4, 40)))
        lean = int(dice.between(-1, 1) * height)
        for x in range(-abs(lean), width + abs(lean), step):
            cv2.line(mask, (x, 0), (x + lean, height), 255, max(1, step // 3), cv2.LINE_AA)
    elif kind == 2:  # a guilloche
        xs = np.arange(width)
        for phase in range(12):
            ys = height / 2 * (1 + np.sin(xs / dice.between(9, 14) + phase / 2) * 0.9)
            line = np.stack([xs, ys], axis=1).astype(np.int32)
            cv2.polylines(mask, [line], False, 160, 1, cv2.LINE_AA)
    else:
        for _ in range(dice.whole(2, 6)):
            centre = int(dice.between(0, width)), int(dice.between(0, height))
            cv2.circle(mask, centre, int(dice.scale(4, height)), 255, -1, cv2.LINE_AA)
    return blended(picture, dice.pick(BRIGHTS), dimmed(mask, dice.between(0.1, 0.5)))
