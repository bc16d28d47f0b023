"""How pictures become the input of a network."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrx.interfaces.portable import Pixels
from ocrx.types import Image
from ocrx_paddleocr.catalogue import Parameters


def content_width(height: int, width: int, target: int) -> int:
    """The width of a picture of that size when it is resized to the height `target`, in pixels."""
    return max(1, math.ceil(target * width / height))


def middle(image: Image, part: float) -> Image:
    """The square in the middle of a picture. Its side is `part` times the shorter side."""
    height, width = image.shape[:2]
    side = max(1, round(min(height, width) * part))
    top, left = (height - side) // 2, (width - side) // 2
    return image[top : top + side, left : left + side]


def fill(row: NDArray[np.float32], image: Image, parameters: Parameters) -> int:
    """Write a picture into `row`, float32 (3, H, W), and return how many columns it takes.

    The picture is resized to the height of `row`, and also to its width unless proportions are
    kept. It begins at the left, as `(pixel / 255 - mean) / std` in the network's order of channels.
    """
    _, height, width = row.shape
    content: int = width
    if parameters.keep_ratio:
        content = min(width, content_width(image.shape[0], image.shape[1], height))
    planes = cv2.split(cv2.resize(image, (content, height)))
    if parameters.channels == "BGR":
        planes = planes[::-1]
    numbers = pixels(parameters)
    for target, plane, scale, shift in zip(row, planes, numbers.scale, numbers.shift, strict=True):
        values = plane.astype(np.float32)
        values *= scale
        values -= shift
        target[:, :content] = values
    return content


def pixels(parameters: Parameters) -> Pixels:
    """How a model with those parameters takes pixels."""
    scale = tuple(1 / (255 * std) for std in parameters.std)
    shift = tuple(mean / std for mean, std in zip(parameters.mean, parameters.std, strict=True))
    return Pixels(parameters.channels, scale, shift)
