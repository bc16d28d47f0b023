"""Drawn datasets of lines and pages, for users who tune without pictures of their own.

They hold codes, numbers and words, drawn by `ocrx.images.drawing`: the same on every machine with
the same OpenCV and Pillow. They are easier to read than most photographs. A setting that loses
accuracy on them loses it everywhere; a setting that does not may still lose it on photographs, so
tune on your own pictures if you have some.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ocrx.bench.data.dataset import Dataset, Polygon, Sample, TrueLine
from ocrx.images.drawing import HERSHEY, Face, Mask, faces, fitted, photograph
from ocrx.types import Image

LINES = 96
PAGES = 8
TURNED = 16
"""One line in so many is upside down, so that the orienter has work too."""

SIZE = (720, 960)
_WORDS = (
    "invoice number date total amount balance due account customer order item price quantity paid "
    "street road city north south gate exit platform train station hotel market open closed "
    "morning evening Monday Friday January August water coffee bread sugar salt paper glass "
    "The quick brown fox jumps over lazy dogs Packed fresh Keep refrigerated Best before Net "
    "weight Made in Serial Model Voltage Warning Caution Handle with care This side up"
)
WORDS = tuple(_WORDS.split())


def sample_lines(count: int = LINES) -> Dataset:
    """A dataset of `count` pictures of a single line each."""
    random = np.random.default_rng(7)
    samples = []
    for index in range(count):
        text, image = _line(random, 0.5 if index % 3 else 0.8)
        if index % TURNED == TURNED - 1:
            image = np.ascontiguousarray(image[::-1, ::-1])
        samples.append(Sample(f"line-{index:03}", image, text))
    return Dataset("built-in lines", Path(), "lines", samples)


def sample_pages(count: int = PAGES) -> Dataset:
    """A dataset of `count` pages, each with lines one below the other."""
    random = np.random.default_rng(11)
    samples = []
    for index in range(count):
        lines, image = _page(random)
        text = " ".join(line.text for line in lines if line.text)
        samples.append(Sample(f"page-{index:02}", image, text, tuple(lines)))
    return Dataset("built-in pages", Path(), "pages", samples)


def _text(random: np.random.Generator) -> str:
    """A code, a number, or a few words."""
    kind = int(random.integers(4))
    if kind == 0:
        alphabet = list(string.ascii_uppercase + string.digits)
        parts = [int(random.integers(2, 6)) for _ in range(int(random.integers(1, 4)))]
        return "-".join("".join(random.choice(alphabet, length)) for length in parts)
    if kind == 1:
        digits = "".join(random.choice(list(string.digits), int(random.integers(3, 9))))
        return f"{int(digits)}.{int(random.integers(10, 100))}"
    return " ".join(random.choice(WORDS, int(random.integers(2, 5))))


def _ink(
    random: np.random.Generator, known: Sequence[Face], height: int, width: int
) -> tuple[str, Mask]:
    """A text, and its mask in one of the `known` faces: `height` pixels high, and at most `width`
    pixels wide."""
    draw, _ = known[int(random.integers(len(known)))]
    while True:
        text = _text(random)
        ink = fitted(draw(text), height, 10**6)
        if ink.shape[1] <= width:
            return text, ink


def _line(random: np.random.Generator, share: float) -> tuple[str, Image]:
    height = int(random.choice([32, 40, 48, 64]))
    text, ink = _ink(random, _latin(), int(height * share), 640)
    mask = np.zeros((height, ink.shape[1] + height), np.uint8)
    top, left = (height - ink.shape[0]) // 2, height // 2
    mask[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return text, photograph(random, mask, random.uniform(-1, 1))


def _page(random: np.random.Generator) -> tuple[list[TrueLine], Image]:
    height, width = SIZE
    mask = np.zeros(SIZE, np.uint8)
    lines: list[TrueLine] = []
    y = 24
    while True:
        tall = int(random.choice([16, 20, 24, 32, 44]))
        if y + tall > height - 24:
            break
        x = int(random.integers(24, 200))
        text, ink = _ink(random, _latin(), tall, width - x - 24)
        mask[y : y + tall, x : x + ink.shape[1]] = ink
        lines.append(TrueLine(_box(x, y, ink.shape[1], tall), text))
        y += tall + int(random.integers(tall // 2 + 8, 48))
    return lines, photograph(random, mask, 0.0)


def _box(x: int, y: int, width: int, height: int) -> Polygon:
    return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def _latin() -> list[Face]:
    """The faces that every OpenCV and Pillow have; further ones depend on the version."""
    return faces()[: len(HERSHEY) + 1]
