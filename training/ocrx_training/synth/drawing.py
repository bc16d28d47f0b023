"""Pictures of codes by number: any of them can be drawn without those before it."""

from __future__ import annotations

from dataclasses import dataclass

from ocrx.errors import UsageError
from ocrx.types import Image, Quad
from ocrx_training.synth.camera import photograph
from ocrx_training.synth.dice import Dice
from ocrx_training.synth.fonts import ROLES, Font, Role, find_fonts
from ocrx_training.synth.glyphs import knows
from ocrx_training.synth.kinds.studio import Studio
from ocrx_training.synth.kinds.table import KINDS
from ocrx_training.synth.options import SynthOptions
from ocrx_training.synth.patterns import Pattern, pattern

DRAWN = 18.0, 72.0
"""Heights of capitals, in pixels, between which scenes are drawn before they are photographed."""


@dataclass(frozen=True)
class Drawn:
    """A picture of a code: RGB uint8 (H, W, 3), its text, the corners of the text in pixels
    (clockwise from its own top left), and the kind of code."""

    picture: Image
    text: str
    quad: Quad
    kind: str


class Draughtsman:
    """Draws the pictures that some options describe, each by its number.

    Raises UsageError for patterns that are wrong or that nothing can draw, InputError for a folder
    without fonts.
    """

    def __init__(self, options: SynthOptions) -> None:
        self.options = options
        self.fonts = find_fonts(options.split, options.fonts)
        self._studio = Studio(_by_role(self.fonts), options.split)
        asked = {pattern(name): weight for name, weight in options.patterns.items()}
        kinds = options.kinds or {name: kind.weight for name, kind in KINDS.items()}
        self._patterns = {name: _sayable(name, asked) for name in kinds}
        self._kinds = {name: weight for name, weight in kinds.items() if self._patterns[name]}
        if not any(self._kinds.values()):
            raise UsageError(
                f"no kind among {', '.join(kinds)} can show all characters of a pattern asked for",
                "Choose another kind, or a pattern with fewer characters.",
            )
        if asked:
            self._check_fonts(asked)

    def draw(self, number: int) -> Drawn:
        """The picture of that number, from 0 on."""
        dice = Dice(self.options.seed, number)
        name = dice.weighted(self._kinds)
        text = " ".join(dice.weighted(self._patterns[name]).draw(dice).split())
        height = round(dice.scale(*self.options.heights))
        capitals = min(max(height * 0.8, DRAWN[0]), DRAWN[1])
        scene = KINDS[name].draw(self._studio, dice, text, capitals)
        severity = self.options.severity * dice.share() ** 0.6
        shot = photograph(dice, scene, height, severity)
        return Drawn(shot.picture, text, shot.quad, name)

    def _check_fonts(self, asked: dict[Pattern, float]) -> None:
        for one in asked:
            letters = "".join(sorted(one.alphabet))
            if not any(knows(font, letters) for font in self.fonts):
                raise UsageError(
                    f"no font has all characters of the pattern {one.name!r}",
                    "Give a folder with one that has, with --fonts.",
                )


def _sayable(name: str, asked: dict[Pattern, float]) -> dict[Pattern, float]:
    """The patterns that a kind is to show and can, with their weights."""
    kind = KINDS[name]
    wanted = asked or {pattern(one): weight for one, weight in kind.patterns.items()}
    return {
        one: weight
        for one, weight in wanted.items()
        if weight and (kind.alphabet is None or one.alphabet <= kind.alphabet)
    }


def _by_role(fonts: tuple[Font, ...]) -> dict[Role, tuple[Font, ...]]:
    """The fonts of each role. A role that has none gets all fonts, but for stencils."""
    found = {role: tuple(font for font in fonts if role in font.roles) for role in ROLES}
    return {role: own if own or role == "stencil" else fonts for role, own in found.items()}
