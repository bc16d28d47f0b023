"""A plugin without models: reads the size of a picture, quickly, and fails on demand.

A picture of 13 pixels in width makes it raise, one of 14 raises KeyboardInterrupt, as Ctrl-C would,
one of 15 has nothing to read, and at one of 16 its weights turn out to be missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ocrx
from ocrx.errors import WeightsError
from ocrx.interfaces.components import PageReader
from ocrx.plugins.registrar import Registrar, Request
from ocrx.types import Char, Image, Line, Page, Used, Word, frozen_quad

RAISES, INTERRUPTS, EMPTY, WITHOUT_WEIGHTS = 13, 14, 15, 16


@dataclass(frozen=True)
class FakeOptions:
    """`suffix` is put after each text."""

    suffix: str = ""


class FakeReader(PageReader):
    def __init__(self, options: FakeOptions) -> None:
        self._options = options
        self.used = (Used("reading", "fake", "none", "cpu", "fp32"),)

    def read(self, pages: Sequence[Image]) -> list[Page]:
        return [self._page(*image.shape[:2]) for image in pages]

    def _page(self, height: int, width: int) -> Page:
        if width == RAISES:
            raise RuntimeError("the fake reader breaks")
        if width == INTERRUPTS:
            raise KeyboardInterrupt
        if width == WITHOUT_WEIGHTS:
            raise WeightsError("the weights are gone", "Bring them back.")
        quad = frozen_quad([(1, 1), (width - 1, 1), (width - 1, height - 1), (1, height - 1)])
        text = f"{width}x{height}{self._options.suffix}"
        chars = tuple(Char(c, 0.9, (0.0, 1.0), quad) for c in text)
        line = Line(text, 0.9, quad, (Word(text, 0.9, quad),), chars)
        return Page(() if width == EMPTY else (line,), width, height)


@ocrx.hookimpl
def ocrx_register(registry: Registrar) -> None:
    def build(request: Request) -> FakeReader:
        return FakeReader(request.options)

    registry.add("page_reader", "fake", build, options=FakeOptions)
