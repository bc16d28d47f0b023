"""Small print in pictures that are reduced before they are seen: each line once, and whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import pytest

from ocrx.errors import without_errors
from ocrx.interfaces.components import Component, Detector
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.types import Image
from ocrx.weights.store import Store

Box = tuple[float, float, float, float]


@dataclass
class Sheet:
    """A picture to draw lines on; `boxes` are those of the lines."""

    width: int
    height: int
    paper: tuple[int, int, int] = (255, 255, 255)
    ink: tuple[int, int, int] = (20, 20, 20)
    boxes: list[Box] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._picture = PIL.Image.new("RGB", (self.width, self.height), self.paper)
        self._draw = PIL.ImageDraw.Draw(self._picture)

    def write(self, left: float, top: float, text: str, height: int = 14) -> Box:
        font = PIL.ImageFont.load_default(height)
        at = self._draw.textbbox((left, top), text, font)
        self._draw.text((left, top), text, self.ink, font)
        self.boxes.append(at)
        return at

    def bubble(self, left: float, top: float, text: str, fill: tuple[int, int, int]) -> None:
        x0, y0, x1, y1 = self._draw.textbbox((left, top), text, PIL.ImageFont.load_default(14))
        self._draw.rounded_rectangle((x0 - 12, y0 - 9, x1 + 12, y1 + 9), 10, fill)
        self.write(left, top, text)

    def image(self, down: bool = False) -> Image:
        pixels = np.asarray(self._picture, np.uint8)
        return np.ascontiguousarray(np.rot90(pixels, -1) if down else pixels)


@pytest.fixture(scope="module")
def detector() -> Iterator[Component]:
    assembly = Assembly(load_plugins(), Store(offline=True))
    with assembly.component("detector", "paddle", "auto", SessionOptions()) as detector:
        yield detector


def check(detector: Detector, image: Image, boxes: Sequence[Box]) -> None:
    """Every box has one region over it, and no region is elsewhere."""
    [regions] = without_errors(detector.detect([image]))
    assert len(regions) == len(boxes)
    ends = np.array([[*r.quad.min(axis=0), *r.quad.max(axis=0)] for r in regions])
    for left, top, right, bottom in boxes:
        width = np.minimum(ends[:, 2], right) - np.maximum(ends[:, 0], left)
        height = np.minimum(ends[:, 3], bottom) - np.maximum(ends[:, 1], top)
        shares = width.clip(0) * height.clip(0) / ((right - left) * (bottom - top))
        assert np.sort(shares)[-2:].max() > 0.8
        assert (shares > 0.2).sum() == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("width", "height", "paper", "ink"),
    [
        (300, 5000, (255, 255, 255), (30, 30, 30)),
        (640, 3300, (18, 18, 24), (215, 215, 220)),
        (120, 6000, (245, 245, 240), (90, 90, 90)),
    ],
)
def test_long_screenshots(
    detector: Detector,
    width: int,
    height: int,
    paper: tuple[int, int, int],
    ink: tuple[int, int, int],
) -> None:
    sheet = Sheet(width, height, paper, ink)
    sheet.write(0, 0, "TOP LEFT")
    for number in range(1, 9):
        sheet.write(8 + number, number * height / 9 + number, f"Order {number}071"[: width // 9])
    sheet.write(5, height - 16, "last line")
    check(detector, sheet.image(), sheet.boxes)


def test_chat_bubbles_on_both_sides(detector: Detector) -> None:
    sheet = Sheet(400, 4200, (230, 221, 212))
    for number in range(28):
        left, fill = (30, (255, 255, 255)) if number % 3 else (210, (217, 253, 211))
        sheet.bubble(left, 40 + 148 * number, f"message {number} is here", fill)
    check(detector, sheet.image(), sheet.boxes)


@pytest.mark.slow
@pytest.mark.parametrize("down", [False, True])
def test_long_lines_on_every_seam(detector: Detector, down: bool) -> None:
    """A wide sheet with lines that cross all its tiles, at every offset from their edges."""
    sheet = Sheet(3000, 360)
    for number in range(9):
        words = " ".join(f"{number * 31 + word:04d} words" for word in range(24))
        sheet.write(10, 6 + number * 37, words)
    boxes = sheet.boxes
    if down:
        boxes = [(360 - bottom, left, 360 - top, right) for left, top, right, bottom in boxes]
    check(detector, sheet.image(down), boxes)


@pytest.mark.slow
def test_large_print_and_small_print_on_one_sheet(detector: Detector) -> None:
    sheet = Sheet(3400, 1700)
    sheet.write(300, 200, "GROUND FLOOR", 200)
    sheet.write(3100, 1600, "Drawing HB-2026-0417", 13)
    sheet.write(3100, 1630, "Checked M. Olsen", 13)
    sheet.write(30, 1670, "edge", 13)
    sheet.write(1500, 900, "Room 12", 60)
    check(detector, sheet.image(), sheet.boxes)
