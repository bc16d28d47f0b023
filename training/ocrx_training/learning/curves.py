"""Curves of training as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from ocrx.types import Image
from ocrx_training.files import write_whole
from ocrx_training.learning.checkpoints import Point

CURVES = "curves.png"
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 900, 420, 70, 30, 40
LOSS, CHARACTERS, LINES, INK = (160, 160, 160), (200, 60, 30), (40, 90, 190), (40, 40, 40)


def write_curves(folder: Path, history: Sequence[Point], steps: int) -> None:
    """Draw them into a folder. Raises OutputError."""
    _, data = cv2.imencode(".png", curves(history, steps)[..., ::-1])
    write_whole(folder / CURVES, data.tobytes())


def curves(history: Sequence[Point], steps: int) -> Image:
    """Errors of characters and lines in per cent, and the loss, over the steps; RGB."""
    picture = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for percent in (0, 25, 50, 75, 100):
        y = _row(percent / 100)
        cv2.line(picture, (LEFT, y), (WIDTH - 20, y), (225, 225, 225), 1)
        _write(picture, f"{percent} %", (8, y + 5), INK)
    last = max([point.step for point in history], default=steps) or 1
    for share in (0.0, 0.5, 1.0):
        _write(picture, f"{round(last * share):,}", (_column(share) - 20, HEIGHT - 12), INK)
    top = max([point.loss for point in history if math.isfinite(point.loss)], default=1.0) or 1.0
    losses = [(point.step, point.loss / top) for point in history if math.isfinite(point.loss)]
    read = [point for point in history if point.characters is not None]
    drawn = (
        (losses, LOSS, f"loss, of {top:.2f}"),
        ([(p.step, p.lines or 0.0) for p in read], LINES, "lines with an error"),
        ([(p.step, p.characters or 0.0) for p in read], CHARACTERS, "wrong characters"),
    )
    for number, (points, colour, name) in enumerate(drawn):
        places = [(_column(step / last), _row(min(value, 1.0))) for step, value in points]
        cv2.polylines(picture, [np.array(places, np.int32).reshape(-1, 2)], False, colour, 2, 16)
        _write(picture, name, (LEFT + 20 + number * 230, 18), colour)
    return picture


def _column(share: float) -> int:
    return LEFT + round(share * (WIDTH - 20 - LEFT))


def _row(share: float) -> int:
    return HEIGHT - BOTTOM - round(share * (HEIGHT - BOTTOM - TOP))


def _write(picture: Image, text: str, place: tuple[int, int], colour: tuple[int, int, int]) -> None:
    cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, 1, cv2.LINE_AA)
