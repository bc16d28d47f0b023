"""Pictures turned by a few degrees."""

from __future__ import annotations

import cv2
import numpy as np

from ocrx.types import Image
from ocrx_opencv.deskew import size_around


def tilted(image: Image, angle: float) -> Image:
    """The picture turned so that its text runs down to the right by `angle` degrees."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1)
    size = size_around(width, height, angle)
    matrix[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    return np.asarray(
        cv2.warpAffine(image, matrix, size, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
