"""hOCR: valid for two validators, and read back by OCRmyPDF's own parser."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import pytest
from hocr_tools_lib.tools.hocr_check import Checker
from lxml import html

from ocrx.interfaces.writing import Writer
from ocrx.output.hocr import HocrWriter
from ocrx.output.places import angle, box
from ocrx.testing import WriterContract
from ocrx.types import Item, Page
from support.layouts import line_at, page_of, quad_at, turned_lines, two_columns


def written(*pages: Page) -> bytes:
    writer = HocrWriter()
    several = len(pages) > 1
    pieces = [writer.begin(several), *(writer.page(one, None) for one in pages), writer.end()]
    return b"".join(pieces)


def complaints(document: bytes, folder: Path) -> list[str]:
    """What the validators have to say against it."""
    from hocr_spec.validate import HocrValidator

    file = folder / "pages.hocr"
    file.write_bytes(document)
    report = HocrValidator("standard").validate(str(file))
    with redirect_stderr(io.StringIO()) as said:
        Checker(file).check()
    found = [str(item) for item in report.items if item.level in ("ERROR", "FATAL")]
    return found + [line for line in said.getvalue().splitlines() if line.startswith("not ok")]


@pytest.mark.parametrize("make", [two_columns, turned_lines])
def test_it_is_valid(make: Callable[[], Page], tmp_path: Path) -> None:
    page = make()
    item = Item("ean-13", "4012345678901", quad_at(300, 700, 200, 100), 0.8, {"a": "b"})
    object.__setattr__(page, "items", (item,))
    object.__setattr__(page, "dpi", (300.0, 299.7))
    assert complaints(written(page, page_of([])), tmp_path) == []


def test_the_validators_complain_of_what_is_wrong(tmp_path: Path) -> None:
    sound = written(two_columns())
    assert complaints(sound.replace(b"bbox", b"bboks", 3), tmp_path)
    assert complaints(sound.replace(b'class="ocr_page"', b'class="page"'), tmp_path)


def test_words_lines_and_blocks_have_their_places() -> None:
    page = two_columns()
    root = html.document_fromstring(written(page))
    words = root.xpath("//*[@class='ocrx_word']")
    assert [word.text for word in words] == [w.text for line in page.lines for w in line.words]
    for word, given in zip(words, (w for line in page.lines for w in line.words), strict=True):
        assert word.get("title") == "bbox {} {} {} {}; x_wconf 90".format(*box(given.quad, page))
    assert len(root.xpath("//*[@class='ocr_carea']")) == 3
    assert "".join(root.xpath("//*[@id='line_1_2']")[0].itertext()).split() == (
        page.lines[1].text.split()
    )


def test_turned_lines_say_how() -> None:
    page = turned_lines()
    titles = [line.get("title") for line in lines_of(written(page))]
    assert "poly" not in titles[0]
    assert "baseline 0.0875 -" in titles[1]  # the tangent of 5 degrees
    assert [float(title.split("textangle ")[1].split(";")[0]) for title in titles[3:]] == (
        pytest.approx([-90, 90, -180])
    )
    slope, below = (float(n) for n in titles[1].split("baseline ")[1].split(";")[0].split())
    left, _, right, bottom = box(page.lines[1].quad, page)
    x, y = page.lines[1].quad[2].tolist()  # the line along the baseline ends at the lower right
    assert bottom + below + slope * (x - left) == pytest.approx(y, abs=1)
    assert math.degrees(math.atan(slope)) == pytest.approx(angle(page.lines[1].quad), abs=0.01)
    assert right > left


def test_text_that_runs_leftwards_is_marked() -> None:
    page = page_of(
        [line_at("שלום לך", quad_at(10, 10, 70, 20)), line_at("a", quad_at(9, 50, 9, 9))]
    )
    assert [line.get("dir") for line in lines_of(written(page))] == ["rtl", None]


def test_names_cannot_end_their_quotes(tmp_path: Path) -> None:
    page = page_of([line_at("a", quad_at(1, 1, 9, 9))], source='say "hi"; bbox 1%.png')
    document = written(page)
    assert b"image &quot;say %22hi%22%3B bbox 1%25.png&quot;" in document
    assert complaints(document, tmp_path) == []


def lines_of(document: bytes) -> list[Any]:
    return list(html.document_fromstring(document).xpath("//*[@class='ocr_line']"))


class TestContract(WriterContract):
    def make(self) -> Writer:
        return HocrWriter()

    def check_document(self, document: bytes, pages: Sequence[Page]) -> None:
        from xml.etree import ElementTree

        root = ElementTree.fromstring(document)
        found = root.findall(".//*[@class='ocr_page']")
        assert len(found) == len(pages)
        for div, page in zip(found, pages, strict=True):
            words = [word for line in page.lines for word in line.words]
            assert len(div.findall(".//*[@class='ocrx_word']")) == len(words)
            assert len(div.findall(".//*[@class='ocrx_block']")) == len(page.items)
