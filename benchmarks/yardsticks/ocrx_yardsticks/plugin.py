"""The page readers `easyocr-itself` and `tesserocr-itself`.

Each is called as its documentation shows, in fp32, on pictures that are decoded already.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ocrx
from ocrx.interfaces.components import PageReader
from ocrx.names import Layout
from ocrx.types import Image, Line, Page, Used, frozen_quad

if TYPE_CHECKING:
    from ocrx.plugins.registrar import Registrar, Request


class EasyOcrItself(PageReader):
    """EasyOCR; with the layout "line" without its detector."""

    reads_lines = True
    used = (Used("page", "EasyOCR english_g2", "torch", "cpu", "fp32"),)

    def __init__(self, layout: Layout) -> None:
        from ocrx_yardsticks.upstream import easyocr_reader

        weights = files("easyocr_en_models") / "models"  # the package that ocrx[easyocr] brings
        self._reader = easyocr_reader(Path(str(weights)), quantize=False)
        self._read = self._reader.recognize if layout == "line" else self._reader.readtext

    def read(self, pages: Sequence[Image]) -> list[Page]:
        return [_page(page, self._read(page[..., ::-1].copy())) for page in pages]  # it takes BGR

    def close(self) -> None:
        self._reader = None


class TesserocrItself(PageReader):
    """tesserocr; with the layout "line" in the mode for a single line."""

    reads_lines = True
    used = (Used("page", "eng", "tesseract", "cpu", "none"),)

    def __init__(self, layout: Layout) -> None:
        from tesserocr import PSM, PyTessBaseAPI

        from ocrx_tesseract.data import find_tessdata

        mode = PSM.SINGLE_LINE if layout == "line" else PSM.AUTO
        self._api: Any = PyTessBaseAPI(path=f"{find_tessdata('', ['eng'])}/", lang="eng", psm=mode)

    def read(self, pages: Sequence[Image]) -> list[Page]:
        return [self._page(page) for page in pages]

    def close(self) -> None:
        self._api.End()

    def _page(self, image: Image) -> Page:
        from PIL import Image as PilImage

        self._api.SetImage(PilImage.fromarray(image))
        text: str = self._api.GetUTF8Text()
        return _page(
            image, [(_whole(image), line, 1.0) for line in text.splitlines() if line.strip()]
        )


def _whole(image: Image) -> list[tuple[int, int]]:
    height, width = image.shape[:2]
    return [(0, 0), (width, 0), (width, height), (0, height)]


def _page(image: Image, found: Sequence[tuple[Any, str, float]]) -> Page:
    lines = tuple(
        Line(text, float(score), frozen_quad(quad), row=row)
        for row, (quad, text, score) in enumerate(found)
        if text.strip()
    )
    return Page(lines, image.shape[1], image.shape[0])


def easyocr_itself(request: Request) -> PageReader:
    return EasyOcrItself(request.layout)


def tesserocr_itself(request: Request) -> PageReader:
    return TesserocrItself(request.layout)


@ocrx.hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("page_reader", "easyocr-itself", easyocr_itself)
    registry.add("page_reader", "tesserocr-itself", tesserocr_itself)
