"""hOCR 1.2: XHTML with the places of blocks, paragraphs, lines and words.

http://kba.github.io/hocr-spec/1.2/ describes it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

from ocrx.interfaces.writing import Writer
from ocrx.output.places import angle, box, is_upright, words_of
from ocrx.output.strings import for_xml
from ocrx.page.bidi import is_right_to_left
from ocrx.version import VERSION

if TYPE_CHECKING:
    from ocrx.types import Image, Item, Line, Page, Quad

_CLASSES = "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrx_block ocrp_poly ocrp_dir"
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" \
"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
<head>
<title>ocrx</title>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<meta name="ocr-system" content="ocrx {version}" />
<meta name="ocr-capabilities" content="{classes}" />
</head>
<body>
"""
_DELIMITERS = re.compile('[%";]')  # would end the name of a picture, or escape


class HocrWriter(Writer):
    """Writes hOCR. An item is an `ocrx_block` with its value as content and its type as
    `data-type`.

    A box in hOCR is upright. Lines that are not have a `poly` too, and the `baseline` or
    `textangle` that leads along their lower side.
    """

    suffixes = (".hocr",)
    _pages = 0

    def begin(self, several: bool) -> bytes:
        return _HEAD.format(version=VERSION, classes=_CLASSES).encode()

    def page(self, page: Page, image: Image | None) -> bytes:
        self._pages += 1
        return (tostring(_page(page, self._pages), encoding="unicode") + "\n").encode()

    def end(self) -> bytes:
        return b"</body>\n</html>\n"


def _page(page: Page, number: int) -> Element:
    counts: dict[str, int] = {}

    def identity(kind: str) -> str:
        counts[kind] = counts.get(kind, 0) + 1
        return f"{kind}_{number}_{counts[kind]}"

    name = _DELIMITERS.sub(lambda one: f"%{ord(one[0]):02X}", for_xml(page.source))
    title = f'image "{name}"; bbox 0 0 {page.width} {page.height}; ppageno {number - 1}'
    if page.dpi is not None:
        title += f"; scan_res {round(page.dpi[0])} {round(page.dpi[1])}"
    root = Element("div", {"class": "ocr_page", "id": f"page_{number}", "title": title})
    for block in page.blocks:
        area = _add(root, "div", "ocr_carea", identity("block"), _bbox(block.quad, page))
        for paragraph in block.paragraphs:
            par = _add(area, "p", "ocr_par", identity("par"), _bbox(paragraph.quad, page))
            for line in paragraph.lines:
                _line(par, line, page, identity)
    for item in page.items:
        _item(root, item, page, identity("item"))
    return root


def _line(par: Element, line: Line, page: Page, identity: Callable[[str], str]) -> None:
    span = _add(par, "span", "ocr_line", identity("line"), _line_title(line, page))
    if is_right_to_left([line.text]):
        span.set("dir", "rtl")
    for word in words_of(line):
        title = f"{_bbox(word.quad, page)}; x_wconf {round(100 * word.score)}"
        one = _add(span, "span", "ocrx_word", identity("word"), title)
        one.text, one.tail = for_xml(word.text), " "
    span.tail = "\n"


def _line_title(line: Line, page: Page) -> str:
    title = _bbox(line.quad, page)
    if is_upright(line.quad):
        return title
    turned = angle(line.quad)
    if abs(turned) > 45:  # counted anticlockwise in hOCR
        title += f"; textangle {-turned:.2f}"
    else:
        left, _, _, bottom = box(line.quad, page)
        x, y = line.quad[3].tolist()
        slope = math.tan(math.radians(turned))
        title += f"; baseline {slope:.4f} {round(y + slope * (left - x) - bottom)}"
    corners = " ".join(str(max(0, round(value))) for value in line.quad.ravel().tolist())
    return f"{title}; poly {corners}"


def _item(root: Element, item: Item, page: Page, identity: str) -> None:
    title = f"{_bbox(item.quad, page)}; x_wconf {round(100 * item.score)}"
    block = _add(root, "div", "ocrx_block", identity, title)
    block.set("data-type", for_xml(item.type))
    block.text = for_xml(item.value)


def _bbox(quad: Quad, page: Page) -> str:
    return "bbox {} {} {} {}".format(*box(quad, page))


def _add(parent: Element, tag: str, kind: str, identity: str, title: str) -> Element:
    return SubElement(parent, tag, {"class": kind, "id": identity, "title": title})
