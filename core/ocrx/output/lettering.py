"""Draws text of any script, with the fonts that the machine has.

OpenCV 5 brings a font for Latin, Greek, Cyrillic, Chinese, Japanese and Korean. Other scripts, such
as those that run from right to left, are drawn with the system's fonts. A character that no font
has becomes an empty box, so that it is not taken for text.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from ocrx.output.strings import plain
from ocrx.page.bidi import reordered

Mask: TypeAlias = NDArray[np.uint8]
"""How much ink each pixel has, 0 to 255, of shape (height, width)."""

ABOVE, BELOW = 1.05, 0.35
"""The room above and below the baseline, in font sizes."""

BOX = "□"  # stands for a character that no font has
MAX_FONT_FILES = 500
_SAMPLE = 24  # the font size, in pixels, at which fonts are tested for a character
_FONT_SUFFIXES = (".ttf", ".otf", ".ttc")


class Font(ABC):
    """One font. It knows which characters it has, and draws a run of them."""

    @abstractmethod
    def has(self, character: str) -> bool:
        """Whether the font can draw the character."""

    @abstractmethod
    def draw(self, text: str, size: int) -> Mask:
        """The run as a mask of height `height_of(size)`, with its baseline at ABOVE * size. `size`
        is the font size in pixels."""


class OpenCvFont(Font):
    """The font that OpenCV 5 brings."""

    def __init__(self) -> None:
        self._face = cv2.FontFace("uni")
        self._unknown = self.draw("\U0010fffe", _SAMPLE)
        self._known: dict[str, bool] = {"?": True}

    def has(self, character: str) -> bool:
        if character not in self._known:
            drawn = self.draw(character, _SAMPLE)
            self._known[character] = bool(drawn.any()) and not np.array_equal(drawn, self._unknown)
        return self._known[character]

    def draw(self, text: str, size: int) -> Mask:
        width = cv2.getTextSize((1 << 15, 1 << 15), text, (0, 0), self._face, size)[2]
        # OpenCV wraps text at the edge, so the canvas is wider than the text.
        mask = np.zeros((height_of(size), width + size), np.uint8)
        cv2.putText(mask, text, (0, round(ABOVE * size)), (255,), self._face, size)
        return mask[:, :width]


class PillowFont(Font):
    """A font file, or Pillow's own Latin font. It shapes text if Pillow was built with Raqm."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._sample = self._face(_SAMPLE)
        self._unknown = self._print("\U0010fffe")

    def has(self, character: str) -> bool:
        printed = self._print(character)
        return bool(printed[1].strip(b"\0")) and printed != self._unknown

    def draw(self, text: str, size: int) -> Mask:
        face = self._face(size)
        left, _, right, _ = face.getbbox(text, anchor="ls")
        canvas = PilImage.new("L", (max(1, int(right - min(left, 0))), height_of(size)))
        origin = (-min(left, 0), round(ABOVE * size))
        ImageDraw.Draw(canvas).text(origin, text, 255, face, anchor="ls")
        return np.asarray(canvas, np.uint8)

    def _face(self, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
        if self._path is None:
            return ImageFont.load_default(size)
        return ImageFont.truetype(str(self._path), size)

    def _print(self, character: str) -> tuple[tuple[int, int], bytes]:
        mask = self._sample.getmask(character)
        return mask.size, bytes(mask)


class Lettering:
    """Draws text. `missing` collects the characters that no font has."""

    def __init__(self) -> None:
        first: Font = OpenCvFont() if hasattr(cv2, "FontFace") else PillowFont()
        self.missing: set[str] = set()
        self._first = first
        self._files = iter(font_files())
        self._opened: list[Font] = []
        self._fonts: dict[str, Font | None] = {}

    def draw(self, text: str, size: int) -> Mask:
        """The text on one line as a mask of height `height_of(size)`. `size` is the font size in
        pixels."""
        # Lone surrogates crash OpenCV, and control characters have no shape.
        text = unicodedata.normalize("NFC", " ".join(plain(text).split()))
        if not text:
            return np.zeros((height_of(size), 1), np.uint8)
        if any(map(_runs_leftwards, text)):
            return self._draw_leftwards(text, size)
        return np.hstack([font.draw(run, size) for font, run in self._runs(text)])

    def draw_column(self, text: str, size: int) -> Mask:
        """The characters one above the other, each centred, as a mask."""
        letters = [self.draw(letter, size) for letter in "".join(plain(text).split())]
        width = max((letter.shape[1] for letter in letters), default=1)
        padding = [width - letter.shape[1] for letter in letters]
        columns = [
            np.pad(letter, ((0, 0), (space // 2, space - space // 2)))
            for letter, space in zip(letters, padding, strict=True)
        ]
        return np.vstack(columns) if columns else np.zeros((height_of(size), 1), np.uint8)

    def _draw_leftwards(self, text: str, size: int) -> Mask:
        """Text that runs from right to left. A system font shapes it; without one that has all
        characters, they are drawn one by one from the right."""
        hardest = next(filter(_runs_leftwards, text))
        font = self._system_font(hardest)
        if font is not None and all(_joins(c) or font.has(c) for c in text):
            return font.draw(text, size)
        return np.hstack([font.draw(run, size) for font, run in self._runs(_turned(text))])

    def _runs(self, text: str) -> Iterator[tuple[Font, str]]:
        """The text in runs of one font each, with boxes for characters that no font has."""
        pieces: list[tuple[Font, str]] = []
        for character in text:
            font = self._font(character)
            letter = character if font else BOX
            if pieces and _joins(character):
                font, before = pieces[-1]
                bare = before in (BOX, "") and not character.isspace()
                letter = "" if bare else character  # no accent on a box
            pieces.append((font or self._first, letter))
        for font, run in groupby(pieces, lambda piece: piece[0]):
            yield font, "".join(letter for _, letter in run)

    def _font(self, character: str) -> Font | None:
        if character not in self._fonts:
            first = _joins(character) or self._first.has(character)
            self._fonts[character] = self._first if first else self._system_font(character)
            if self._fonts[character] is None:
                self.missing.add(character)
        return self._fonts[character]

    def _system_font(self, character: str) -> Font | None:
        """The first of the system's fonts that has the character. Files are opened only as far as
        needed, and stay open."""
        for font in self._opened:
            if font.has(character):
                return font
        for path in self._files:
            opened = _open(path)
            if opened is not None:
                self._opened.append(opened)
                if opened.has(character):
                    return opened
        return None


def height_of(size: int) -> int:
    """The height in pixels of a mask of text in that font size."""
    return round(ABOVE * size) + round(BELOW * size)


def font_files() -> Iterator[Path]:
    """The system's font files, upright sans serifs first. The search starts with the first one that
    is asked for."""
    found = (
        path
        for folder in _font_folders()
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in _FONT_SUFFIXES
    )
    yield from sorted(islice(found, 4 * MAX_FONT_FILES), key=_preference)[:MAX_FONT_FILES]


def _font_folders() -> Iterable[Path]:
    home = Path(os.environ.get("HOME") or os.environ.get("USERPROFILE") or ".")
    if sys.platform == "win32":
        windows = Path(os.environ.get("WINDIR", r"C:\Windows"))
        return windows / "Fonts", home / "AppData/Local/Microsoft/Windows/Fonts"
    if sys.platform == "darwin":
        return Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"
    shared = Path("/usr/share/fonts"), Path("/usr/local/share/fonts")
    return *shared, home / ".local/share/fonts", home / ".fonts"


def _preference(path: Path) -> tuple[int, str]:
    name = path.name.lower()
    odd = ("bold", "italic", "oblique", "light", "thin", "black", "condensed", "mono", "serif")
    unwanted = sum(word in name.replace("sansserif", "") for word in odd)
    return unwanted * 2 - ("sans" in name or "regular" in name), name


def _open(path: Path) -> PillowFont | None:
    try:
        return PillowFont(path)
    except OSError:  # the file is not a font
        return None


def _turned(text: str) -> str:
    """Text that runs from right to left, in visual order and without its vowel signs."""
    return reordered("".join(c for c in text if unicodedata.category(c) != "Mn"))[1]


def _joins(character: str) -> bool:
    """Whether the character is drawn with the one before it, as accents, vowel signs, joiners and
    spaces are."""
    return character.isspace() or unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf")


def _runs_leftwards(character: str) -> bool:
    return unicodedata.bidirectional(character) in ("R", "AL")
