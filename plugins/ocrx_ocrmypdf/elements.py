"""Pages as OCRmyPDF's own tree of elements."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ocrx.output.places import angle, words_of
from ocrx.output.strings import plain
from ocrx.page.bidi import is_right_to_left

if TYPE_CHECKING:
    from ocrx.types import Line, Page, Quad

STEEP = 45
"""From this tilt on, in degrees, a line has an angle of its own instead of a sloping baseline."""


def page_element(page: Page, number: int) -> Any:
    """The page as an OcrElement, with paragraphs, lines and words in it."""
    from ocrmypdf.hocrtransform import BoundingBox, OcrClass, OcrElement

    paragraphs = [
        OcrElement(
            ocr_class=OcrClass.PARAGRAPH,
            bbox=_box(paragraph.quad),
            children=[_line(line) for line in paragraph.lines],
        )
        for block in page.blocks
        for paragraph in block.paragraphs
    ]
    return OcrElement(
        ocr_class=OcrClass.PAGE,
        bbox=BoundingBox(left=0, top=0, right=page.width, bottom=page.height),
        dpi=page.dpi[0] if page.dpi else None,
        page_number=number,
        children=paragraphs,
    )


def _line(line: Line) -> Any:
    from ocrmypdf.hocrtransform import OcrClass, OcrElement
    from ocrmypdf.models.ocr_element import Baseline

    turned = angle(line.quad)
    words = [
        OcrElement(
            ocr_class=OcrClass.WORD,
            bbox=_box(word.quad),
            text=plain(word.text),
            confidence=word.score,
        )
        for word in words_of(line)
    ]
    element = OcrElement(
        ocr_class=OcrClass.LINE,
        bbox=_box(line.quad),
        children=words,
        direction="rtl" if is_right_to_left([line.text]) else "ltr",
    )
    if abs(turned) >= STEEP:
        element.textangle = -turned  # counted anticlockwise
    else:
        element.baseline = Baseline(*_baseline(line.quad, turned))
    return element


def _baseline(quad: Quad, turned: float) -> tuple[float, float]:
    """The slope of the baseline, a fifth of the line's height above its lower side, and its height
    above the lower left corner of the upright box, which is negative."""
    slope = math.tan(math.radians(turned))
    start = quad[3] + (quad[0] - quad[3]) * 0.2
    left, bottom = quad[:, 0].min(), quad[:, 1].max()
    return slope, float(start[1] - slope * (start[0] - left) - bottom)


def _box(quad: Quad) -> Any:
    from ocrmypdf.hocrtransform import BoundingBox

    (left, top), (right, bottom) = quad.min(axis=0).tolist(), quad.max(axis=0).tolist()
    return BoundingBox(
        left=max(left, 0), top=max(top, 0), right=max(right, 0), bottom=max(bottom, 0)
    )
