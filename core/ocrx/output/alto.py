"""ALTO 4.2: XML with the places of blocks, paragraphs, lines and words, as libraries keep it.

https://www.loc.gov/standards/alto/ describes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

from ocrx.interfaces.writing import Writer
from ocrx.output.places import angle, box, is_upright, words_of
from ocrx.output.strings import for_xml
from ocrx.version import VERSION

if TYPE_CHECKING:
    from ocrx.types import Image, Item, Line, Page, Quad

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://www.loc.gov/standards/alto/ns-v4# \
http://www.loc.gov/standards/alto/v4/alto-4-2.xsd" SCHEMAVERSION="4.2">
"""


class AltoWriter(Writer):
    """Writes ALTO in pixels: a ComposedBlock for each block, and in it a TextBlock for each
    paragraph. An item is a ComposedBlock whose TYPE is the item's, with the value as text.

    Boxes are upright. What is not upright has its quad as Shape too. The schema asks for at least
    one page.
    """

    suffixes = (".alto", ".xml")
    _several = False
    _pages = 0

    def begin(self, several: bool) -> bytes:
        self._several = several
        return _HEAD.encode()

    def page(self, page: Page, image: Image | None) -> bytes:
        self._pages += 1
        before = "" if self._pages > 1 else self._opening(page)
        return f"{before}{_text(_page(page, self._pages))}".encode()

    def end(self) -> bytes:
        before = "" if self._pages else self._opening(None)
        return f"{before}</Layout>\n</alto>\n".encode()

    def _opening(self, page: Page | None) -> str:
        """What stands before the pages. ALTO names one source for all of them, so it is named only
        if there are no others."""
        description = Element("Description")
        SubElement(description, "MeasurementUnit").text = "pixel"
        if page is not None and not self._several:
            information = SubElement(description, "sourceImageInformation")
            SubElement(information, "fileName").text = for_xml(page.source)
        processing = SubElement(description, "Processing", {"ID": "ocrx"})
        SubElement(processing, "processingCategory").text = "contentGeneration"
        software = SubElement(processing, "processingSoftware")
        SubElement(software, "softwareName").text = "ocrx"
        SubElement(software, "softwareVersion").text = VERSION
        return f"{_text(description)}<Layout>\n"


def _page(page: Page, number: int) -> Element:
    size = {"WIDTH": str(page.width), "HEIGHT": str(page.height)}
    root = Element("Page", {"ID": f"page_{number}", "PHYSICAL_IMG_NR": str(number), **size})
    space = SubElement(root, "PrintSpace", {"HPOS": "0", "VPOS": "0", **size})
    lines = paragraphs = 0
    for count, block in enumerate(page.blocks, 1):
        composed = _add(space, "ComposedBlock", block.quad, page, ID=f"block_{number}_{count}")
        for paragraph in block.paragraphs:
            paragraphs += 1
            text = _add(
                composed, "TextBlock", paragraph.quad, page, ID=f"par_{number}_{paragraphs}"
            )
            turned = angle(paragraph.lines[0].quad)
            if abs(turned) > 45:  # counted anticlockwise in ALTO
                text.set("ROTATION", f"{-turned % 360:.2f}")
            for line in paragraph.lines:
                lines += 1
                _line(text, line, page, f"line_{number}_{lines}")
    for count, item in enumerate(page.items, 1):
        _item(space, item, page, f"item_{number}_{count}")
    return root


def _line(parent: Element, line: Line, page: Page, identity: str) -> None:
    words = words_of(line)
    if not words:
        return
    text_line = _add(parent, "TextLine", line.quad, page, ID=identity)
    for count, word in enumerate(words, 1):
        if count > 1:
            SubElement(text_line, "SP")
        score = f"{min(max(word.score, 0), 1):.4f}"
        content = for_xml(word.text)
        name = f"{identity}_{count}"
        _add(text_line, "String", word.quad, page, ID=name, CONTENT=content, WC=score)


def _item(space: Element, item: Item, page: Page, identity: str) -> None:
    composed = _add(space, "ComposedBlock", item.quad, page, ID=identity, TYPE=for_xml(item.type))
    if item.value:
        block = _add(composed, "TextBlock", item.quad, page, ID=f"{identity}_text")
        line = _add(block, "TextLine", item.quad, page, ID=f"{identity}_line")
        _add(line, "String", item.quad, page, CONTENT=for_xml(item.value))


def _add(parent: Element, tag: str, quad: Quad, page: Page, **attributes: str) -> Element:
    left, top, right, bottom = box(quad, page)
    place = {"HPOS": left, "VPOS": top, "WIDTH": right - left, "HEIGHT": bottom - top}
    element = SubElement(parent, tag, {**attributes, **{k: str(v) for k, v in place.items()}})
    if not is_upright(quad):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in quad.tolist())
        SubElement(SubElement(element, "Shape"), "Polygon", {"POINTS": points})
    return element


def _text(element: Element) -> str:
    return tostring(element, encoding="unicode") + "\n"
