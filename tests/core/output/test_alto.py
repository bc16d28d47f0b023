"""ALTO: valid against its schema, with every word at its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from lxml import etree

from ocrx.interfaces.writing import Writer
from ocrx.output.alto import AltoWriter
from ocrx.output.places import box
from ocrx.testing import WriterContract
from ocrx.types import Item, Page
from support.layouts import line_at, page_of, quad_at, turned_lines, two_columns

SCHEMA = etree.XMLSchema(file=Path(__file__).parents[2] / "files" / "alto" / "alto-4-2.xsd")
ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"


def written(*pages: Page) -> bytes:
    writer = AltoWriter()
    several = len(pages) > 1
    pieces = [writer.begin(several), *(writer.page(one, None) for one in pages), writer.end()]
    return b"".join(pieces)


def checked(document: bytes) -> etree._Element:
    root = etree.fromstring(document)
    SCHEMA.assertValid(root)
    return root


@pytest.mark.parametrize("make", [two_columns, turned_lines])
def test_it_is_valid(make: Callable[[], Page]) -> None:
    item = Item("ean-13", "4012345678901", quad_at(300, 700, 200, 100, 3), 0.8)
    object.__setattr__(page := make(), "items", (item, Item("qr", "", item.quad)))
    root = checked(written(page, page_of([]), page_of([line_at(" ", quad_at(1, 1, 9, 9))])))
    assert len(root.findall(f".//{ALTO}Page")) == 3
    assert [one.get("TYPE") for one in root.findall(f".//{ALTO}ComposedBlock[@TYPE]")] == (
        ["ean-13", "qr"]
    )
    assert root.find(f".//{ALTO}ComposedBlock[@TYPE]//{ALTO}String").get("CONTENT") == item.value


def test_a_document_that_is_not_valid_is_caught() -> None:
    with pytest.raises(etree.DocumentInvalid):
        checked(written(two_columns()).replace(b"CONTENT=", b"CONTENTS="))


def test_words_have_their_places() -> None:
    page = two_columns()
    strings = checked(written(page)).findall(f".//{ALTO}String")
    words = [word for line in page.lines for word in line.words]
    assert [one.get("CONTENT") for one in strings] == [word.text for word in words]
    for one, word in zip(strings, words, strict=True):
        left, top, right, bottom = box(word.quad, page)
        place = [int(one.get(name)) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT")]
        assert place == [left, top, right - left, bottom - top]
        assert float(one.get("WC")) == 0.9


def test_turned_text_says_how_far_and_has_its_shape() -> None:
    page = turned_lines()
    root = checked(written(page))
    blocks = root.findall(f".//{ALTO}TextBlock")
    assert [one.get("ROTATION") for one in blocks] == [
        None,
        None,
        None,
        "270.00",
        "90.00",
        "180.00",
    ]
    shapes = [one.find(f"{ALTO}Shape") for one in root.findall(f".//{ALTO}TextLine")]
    assert [shape is None for shape in shapes] == [True, False, False, False, False, False]
    points = shapes[1][0].get("POINTS").split()
    assert points == [f"{x:.1f},{y:.1f}" for x, y in page.lines[1].quad.tolist()]


def test_the_source_is_named_if_there_is_one_alone() -> None:
    page = page_of([line_at("a", quad_at(1, 1, 9, 9))], source="a <b>.png")
    assert checked(written(page)).findtext(f".//{ALTO}fileName") == "a <b>.png"
    assert checked(written(page, page)).findtext(f".//{ALTO}fileName") is None


class TestContract(WriterContract):
    def make(self) -> Writer:
        return AltoWriter()

    def check_document(self, document: bytes, pages: Sequence[Page]) -> None:
        root = checked(document) if pages else etree.fromstring(document)
        assert len(root.findall(f".//{ALTO}Page")) == len(pages)
