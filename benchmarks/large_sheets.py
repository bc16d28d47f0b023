"""Large pages, tables of many cells, and documents: see sheets.py."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw
from sheet import (
    FONTS,
    MONO,
    SANS,
    SERIF,
    Random,
    Sheet,
    date,
    font,
    number,
    paper,
    phrase,
    pick,
    price,
    saved,
    set_lines,
)


def screen(random: Random) -> Sheet:
    """A 4K or 8K screen with small print: a log that fills it."""
    width, height = ((3840, 2160), (7680, 4320))[int(random.integers(2))]
    size = int(random.integers(10, 15))
    dark = random.random() < 0.5
    image, draw = paper(width, height, (30, 30, 35) if dark else "white")
    face = font(pick(random, (*SANS[:2], *MONO)), size)
    lines = [
        f"{date(random)} {phrase(random, int(random.integers(4, 12)))} {number(random, 4)}"
        for _ in range(int(random.integers(20, 70)))
    ]
    ink = (220, 220, 220) if dark else "black"
    left = float(random.integers(20, width // 2))
    set_lines(draw, lines, (left, 40), (height - 80) / len(lines), face, ink=ink)
    return saved(image, lines)


def screenshot(random: Random) -> Sheet:
    """A long screenshot of a narrow window: messages, some of them far apart."""
    width = int(random.choice([300, 480, 600, 1080]))
    height = int(random.integers(6000, 20000))
    size = int(random.integers(13, 22)) * (2 if width > 1000 else 1)
    face = font(pick(random, SANS[:2]), size)
    image, draw = paper(width, height, (245, 245, 248))
    lines, y = [], 30.0
    while y < height - 3 * size:
        lines.append(phrase(random, int(random.integers(2, 5))))
        draw.text((16, y), lines[-1], (30, 30, 30), face)
        y += size * (1.7 if random.random() < 0.8 else float(random.uniform(4, 60)))
    return saved(image, lines)


def photo(random: Random) -> Sheet:
    """A photograph of 24 to 50 megapixels with few large words."""
    width, height = ((6000, 4000), (8160, 6120))[int(random.integers(2))]
    shade = random.uniform(60, 190, (6, 8, 3)).astype(np.float32)
    ground = np.asarray(
        Image.fromarray(shade.astype(np.uint8)).resize(
            (width // 4, height // 4), Image.Resampling.BICUBIC
        ),
        np.float32,
    )
    ground += random.normal(0, 9, ground.shape).astype(np.float32)
    image = Image.fromarray(np.clip(ground, 0, 255).astype(np.uint8)).resize((width, height))
    draw = ImageDraw.Draw(image)
    face = font(pick(random, FONTS), int(random.integers(120, 400)))
    lines = [phrase(random, 2).upper() for _ in range(int(random.integers(1, 4)))]
    for row, line in enumerate(lines):
        y = height * (row + 1) / (len(lines) + 1)
        draw.text((width * 0.08, y), line, "white", face, stroke_width=6, stroke_fill="black")
    return saved(image, lines, "jpeg", quality=88)


def table(random: Random, rows: int, columns: int, size: int, rules: bool) -> Sheet:
    pitch, wide = round(size * 1.8), round(size * 4.4)
    image, draw = paper(wide * columns + 40, pitch * rows + 40)
    face = font(pick(random, (*SANS[:2], SERIF[1])), size)
    lines = []
    for row in range(rows):
        cells = [str(int(random.integers(10, 10**5))) for _ in range(columns)]
        lines.append(" ".join(cells))
        for column, cell in enumerate(cells):
            x = 20 + wide * (column + 1) - size * 0.6 - draw.textlength(cell, face)
            draw.text((x, 20 + pitch * row + size * 0.3), cell, "black", face)
    right, bottom = 20 + wide * columns, 20 + pitch * rows
    for row in range(rows + 1 if rules else 0):
        draw.line((20, 20 + pitch * row, right, 20 + pitch * row), (120, 120, 120))
    for column in range(columns + 1 if rules else 0):
        draw.line((20 + wide * column, 20, 20 + wide * column, bottom), (120, 120, 120))
    return saved(image, lines)


def table_1008(random: Random) -> Sheet:
    rows = int(random.choice([24, 36, 42]))
    size = int(random.integers(14, 22))
    return table(random, rows, 1008 // rows, size, random.random() < 0.5)


def table_5000(random: Random) -> Sheet:
    return table(random, 100, 50, int(random.integers(14, 20)), random.random() < 0.5)


def pdf(
    lines: Sequence[tuple[float, float, float, str]], width: float, height: float, unit: float = 1
) -> bytes:
    """A PDF of one page; each line at x, y from the top, in a size, all in units of the page."""
    text = "\n".join(
        f"BT /F {size:g} Tf {x:g} {height - y:g} Td ({line}) Tj ET" for x, y, size, line in lines
    )
    bodies = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width:g} {height:g}]/UserUnit {unit:g}"
        "/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R>>",
        f"<</Length {len(text)}>>stream\n{text}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    data, starts = b"%PDF-1.7\n", []
    for place, body in enumerate(bodies):
        starts.append(len(data))
        data += f"{place + 1} 0 obj{body}endobj\n".encode("latin-1")
    table = "".join(f"{start:010} 00000 n \n" for start in starts)
    end = f"xref\n0 6\n0000000000 65535 f \n{table}trailer<</Size 6/Root 1 0 R>>\n"
    return data + f"{end}startxref\n{len(data)}\n%%EOF".encode("latin-1")


def sheet_a0(random: Random) -> Sheet:
    """A plan on an A0 sheet with print of 9 points, in lines far apart or close."""
    count = int(random.integers(5, 60))
    lines = [f"{phrase(random, 4)} {number(random, 4)}" for _ in range(count)]
    left = float(random.uniform(100, 1900))
    placed = [(left, 150 + row * 3000 / count, 9.0, line) for row, line in enumerate(lines)]
    return Sheet(pdf(placed, 2384, 3370), "pdf", tuple(lines))


def user_unit(random: Random) -> Sheet:
    """A page in units of several points."""
    unit = float(random.choice([0.5, 2, 4, 10, 25]))
    lines = [f"Invoice {date(random)}", f"Total due: EUR {price(random)}", phrase(random, 4)]
    placed = [
        (60 / unit, (90 + 30 * row) / unit, 11 / unit, line) for row, line in enumerate(lines)
    ]
    return Sheet(pdf(placed, 595 / unit, 842 / unit, unit), "pdf", tuple(lines))
