"""Draws sets of lines, always the same, for what the public sets lack.

`dot_matrix`: codes in 5 x 7 dots, as ink-jet printers put them on packages, cut out tightly. Some
dots are missing or out of place, and the codes are more or less blurred and slanted. `loose_lines`:
words with room on each side, up to one and a half times their height.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

COUNT = 200

Picture = NDArray[np.uint8]

# A glyph is five columns from the left, the lowest bit on top.
GLYPHS = {
    sign: bytes.fromhex(columns)
    for sign, columns in {
        "0": "3E4141413E", "1": "00427F4000", "2": "4261514946", "3": "2141454B31",
        "4": "1814127F10", "5": "2745454539", "6": "3C4A494930", "7": "0171090503",
        "8": "3649494936", "9": "064949291E", "A": "7C1211127C", "B": "7F49494936",
        "C": "3E41414122", "D": "7F4141413E", "E": "7F49494941", "F": "7F09090901",
        "G": "3E41415173", "H": "7F0808087F", "J": "2040413F01", "K": "7F08142241",
        "L": "7F40404040", "M": "7F021C027F", "N": "7F0408107F", "O": "3E4141413E",
        "P": "7F09090906", "R": "7F09192946", "S": "2649494932", "T": "03017F0103",
        "U": "3F4040403F", "V": "1F2040201F", "W": "3F4038403F", "X": "6314081463",
        "Y": "0304780403", "Z": "6159494D43", "/": "2010080402", ":": "0000240000",
        "-": "0808080808", ".": "0000600000", " ": "0000000000",
    }.items()
}  # fmt: skip
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def code(random: np.random.Generator) -> str:
    """A date, a time, a lot or a serial number, as on packages."""
    day, month, year = random.integers([1, 1, 2024], [29, 13, 2032])
    number = "".join(random.choice(list("0123456789"), random.integers(4, 9)))
    letter = str(random.choice(list(LETTERS)))
    forms = (
        f"{day:02}/{month:02}/{year}",
        f"{day:02}.{month:02}.{year % 100:02}",
        f"EXP {month:02}-{year}",
        f"LOT {letter}{number}",
        f"L{number} {day:02}:{month * 4:02}",
        f"{letter}{number[:3]}{LETTERS[day % 23]}{number[3:]}",
        number,
    )
    return forms[random.integers(len(forms))]


def dot_matrix(random: np.random.Generator) -> tuple[Picture, str]:
    """A code in dots: uint8 (height, width, 3), and what it says."""
    text = code(random)
    pitch = float(random.uniform(4, 8))
    advance = pitch * random.uniform(1.0, 1.3)
    left, top, right, bottom = random.uniform(0.5, 4, 4) * pitch
    columns = 6 * len(text) - 1
    width, height = round(left + columns * advance + right), round(top + 7 * pitch + bottom)
    tones = (230, 40) if random.random() < 0.7 else (60, 215)
    paper, ink = (tone + random.uniform(-25, 25) for tone in tones)
    page = np.full((height, width), paper, np.float32)
    slope, slant = random.uniform(-0.02, 0.02), random.uniform(-0.1, 0.15)
    layer = np.zeros_like(page)
    for place, sign in enumerate(text):
        for column, bits in enumerate(GLYPHS[sign]):
            for row in range(7):
                if not bits >> row & 1 or random.random() < 0.03:
                    continue
                x = left + (6 * place + column + 0.5) * advance + (3 - row) * slant * pitch
                y = top + (row + 0.5) * pitch + x * slope
                x, y = (value + random.normal(0, 0.07 * pitch) for value in (x, y))
                radius = pitch * random.uniform(0.3, 0.48)
                centre = round(x * 16), round(y * 16)
                cv2.circle(layer, centre, round(radius * 16), 1.0, -1, cv2.LINE_AA, 4)
    layer = cv2.GaussianBlur(layer, (0, 0), float(random.uniform(0.3, 0.35 * pitch)))
    page += layer * (ink - paper)
    shade = cv2.resize(random.normal(0, 12, (2, 4)).astype(np.float32), (width, height))
    page += shade + random.normal(0, random.uniform(1, 8), page.shape)
    tint = random.uniform(0.9, 1.0, 3)
    return np.clip(page[..., None] * tint, 0, 255).astype(np.uint8), text


WORDS = """
    while lantern before jumps lazy tea near harbours Total 12.50 Invoice No 4711 kitchen garden
    2024-05-17 window
"""
COLOURS = (
    ((255, 255, 255), (0, 0, 0)),
    ((20, 30, 60), (240, 240, 240)),
    ((250, 220, 120), (120, 20, 20)),
    ((200, 200, 200), (150, 150, 150)),
    ((0, 90, 40), (230, 230, 0)),
)


def loose_line(random: np.random.Generator) -> tuple[Picture, str]:
    """Words with room around them: uint8 (height, width, 3), and what they say."""
    size = int(random.integers(14, 40))
    font = ImageFont.load_default(size)
    text = " ".join(random.choice(WORDS.split(), random.integers(1, 8)))
    left, top, right, bottom = (round(side) for side in font.getbbox(text))
    margins = (random.uniform(0, 1.6, 4) * size).astype(int).tolist()
    paper, ink = COLOURS[random.integers(len(COLOURS))]
    width, height = right - left + margins[0] + margins[2], bottom - top + margins[1] + margins[3]
    image = Image.new("RGB", (width, height), paper)
    ImageDraw.Draw(image).text((margins[0] - left, margins[1] - top), text, fill=ink, font=font)
    return np.asarray(image), text


DRAWN: Mapping[str, Callable[[np.random.Generator], tuple[Picture, str]]] = {
    "dot_matrix": dot_matrix,
    "loose_lines": loose_line,
}


def write(folder: Path, name: str) -> None:
    """Draw COUNT pictures of a set into `folder`, with `labels.tsv`."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(7)
    labels = []
    for number in range(COUNT):
        image, text = DRAWN[name](random)
        path = f"images/{number:03}.png"
        Image.fromarray(image).save(folder / path)
        labels.append(f"{path}\t{text}\n")
    (folder / "labels.tsv").write_text("".join(labels), "utf-8")
