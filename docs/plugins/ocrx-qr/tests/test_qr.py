"""QR codes are found, with what they say and where they are."""

from __future__ import annotations

import cv2
import numpy as np

from ocrx.testing import FinderContract
from ocrx.types import Image
from ocrx_qr import QrFinder


def page(*codes: tuple[str, int, int]) -> Image:
    """A white page with codes, each at its left and top."""
    picture = np.full((300, 500, 3), 255, np.uint8)
    for text, left, top in codes:
        code = cv2.QRCodeEncoder.create().encode(text)
        code = cv2.resize(code, None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
        height, width = code.shape
        picture[top : top + height, left : left + width] = code[..., None]
    return picture


# --8<-- [start:contract]
class TestContract(FinderContract):
    def make(self) -> QrFinder:
        return QrFinder()

    def pictures(self) -> list[Image]:
        return [page(("one", 20, 30)), page(("two", 40, 50), ("three", 300, 100)), page()]

    def expected(self) -> list[list[tuple[str, str]]]:
        return [[("qr", "one")], [("qr", "two"), ("qr", "three")], []]


# --8<-- [end:contract]


def test_the_quad_begins_at_the_code_s_own_top_left() -> None:
    upright = page(("one", 200, 30))
    for quarters in range(4):
        turned = np.ascontiguousarray(np.rot90(upright, -quarters))
        ([item],) = QrFinder().find([turned])
        back = cv2.transform(item.quad[None], matrix(quarters, *upright.shape[:2]))[0]
        assert np.abs(back[0] - (204, 34)).max() < 12, (quarters, back)
        assert back[1, 0] > back[0, 0] + 60, quarters


def matrix(quarters: int, height: int, width: int) -> np.ndarray:
    """From pixels of a page turned clockwise to those of the upright page."""
    matrices = {
        0: [[1, 0, 0], [0, 1, 0]],
        1: [[0, 1, 0], [-1, 0, height]],
        2: [[-1, 0, width], [0, -1, height]],
        3: [[0, -1, width], [1, 0, 0]],
    }
    return np.array(matrices[quarters], np.float64)
