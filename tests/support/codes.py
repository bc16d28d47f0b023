"""Pictures of bar codes, drawn by zxing-cpp's own writer."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from ocrx.types import Image, Quad

MARGIN = 30
GS1 = "(01)09501101530003(10)AB-123(17)271231(3103)001250"


def code(
    content: str | bytes, form: str, scale: int = 3, margin: int = MARGIN, **options: Any
) -> Image:
    """A code in black on white, with a margin: RGB uint8. `form` is a name such as "qr-code"."""
    drawn = zxingcpp.create_barcode(content, zxingcpp.barcode_format_from_str(form), **options)
    grey = np.array(zxingcpp.write_barcode_to_image(drawn, scale=scale), np.uint8)
    framed = np.pad(grey, margin, constant_values=255)
    return np.repeat(framed[..., None], 3, axis=2)


def page(*placed: tuple[Image, int, int], width: int = 1000, height: int = 800) -> Image:
    """A white page with pictures, each at its left and top."""
    image = np.full((height, width, 3), 255, np.uint8)
    for picture, left, top in placed:
        image[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return image


def turned(image: Image, degrees: float) -> tuple[Image, NDArray[np.float64]]:
    """The picture turned clockwise on a larger white page, and the affine map (2, 3) to it."""
    height, width = image.shape[:2]
    side = int(np.hypot(height, width)) + 2
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    matrix[:, 2] += (side - width) / 2, (side - height) / 2
    white = (255, 255, 255)
    drawn = cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_AREA, borderValue=white)
    return np.asarray(drawn, np.uint8), np.asarray(matrix, np.float64)


def moved(quad: Quad, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The quad where an affine map (2, 3) takes it."""
    return np.asarray(quad @ matrix[:, :2].T + matrix[:, 2], np.float64)
