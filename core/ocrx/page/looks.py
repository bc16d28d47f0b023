"""Variants of the crop of one line. Where one of them misleads a network, the others do not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.page.geometry import band_quad, span_quad
from ocrx.page.views import View
from ocrx.types import Image

MOST = 8
"""How many views of a crop there are."""


def looks(view: View, count: int) -> list[View]:
    """The view itself and its variants, `count` in all: smaller, wider, with a border, with more
    contrast, narrower, trimmed, and smaller still. There are at most MOST."""
    makers: Sequence[Callable[[], View]] = (
        lambda: view,
        lambda: _resized(view, 0.7, 0.7),
        lambda: _resized(view, 1.15, 1.0),
        lambda: _bordered(view),
        lambda: View(view.quad, _contrast(view.crop)),
        lambda: _resized(view, 0.87, 1.0),
        lambda: _trimmed(view),
        lambda: _resized(view, 0.5, 0.5),
    )
    return [make() for make in makers[:count]]


def _resized(view: View, along: float, down: float) -> View:
    """The view, resized by these factors along the line and down."""
    height, width = view.crop.shape[:2]
    size = max(1, round(width * along)), max(1, round(height * down))
    method = cv2.INTER_AREA if along < 1 else cv2.INTER_CUBIC
    return View(view.quad, _rgb(cv2.resize(view.crop, size, interpolation=method)))


def _bordered(view: View) -> View:
    """The view with room around it, in the colours of its edges."""
    height, width = view.crop.shape[:2]
    room = max(2, height // 5)
    crop = cv2.copyMakeBorder(view.crop, room, room, room, room, cv2.BORDER_REPLICATE)
    down, along = room / height, room / width
    return View(span_quad(band_quad(view.quad, (-down, 1 + down)), (-along, 1 + along)), _rgb(crop))


def _trimmed(view: View) -> View:
    """The view without a thirtieth of its width at both ends, and of its height."""
    height, width = view.crop.shape[:2]
    rows, columns = height // 30, width // 30
    down, along = rows / height, columns / width
    return View(
        span_quad(band_quad(view.quad, (down, 1 - down)), (along, 1 - along)),
        view.crop[rows : height - rows, columns : width - columns].copy(),
    )


def _contrast(crop: Image) -> Image:
    """The crop in grey, with its contrast evened out locally."""
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    even = cv2.createCLAHE(clipLimit=3.0, tileGridSize=(2, 4)).apply(grey)
    return _rgb(cv2.cvtColor(even, cv2.COLOR_GRAY2RGB))


def _rgb(made: NDArray[Any]) -> Image:
    return made.astype(np.uint8, copy=False)
