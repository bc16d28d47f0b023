"""Drawn lines and pages of text, for calibrating networks where there are no real pictures.

They use the fonts that OpenCV and Pillow bring, in several sizes and colours, and are blurred,
tilted and noisy. The same versions of these packages draw the same pictures every time.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from ocrx.names import Task
from ocrx.types import Image

Mask: TypeAlias = NDArray[np.uint8]
"""The share of ink in each pixel, 0 to 255: uint8 of shape (height, width)."""

Size: TypeAlias = tuple[int, int]

# As wide as the pictures that networks are trained on, since readers pad short lines.
LINE_SIZES: tuple[Size, ...] = ((48, 320),) * 16 + ((48, 640),) * 6 + ((96, 640),) * 2
REPEATS = 4
"""How often each of the sizes is drawn."""

PAGE_SIZES: tuple[Size, ...] = ((640, 960), (960, 640), (736, 736), (640, 1280))

HERSHEY = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_COMPLEX | cv2.FONT_ITALIC,
)
ALPHABETS = (
    string.ascii_uppercase + string.digits,
    string.ascii_lowercase,
    string.digits + ".,-/:%$",
    string.ascii_letters + string.digits + string.punctuation,
)
HAN = "京沪粤苏浙鲁川豫鄂湘中国人民大学公司有限北路号电话日月年第元合计单位名称数量金额"


def pictures(task: Task) -> list[Image]:
    """RGB pictures (H, W, 3): pages for detection and lines for the other tasks. For orientation
    half of the lines are upside down."""
    random = np.random.default_rng(20)
    known = faces()
    if task == "detection":
        return [_page(random, known, size) for size in PAGE_SIZES]
    drawn = [_line(random, known, size) for size in LINE_SIZES * REPEATS]
    if task == "orientation":
        drawn[::2] = [np.ascontiguousarray(one[::-1, ::-1]) for one in drawn[::2]]
    return drawn


Face: TypeAlias = tuple[Callable[[str], Mask], Sequence[str]]
"""A function that draws an upright text, and the alphabets that it knows."""


def faces() -> list[Face]:
    """The faces of OpenCV and Pillow. OpenCV 5 adds TrueType fonts, which also have Chinese."""
    faces: list[Face] = [(_hershey(number), ALPHABETS) for number in HERSHEY]
    faces += [(_pillow, ALPHABETS)] * 3
    if hasattr(cv2, "FontFace"):
        faces += [(_truetype(name), (*ALPHABETS, HAN)) for name in ("sans", "italic", "uni", "uni")]
    return faces


def _hershey(number: int) -> Callable[[str], Mask]:
    def draw(text: str) -> Mask:
        (width, height), below = cv2.getTextSize(text, number, 1.6, 3)
        mask = np.zeros((height + below + 16, width + 16), np.uint8)
        cv2.putText(mask, text, (8, height + 8), number, 1.6, 255, 3, cv2.LINE_AA)
        return mask

    return draw


def _pillow(text: str) -> Mask:
    font = ImageFont.load_default(48)
    left, top, right, bottom = font.getbbox(text)
    canvas = PilImage.new("L", (int(right - left) + 8, int(bottom - top) + 8))
    ImageDraw.Draw(canvas).text((4 - left, 4 - top), text, 255, font)
    return np.asarray(canvas)


def _truetype(name: str) -> Callable[[str], Mask]:
    def draw(text: str) -> Mask:
        mask = np.zeros((80, 64 * len(text) + 16), np.uint8)
        cv2.putText(mask, text, (8, 56), 255, cv2.FontFace(name), 48, 500)
        return mask

    return draw


def _ink(random: np.random.Generator, faces: Sequence[Face], height: int, width: int) -> Mask:
    """One or two random words, `height` high and at most `width` wide."""
    draw, alphabets = faces[int(random.integers(len(faces)))]
    alphabet = list(alphabets[int(random.integers(len(alphabets)))])
    count = max(2, min(60, int(width / height * random.uniform(0.6, 2.2))))
    text = "".join(random.choice(alphabet, count))
    if count > 6:
        text = text[: count // 2] + " " + text[count // 2 :]
    return fitted(draw(text), height, width, random.uniform(0.8, 1.2))


def fitted(mask: Mask, height: int, width: int, stretch: float = 1.0) -> Mask:
    """The ink of `mask` without its margins, scaled to `height` and to at most `width`."""
    rows, columns = np.flatnonzero(mask.max(1)), np.flatnonzero(mask.max(0))
    if len(rows) == 0:  # a face that draws none of these
        return np.zeros((height, height), np.uint8)
    mask = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    natural = mask.shape[1] * height / mask.shape[0] * stretch
    size = int(max(2, min(natural, width))), height
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)


def _line(random: np.random.Generator, faces: Sequence[Face], size: Size) -> Image:
    """One line, in a crop that is tight or roomy, sometimes shorter than the network is wide."""
    height, widest = size
    width = int(widest * random.choice([0.4, 0.7, 1.0, 1.0]))
    ink = _ink(random, faces, int(height * random.uniform(0.5, 0.9)), width - 8)
    mask = np.zeros((height, width), np.uint8)
    top = int(random.integers(0, height - ink.shape[0] + 1))
    left = int(random.integers(0, width - ink.shape[1] + 1))
    mask[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return photograph(random, mask, random.uniform(-2, 2))


def _page(random: np.random.Generator, faces: Sequence[Face], size: Size) -> Image:
    """Lines of several sizes, one below the other."""
    height, width = size
    mask = np.zeros(size, np.uint8)
    y = 12
    while True:
        tall = int(random.choice([12, 16, 20, 28, 40, 72]))
        if y + tall > height - 8:
            break
        x = int(random.integers(8, width // 3))
        ink = _ink(random, faces, tall, width - x - 8)
        mask[y : y + tall, x : x + ink.shape[1]] = ink
        y += tall + int(random.integers(6, 40))
    return photograph(random, mask, random.uniform(-4, 4))


def photograph(random: np.random.Generator, mask: Mask, tilt: float) -> Image:
    """The ink on coloured paper, lit from one side and photographed, RGB (H, W, 3). `tilt` is in
    degrees."""
    height, width = mask.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), tilt, 1)
    share = cv2.warpAffine(mask, turn, (width, height))[:, :, None] / np.float32(255)
    tint = random.choice([0, 10, 50])
    paper = random.uniform(120, 255) + random.uniform(-tint, tint, 3)
    ink = random.uniform(0, 90) + random.uniform(-tint, tint, 3)
    if random.random() < 0.3:
        paper, ink = ink, paper
    light = np.linspace(random.uniform(0.6, 1), random.uniform(0.6, 1), width, dtype=np.float32)
    coarse = random.normal(0, random.uniform(0, 20), (-(-height // 24), -(-width // 24), 3))
    texture = cv2.resize(coarse.astype(np.float32), (width, height))
    picture = (paper + texture) * (1 - share) + ink * share
    picture = picture * light[:, None] + random.normal(0, random.uniform(0, 14), picture.shape)
    picture = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.2, 1.4))
    return np.asarray(picture.clip(0, 255), np.uint8)
