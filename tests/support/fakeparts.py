"""A world in which text is colour, and the components that read it, without a network.

A line is a rectangle whose red says which letter it holds; its second half, in reading direction,
is greener than its first. So what a crop says, and whether it is upside down, is plain to see.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.interfaces.components import Detector, Finder, Orienter, Preprocessor, Recognizer
from ocrx.plugins.registrar import Registrar, Request
from ocrx.plugins.registry import PluginRecord, Registry
from ocrx.types import Image, Item, Orientation, Region, Text, Used, frozen_quad

FORBIDDEN = "X"
"""A letter at which the recogniser raises."""

PINK = (255, 200, 255)
"""What the finder finds, and the detector takes for paper."""

Box = tuple[str, int, int, int, int, int]
"""Letter, left, top, width, height, and the quarters by which the text is turned clockwise."""


def draw(*boxes: Box, size: tuple[int, int] = (300, 200)) -> Image:
    """A white picture of `size` (width, height) with lines on it."""
    image = np.full((size[1], size[0], 3), 255, dtype=np.uint8)
    for letter, left, top, width, height, quarters in boxes:
        image[top : top + height, left : left + width] = line(letter, width, height, quarters)
    return image


def line(letter: str, width: int, height: int, quarters: int = 0) -> Image:
    """One line alone."""
    across = (height, width) if quarters % 2 else (width, height)
    upright = np.zeros((across[1], across[0], 3), dtype=np.uint8)
    upright[:, :, 0] = ord(letter)
    upright[:, across[0] // 2 :, 1] = 200
    return np.ascontiguousarray(np.rot90(upright, -quarters))


class ColourDetector(Detector):
    """Finds what is not white."""

    used: tuple[Used, ...] = (Used("detection", "colour", "none", "cpu", "fp32"),)

    def detect(self, pages: Sequence[Image]) -> list[list[Region]]:
        return [self._page(page) for page in pages]

    def _page(self, page: Image) -> list[Region]:
        mask = (page.min(axis=2) < 128).astype(np.uint8)
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        regions = []
        for x, y, w, h in map(cv2.boundingRect, contours):
            quad = frozen_quad([[x, y], [x + w, y], [x + w, y + h], [x, y + h]])
            regions.append(Region(quad, 0.8))
        return regions


class ColourRecognizer(Recognizer):
    """Reads the letter twice, with a space between: "A A". Badly where it is turned."""

    used: tuple[Used, ...] = (Used("recognition", "colour", "none", "cpu", "fp32"),)
    score: ClassVar[float] = 0.95

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.closed = 0
        self._busy = threading.Lock()

    def recognize(self, crops: Sequence[Image]) -> list[Text]:
        # A component that is not thread-safe must never be called twice at once.
        if not self._busy.acquire(blocking=False):
            raise AssertionError("called from two threads at once")
        try:
            self.calls.append(len(crops))
            return [self._crop(crop) for crop in crops]
        finally:
            self._busy.release()

    def _crop(self, crop: Image) -> Text:
        first, second = _halves(crop)
        letter = chr(crop[crop.shape[0] // 2, crop.shape[1] // 4, 0])
        if letter == FORBIDDEN:
            raise RuntimeError("this letter is too much")
        score = self.score if second > first else 0.3 if second < first else 0.4
        return Text((letter, " ", letter), (score,) * 3, ((0, 0.4), (0.4, 0.6), (0.6, 1)))

    def close(self) -> None:
        self.closed += 1


class ColourOrienter(Orienter):
    used: tuple[Used, ...] = (Used("orientation", "colour", "none", "cpu", "fp32"),)

    def orient(self, crops: Sequence[Image]) -> list[Orientation]:
        return [
            Orientation(180 if first > second else 0, 0.99) for first, second in map(_halves, crops)
        ]


class PinkFinder(Finder):
    """Finds what is PINK; its value is its size."""

    used: tuple[Used, ...] = (Used("finding", "pink", "none", "cpu", "fp32"),)

    def find(self, pages: Sequence[Image]) -> list[list[Item]]:
        return [self._page(page) for page in pages]

    def _page(self, page: Image) -> list[Item]:
        mask = (page == PINK).all(axis=2).astype(np.uint8)
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        items = []
        for x, y, w, h in map(cv2.boundingRect, contours):
            quad = frozen_quad([[x, y], [x + w, y], [x + w, y + h], [x, y + h]])
            items.append(Item("pink", f"{w}x{h}", quad, 0.9, {"shade": "light"}))
        return items


class Doubled(Preprocessor):
    """Twice as large."""

    def apply(self, images: Sequence[Image]) -> list[tuple[Image, NDArray[np.float64]]]:
        half = np.diag([0.5, 0.5, 1.0])
        return [(image.repeat(2, axis=0).repeat(2, axis=1), half) for image in images]


def _halves(crop: Image) -> tuple[int, int]:
    row = crop[crop.shape[0] // 2, :, 1]
    return int(row[len(row) // 4]), int(row[len(row) * 3 // 4])


@dataclass
class Parts:
    """Registers the components, and knows which were made."""

    made: list[str] = field(default_factory=list)
    recognizer: ColourRecognizer = field(default_factory=ColourRecognizer)
    orienter: Orienter = field(default_factory=ColourOrienter)
    detector: Detector = field(default_factory=ColourDetector)
    requests: dict[str, Request] = field(default_factory=dict)

    def registry(self, options: Mapping[str, type] | None = None) -> Registry:
        registrar = Registrar("fake", "fake")
        parts = {
            "detector": self.detector,
            "orienter": self.orienter,
            "recognizer": self.recognizer,
        }
        for kind, part in parts.items():
            self._add(registrar, kind, part)
        registrar.add("preprocessor", "doubled", lambda request: Doubled())
        registrar.add("finder", "pink", lambda request: PinkFinder())
        return Registry([PluginRecord("fake", "fake", "1", registrar.added)])

    def _add(self, registrar: Registrar, kind: str, part: object) -> None:
        def build(request: Request) -> object:
            self.made.append(kind)
            self.requests[kind] = request
            return part

        if kind == "detector":
            registrar.add("detector", "paddle", build)
        elif kind == "orienter":
            registrar.add("orienter", "paddle", build)
        else:
            registrar.add("recognizer", "paddle", build)
