"""Finds QR codes with OpenCV: what they say, and where they are."""

from __future__ import annotations

from collections.abc import Sequence

import cv2

import ocrx
from ocrx.interfaces.components import Finder
from ocrx.plugins.registrar import Registrar
from ocrx.types import Image, Item, frozen_quad


class QrFinder(Finder):
    def __init__(self) -> None:
        self._detector = cv2.QRCodeDetectorAruco()

    def find(self, pages: Sequence[Image]) -> list[list[Item]]:
        return [self._page(page) for page in pages]

    def _page(self, page: Image) -> list[Item]:
        found, values, quads, _ = self._detector.detectAndDecodeMulti(page)
        if not found:
            return []
        codes = zip(values, quads, strict=True)
        return [Item("qr", value, frozen_quad(quad)) for value, quad in codes if value]


@ocrx.hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("finder", "qr", lambda request: QrFinder())
