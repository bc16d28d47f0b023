"""Pages and pictures that are unusual, drawn the same each time, and what they say.

KINDS has a function of a random generator for each kind, which returns a `Sheet`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from large_sheets import photo, screen, screenshot, sheet_a0, table_1008, table_5000, user_unit
from PIL import Image, ImageDraw
from PIL.TiffImagePlugin import ImageFileDirectory_v2
from sheet import (
    FONTS,
    SANS,
    SERIF,
    WORDS,
    Font,
    Random,
    Sheet,
    date,
    draw_width,
    font,
    justified,
    number,
    paper,
    phrase,
    pick,
    price,
    saved,
    set_lines,
)


def signs(random: Random) -> Sheet:
    """A small table with results that are a sign alone."""
    size = int(random.integers(14, 30))
    face = font(pick(random, FONTS), size)
    names = ["Protein", "Glucose", "Blood", "Nitrite", "Ketones", "Leucocytes", "Bilirubin"]
    random.shuffle(names)
    rows = [("Test", "Result")]
    for name in names[: int(random.integers(4, 8))]:
        rows.append(
            (name, str(random.choice(["-", "-", "+", "—", "++", "5.5", "12", "1", "7", "X"])))
        )
    image, draw = paper(size * 16, round(size * 1.9 * len(rows) + 40))
    for row, (name, value) in enumerate(rows):
        for x, cell in ((20, name), (20 + size * 11, value)):
            draw.text((x, 20 + row * size * 1.9), cell, "black", face)
    return saved(image, [" ".join(row) for row in rows])


def prices(random: Random) -> Sheet:
    """Prices, dates, quantities: where an o, an l or an S would be as good a guess."""
    size = int(random.integers(14, 36))
    face = font(pick(random, FONTS), size)
    lines = []
    for _ in range(8):
        lines.append(
            str(
                random.choice(
                    [
                        f"Please deliver {number(random, 3)} units of part {number(random, 4)}",
                        f"Total price: EUR {price(random)} net",
                        f"{int(random.integers(1, 60)) * 10} kg",
                        f"{date(random)} {number(random, 2)}:{int(random.integers(10, 60))}",
                        f"250 ml {price(random)}",
                        f"Order no. {number(random, 6)} of {date(random)}",
                        f"100 {price(random)} 10%",
                        f"Lot {number(random, 5)} qty 500",
                    ]
                )
            )
        )
    width = max(draw_width(face, line) for line in lines)
    image, draw = paper(round(width) + 60, round(size * 1.8 * len(lines)) + 50)
    set_lines(draw, lines, (30, 25), size * 1.8, face)
    return saved(image, lines)


def digits(random: Random) -> Sheet:
    """A square grid of single digits, as of a puzzle or a keypad."""
    count = int(random.integers(3, 5))
    size, cell = int(random.integers(20, 48)), int(random.integers(60, 120))
    image, draw = paper(cell * count + 40, cell * count + 40)
    face = font(pick(random, FONTS), size)
    lines = []
    for row in range(count):
        cells = [str(int(random.integers(10))) for _ in range(count)]
        lines.append(" ".join(cells))
        for column, sign in enumerate(cells):
            place = (20 + cell * (column + 0.5), 20 + cell * (row + 0.5))
            draw.text(place, sign, "black", face, "mm")
    if random.random() < 0.3:
        for step in range(count + 1):
            edge, far = 20 + cell * step, 20 + cell * count
            draw.line((20, edge, far, edge), "black")
            draw.line((edge, 20, edge, far), "black")
    return saved(image, lines)


def columns(random: Random, count: int) -> Sheet:
    """A page of a paper: a heading over all, columns of justified lines, footnotes."""
    size = int(random.integers(16, 24))
    gutter = float(random.uniform(1.2, 2.2)) * size
    width = size * float(random.uniform(15, 20))
    face, small = (
        font(pick(random, (*SERIF, SANS[1])), size),
        font("LiberationSerif-Regular", size * 0.8),
    )
    rows, pitch = int(random.integers(14, 34)), size * 1.35
    total = width * count + gutter * (count - 1)
    image, draw = paper(round(total) + 120, round(rows * pitch + size * 12))
    heading = phrase(random, 5)
    draw.text((60, 30), heading, "black", font("LiberationSans-Bold", size * 1.6))
    lines = [heading]
    for column in range(count):
        left, top = 60 + column * (width + gutter), 30 + size * 3
        if column == 0 and random.random() < 0.5:
            # as long as the column is wide, and into the gutter
            title = fitting(random, font("LiberationSans-Bold", size), width + gutter * 0.6)
            draw.text((left, top), " ".join(title), "black", font("LiberationSans-Bold", size))
            lines.append(" ".join(title))
            top += round(pitch * 1.5)
        for row in range(rows):
            last = row % 9 == 8
            words = fitting(random, face, width * (0.5 if last else 1))
            lines.append(" ".join(words))
            place = (left, top + row * pitch)
            if last:
                draw.text(place, lines[-1], "black", face)
            else:
                justified(draw, words, place, width, face)
        if random.random() < 0.5:
            words = fitting(random, small, width * 0.9)
            lines.append(" ".join(words))
            draw.text((left, 30 + size * 3 + (rows + 2) * pitch), lines[-1], "black", small)
    return saved(image, lines)


def fitting(random: Random, face: Font, width: float) -> list[str]:
    """As many words as fit in a width."""
    start, count = int(random.integers(len(WORDS))), 1
    while draw_width(face, " ".join((WORDS * 3)[start : start + count + 1])) <= width:
        count += 1
    return (WORDS * 3)[start : start + count]


def two_columns(random: Random) -> Sheet:
    return columns(random, 2)


def three_columns(random: Random) -> Sheet:
    return columns(random, 3)


STREETS = ("Harbour Road", "Mill Lane", "Station Street", "Park Avenue", "Church Hill")
TOWNS = ("20457 Hamburg", "1050 Brussels", "Leeds LS1 4AP", "75011 Paris", "8004 Zurich")
NAMES = ("Northlight GmbH", "Olsen & Sons", "Fjord Supply AS", "Mara Levine", "Blue Quay Ltd")


def invoice(random: Random) -> Sheet:
    """Two addresses side by side, particulars, a table of items and a total."""
    size = int(random.integers(18, 26))
    face, pitch = font(pick(random, (*SANS[:2], SERIF[1])), size), size * 1.5
    image, draw = paper(size * 48, size * 44)
    lines = ["INVOICE"]
    draw.text((2 * size, size), "INVOICE", "black", font("LiberationSans-Bold", size * 2))
    for place, heading in enumerate(("From:", "Bill to:")):
        block = [heading, pick(random, NAMES), f"{pick(random, STREETS)} {number(random, 2)}"]
        block += [pick(random, TOWNS), "Attn: " + pick(random, ("A. Berg", "C. Moreau", "D. Hall"))]
        set_lines(draw, block, (2 * size + place * 24 * size, 5 * size), pitch, face)
        lines += block
    y = 15.0 * size
    for label, value in (("Invoice no.", number(random, 6)), ("Date", date(random))):
        draw.text((2 * size, y), label, "black", face)
        draw.text((12 * size, y), value, "black", face)
        lines.append(f"{label} {value}")
        y += pitch
    y += pitch
    items = [("Item", "Qty", "Price")]
    for _ in range(int(random.integers(3, 9))):
        items.append((phrase(random, 2), number(random, 2), price(random)))
    items.append(("Total", "", price(random)))
    for cells in items:
        for x, cell in zip((2, 26, 40), cells, strict=True):
            draw.text((x * size, y), cell, "black", face)
        lines.append(" ".join(cell for cell in cells if cell))
        y += pitch
    return saved(image, lines)


def transparent(random: Random) -> Sheet:
    """White text, text in two colours, or half transparent text, on nothing."""
    image, draw = paper(520, 170, (0, 0, 0, 0), "RGBA")
    face = font(pick(random, FONTS), int(random.integers(24, 36)))
    inks = [
        [(255, 255, 255, 255)] * 2,
        [(255, 255, 255, 255), (20, 40, 200, 255)],
        [(0, 0, 0, 255), (250, 220, 0, 255)],
        [(0, 0, 0, 110), (0, 0, 0, 128)],
        [(255, 255, 255, 128), (255, 255, 255, 255)],
        [(200, 30, 30, 255), (240, 240, 240, 200)],
    ]
    lines = [f"{phrase(random, 2)} {number(random, 4)}" for _ in range(2)]
    chosen = inks[int(random.integers(len(inks)))]
    for row, (line, ink) in enumerate(zip(lines, chosen, strict=True)):
        draw.text((20, 20 + 70 * row), line, ink, face)
    return saved(image, lines)


def sixteen_bits(random: Random) -> Sheet:
    """A grey picture of 16 bits that uses a small part of their range."""
    image = Image.new("L", (640, 240), 0)
    lines = [f"{phrase(random, 2).upper()} {date(random)}", f"SERIAL {number(random, 7)}"]
    face = font(pick(random, FONTS), 30)
    set_lines(ImageDraw.Draw(image), lines, (20, 40), 80, face, ink=(255,))
    low, span = int(random.integers(0, 30000)), int(random.choice([60, 200, 1000, 4000, 20000]))
    grey = low + np.asarray(image, np.float64) / 255 * span
    grey += random.normal(0, span / 60, grey.shape)
    form = "png" if random.random() < 0.5 else "tiff"
    return saved(Image.fromarray(np.clip(grey, 0, 65535).astype(np.uint16)), lines, form)


def fax(random: Random) -> Sheet:
    """A fax in black and white, whose pixels are higher than wide."""
    size = int(random.integers(30, 40))
    lines = ["FAX TRANSMISSION " + date(random), "To: " + pick(random, NAMES)]
    lines += [f"{phrase(random, 5)} {number(random, 3)}", f"Total price: EUR {price(random)} net"]
    image, draw = paper(1728, size * 9, 255, "L")
    face = font(pick(random, (*SANS[:2], *SERIF)), size)
    set_lines(draw, lines, (100, size), size * 1.9, face, ink=(0,))
    down = int(random.choice([98, 196]))
    flat = (
        image.resize((1728, image.height * down // 204))
        .point(lambda v: 255 * (v > 150))
        .convert("1")
    )
    tags = ImageFileDirectory_v2()
    tags[282], tags[283], tags[296] = 204.0, float(down), 2
    return saved(flat, lines, "tiff", compression="group4", tiffinfo=tags)


def turned_line(random: Random) -> Sheet:
    """One line upside down, alone."""
    face = font(pick(random, FONTS), int(random.integers(20, 40)))
    line = phrase(random, int(random.integers(3, 6)))
    image, draw = paper(round(draw_width(face, line)) + 60, 100)
    draw.text((30, 25), line, "black", face)
    return saved(image.transpose(Image.Transpose.ROTATE_180), [line])


def turned_page(random: Random) -> Sheet:
    """A page of text on its side or upside down."""
    face = font(pick(random, FONTS), 22)
    lines = [phrase(random, int(random.integers(3, 8))) for _ in range(int(random.integers(3, 20)))]
    image, draw = paper(900, 80 + 36 * len(lines))
    set_lines(draw, lines, (40, 40), 36, face)
    return saved(image.rotate(90 * int(random.integers(1, 4)), expand=True), lines)


def mixed_turns(random: Random) -> Sheet:
    """An upright page with one line upside down at its end, or one running up its side."""
    face = font(pick(random, FONTS), 24)
    lines = [phrase(random, int(random.integers(3, 7))) for _ in range(5)]
    image, draw = paper(900, 420)
    set_lines(draw, lines, (120, 40), 48, face)
    last = phrase(random, 4)
    strip, pen = paper(round(draw_width(face, last)) + 10, 40)
    pen.text((5, 5), last, "black", face)
    image.paste(strip.transpose(Image.Transpose.ROTATE_180), (120, 320))
    return saved(image, [*lines, last])


KINDS: Mapping[str, Callable[[Random], Sheet]] = {
    one.__name__: one
    for one in (
        screen,
        screenshot,
        sheet_a0,
        photo,
        table_1008,
        table_5000,
        signs,
        prices,
        digits,
        two_columns,
        three_columns,
        invoice,
        transparent,
        sixteen_bits,
        fax,
        user_unit,
        turned_line,
        turned_page,
        mixed_turns,
    )
}
