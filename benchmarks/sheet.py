"""What pages that are drawn are made of: fonts, words, numbers, and files with known text.

Text is set in the fonts that Pillow finds by name, DejaVu and Liberation, or in its own.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Random = np.random.Generator
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

SANS = (
    "DejaVuSans",
    "LiberationSans-Regular",
    "DejaVuSansCondensed",
    "LiberationSansNarrow-Regular",
)
SERIF = ("DejaVuSerif", "LiberationSerif-Regular")
MONO = ("DejaVuSansMono", "LiberationMono-Regular")
FONTS = (*SANS, *SERIF, *MONO, "DejaVuSans-Bold", "LiberationSans-Bold", "LiberationSerif-Bold")

PROSE = """
    the harbour office reports that seven ships left before noon while a heavy fog covered most of
    the northern coast and every lantern along the quay stayed lit until late in the evening our
    results show between four and nine percent more light than expected under quiet weather with
    little wind each keeper writes down the time of day the state of the sea and the number of
    boats that pass in both directions some of these notes are older than the tower itself
"""
WORDS = PROSE.split()


@dataclass(frozen=True)
class Sheet:
    """The bytes of a file, its suffix, and the lines that it shows, in reading order."""

    data: bytes
    suffix: str
    lines: tuple[str, ...]


def font(name: str, size: float) -> Font:
    try:
        return ImageFont.truetype(f"{name}.ttf", size)
    except OSError:
        return ImageFont.load_default(size)


def pick(random: Random, names: Sequence[str]) -> str:
    return names[int(random.integers(len(names)))]


def phrase(random: Random, count: int) -> str:
    """So many words that follow each other in WORDS, the first with a capital."""
    start = int(random.integers(len(WORDS)))
    text = " ".join(WORDS[(start + place) % len(WORDS)] for place in range(count))
    return text[0].upper() + text[1:]


def number(random: Random, digits: int) -> str:
    return str(int(random.integers(10 ** (digits - 1), 10**digits)))


def price(random: Random) -> str:
    return f"{int(random.integers(1, 3000)):,}.{int(random.integers(100)):02}"


def date(random: Random) -> str:
    year, month, day = random.integers([2019, 1, 1], [2031, 13, 29])
    return f"{year}-{month:02}-{day:02}"


def saved(image: Image.Image, lines: Sequence[str], form: str = "png", **options: object) -> Sheet:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return Sheet(buffer.getvalue(), {"tiff": "tif", "jpeg": "jpg"}.get(form, form), tuple(lines))


def paper(
    width: int, height: int, fill: str | int | tuple[int, ...] = "white", mode: str = "RGB"
) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new(mode, (width, height), fill)
    return image, ImageDraw.Draw(image)


def set_lines(
    draw: ImageDraw.ImageDraw,
    lines: Sequence[str],
    place: tuple[float, float],
    pitch: float,
    face: Font,
    *,
    ink: str | tuple[int, ...] = "black",
) -> None:
    """Draw lines one below the other."""
    for row, line in enumerate(lines):
        draw.text((place[0], place[1] + row * pitch), line, ink, face)


def justified(
    draw: ImageDraw.ImageDraw,
    words: Sequence[str],
    place: tuple[float, float],
    width: float,
    face: Font,
) -> None:
    """One line whose spaces are as wide as fills the width."""
    x, y = place
    blank = (width - sum(draw.textlength(word, face) for word in words)) / max(1, len(words) - 1)
    for word in words:
        draw.text((x, y), word, "black", face)
        x += draw.textlength(word, face) + blank


def draw_width(face: Font, text: str) -> float:
    return float(face.getlength(text))
