"""Pictures as they are sent, and how many go in one request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2

from ocrx.errors import InputError, OcrxError
from ocrx.types import Image

PICTURES = 16
REQUEST_BYTES = 10_000_000
PIXELS = 75_000_000
"""The limits of a request, and of a picture (https://cloud.google.com/vision/quotas and
https://cloud.google.com/vision/docs/supported-files)."""

OVERHEAD = 1000
"""The bytes that a request has beside each picture, at most."""

QUALITY = 95
"""Of JPEG: text in it has hardly any rings."""


@dataclass(frozen=True)
class Encoded:
    """A picture as the bytes of a file, and what was lost on the way."""

    content: bytes
    notes: tuple[str, ...] = ()


def encode(image: Image, encoding: str) -> Encoded | OcrxError:
    """A picture, RGB uint8 (H, W, 3), as PNG, or as JPEG if that is too large ("auto"). An error
    for one that the service does not take."""
    height, width = image.shape[:2]
    if height * width > PIXELS:
        return InputError(
            f"the picture has {width} x {height} pixels, and Google Vision takes at most "
            f"{PIXELS // 1_000_000} million",
            "Scale it down, or cut it into pieces.",
        )
    room = REQUEST_BYTES - OVERHEAD
    if encoding != "jpeg":
        content = _bytes(image, ".png", cv2.IMWRITE_PNG_COMPRESSION, 6)
        if len(content) <= room:
            return Encoded(content)
    if encoding != "png":
        content = _bytes(image, ".jpg", cv2.IMWRITE_JPEG_QUALITY, QUALITY)
        if len(content) <= room:
            lost = "it was sent as JPEG, because as PNG it was too large for Google Vision"
            return Encoded(content, (lost,) if encoding == "auto" else ())
    return InputError(
        f"the picture of {width} x {height} pixels is {len(content) / 1e6:.1f} MB as a file, and "
        f"Google Vision takes at most {room / 1e6:.1f} MB",
        "Scale it down, or cut it into pieces."
        if encoding != "png"
        else "Leave out encoding=png, or scale it down.",
    )


def _bytes(image: Image, suffix: str, setting: int, value: int) -> bytes:
    _, content = cv2.imencode(suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [setting, value])
    return content.tobytes()


def requests(sizes: Sequence[int]) -> Iterator[list[int]]:
    """The indices of pictures of so many bytes, in order, grouped into requests that keep within
    the limits. A picture that is larger than a request goes alone."""
    group: list[int] = []
    total = 0
    for index, size in enumerate(sizes):
        if group and (len(group) == PICTURES or total + size + OVERHEAD > REQUEST_BYTES):
            yield group
            group, total = [], 0
        group.append(index)
        total += size + OVERHEAD
    if group:
        yield group
