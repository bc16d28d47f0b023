"""Draw examples/label.png: a product label as a phone would see it on a machine.

    python examples/make_label.py

It needs two typefaces: Roboto Condensed and Noto Sans CJK (on Debian: apt-get install
fonts-roboto-unhinted fonts-noto-cjk). The picture is kept in the repository, so nobody has to run
this to read it.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

TARGET = Path(__file__).with_name("label.png")
FONTS = {
    "plain": ("truetype/roboto/unhinted/RobotoCondensed-Regular.ttf", 0),
    "bold": ("truetype/roboto/unhinted/RobotoCondensed-Bold.ttf", 0),
    "han": ("opentype/noto/NotoSansCJK-Regular.ttc", 2),
}
WIDTH, HEIGHT = 1400, 900  # of the flat label, before it is photographed
SIZE = (800, 560)  # of the photograph
CORNERS = ((52, 58), (752, 24), (768, 498), (36, 524))
INK, BLUE, PAPER = (28, 30, 34), (18, 62, 112), (246, 244, 238)

ROWS = (
    ("TYPE", "NLX-4500-S2"),
    ("LOT", "L2611-0873"),
    ("SERIAL", "7F3K-204-99182"),
    ("INPUT", "3~ 380-480 V  12.4 A"),
    ("MFG", "2026-03-14"),
)
BARS = "1011001011101100100111010110011010010111001101011001011010011101011"


def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    path, index = FONTS[name]
    return ImageFont.truetype(f"/usr/share/fonts/{path}", size, index=index)


def flat_label() -> Image.Image:
    """The label as it left the printer, with an alpha channel around its round corners."""
    label = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0))
    draw = ImageDraw.Draw(label)
    draw.rounded_rectangle((0, 0, WIDTH - 1, HEIGHT - 1), 36, PAPER, INK, 5)
    draw.rounded_rectangle((0, 0, WIDTH - 1, 150), 36, BLUE, corners=(True, True, False, False))
    draw.text((52, 75), "NORDLICHT", PAPER, font("bold", 96), anchor="lm")
    draw.text((548, 79), "Antriebstechnik", PAPER, font("plain", 58), anchor="lm")
    draw.text((52, 212), "Servo drive", INK, font("bold", 62), anchor="lm")
    draw.text((388, 208), "伺服驱动器", INK, font("han", 60), anchor="lm")
    draw.text((776, 212), "Variateur numérique", INK, font("plain", 58), anchor="lm")
    draw.line((40, 272, WIDTH - 40, 272), INK, 4)
    for number, (key, value) in enumerate(ROWS):
        y = 330 + number * 82
        draw.text((52, y), key, BLUE, font("bold", 50), anchor="lm")
        draw.text((238, y), value, INK, font("bold", 62), anchor="lm")
    draw.line((40, 700, WIDTH - 40, 700), INK, 4)
    paste_code(label)
    draw_foot(draw)
    return label


def paste_code(label: Image.Image) -> None:
    """A QR code of the serial number, at the right of the rows."""
    code = cv2.QRCodeEncoder.create().encode("NLX-4500-S2/L2611-0873/7F3K-204-99182")
    side = 340
    dark = cv2.resize(code, (side, side), interpolation=cv2.INTER_NEAREST) < 128
    ink = Image.new("RGB", (side, side), INK)
    label.paste(ink, (WIDTH - 58 - side, 318), Image.fromarray(dark.astype(np.uint8) * 255))


def draw_foot(draw: ImageDraw.ImageDraw) -> None:
    """Where it was made, in two languages, and a barcode with its number."""
    draw.text((52, 756), "Hergestellt in Österreich", INK, font("plain", 52), anchor="lm")
    draw.text((52, 832), "生产日期 2026年03月", INK, font("han", 50), anchor="lm")
    x = 760
    for bar in BARS:
        width = 8
        if bar == "1":
            draw.rectangle((x, 722, x + width - 1, 812), INK)
        x += width
    draw.text((1028, 846), "4 012345 678901", INK, font("plain", 48), anchor="mm")


def brushed_metal(random: np.random.Generator) -> NDArray[np.float32]:
    """The machine the label sticks on: grey, brushed from left to right, lit from above."""
    width, height = SIZE
    grain = cv2.GaussianBlur(random.normal(0, 40, (height, width)), (0, 0), sigmaX=30, sigmaY=0.8)
    metal = np.full((height, width, 3), (112, 118, 124), np.float32)
    return metal + grain[..., None].astype(np.float32)


def photograph(label: Image.Image, seed: int = 7) -> Image.Image:
    """The label on the machine: at an angle, in uneven light, a little soft and noisy."""
    random = np.random.default_rng(seed)
    width, height = SIZE
    corners = np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], np.float32)
    view = cv2.getPerspectiveTransform(corners, np.array(CORNERS, np.float32))
    seen = cv2.warpPerspective(np.array(label), view, SIZE, flags=cv2.INTER_AREA).astype(np.float32)
    alpha = seen[..., 3:] / 255
    shadow = cv2.GaussianBlur(np.roll(alpha[..., 0], (7, 5), (0, 1)), (0, 0), 7)[..., None]
    scene = brushed_metal(random) * (1 - 0.55 * shadow)
    scene = scene * (1 - alpha) + seen[..., :3] * alpha
    y, x = np.mgrid[:height, :width]
    light = 1.06 - 0.30 * (x / width) * (y / height) - 0.10 * (x / width)
    glare = 26 * np.exp(-(((x - 250) / 210) ** 2 + ((y - 90) / 90) ** 2))
    scene = cv2.GaussianBlur(scene * light[..., None] + glare[..., None], (0, 0), 0.7)
    scene += random.normal(0, 1.6, (height, width, 1))
    return Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8))


def main() -> None:
    picture = photograph(flat_label())
    few = picture.quantize(48, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(TARGET, optimize=True)  # a palette keeps the noise from making a large file


if __name__ == "__main__":
    main()
