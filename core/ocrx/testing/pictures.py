"""Pictures for the suites: drawn, small and always the same. RGB uint8 (height, width, 3)."""

from __future__ import annotations

import cv2
import numpy as np

from ocrx.types import Image


def blank(width: int, height: int, shade: int = 255) -> Image:
    """A picture in one shade of grey."""
    return np.full((height, width, 3), shade, np.uint8)


def page(words: tuple[str, ...] = ("Invoice 2041", "Total 17.50"), width: int = 320) -> Image:
    """Lines of dark text on white, 40 pixels apart."""
    picture = blank(width, 40 * len(words) + 20)
    for row, text in enumerate(words):
        _write(picture, text, (12, 40 * row + 38))
    return picture


def line(text: str) -> Image:
    """One line of dark text on white, cropped closely."""
    (width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.9, 2)
    picture = blank(width + 12, 36)
    _write(picture, text, (6, 26))
    return picture


def bar(width: int = 240, height: int = 160) -> Image:
    """A dark bar on white, away from the middle. Its centre is at (70, 50)."""
    picture = blank(width, height)
    picture[42:58, 30:110] = 20
    return picture


def pages() -> list[Image]:
    """Pages of one to three lines, and an empty one."""
    return [
        page(),
        page(("one",)),
        blank(200, 120),
        page(("A quiet", "corner of", "the page"), 260),
    ]


LINES = ("Hello", "PN-4471/B", "a considerably longer line")
PAGES = (("Invoice 2041", "Total 17.50"), ("A quiet", "corner of", "the page"))


def lines() -> list[Image]:
    """Crops of lines, long and short."""
    return [line(text) for text in (*LINES, "x")]


def odd() -> list[Image]:
    """Pictures that nobody would take on purpose, but that occur: a single pixel, strips, one
    shade."""
    return [blank(1, 1), blank(1, 60), blank(700, 2), blank(33, 17, 0), blank(900, 700)]


def _write(picture: Image, text: str, place: tuple[int, int]) -> None:
    cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.9, (20, 20, 20), 2, cv2.LINE_AA)
