"""Searchable PDFs: pictures and pages as they were, and every word at its place for two readers."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
import pytest
from pikepdf import pdfa
from PIL import Image as PilImage
from PIL import features

from ocrx.errors import BackendMissing, InputError, OutputError
from ocrx.images.opening import open_document
from ocrx.interfaces.writing import Writer
from ocrx.testing import WriterContract
from ocrx.types import Page
from ocrx_pdf.settings import PdfOptions
from ocrx_pdf.writer import PdfWriter
from support.layouts import line_at, page_of, quad_at, turned_lines, two_columns
from support.pdf_words import by_ocrx, by_pdfium, by_poppler, unlike

READERS = [by_poppler, by_pdfium]
BIDI = "שלום לך עולם"


def scripts() -> Page:
    """Lines in scripts of all kinds, one of them beyond the first 65,536 characters."""
    texts = [
        "Ελληνικά кириллица",
        "漢字仮名交じり文 한국어",
        "a 😀 b",
        "नमस्ते दुनिया",
        "ภาษาไทย naïve",
    ]
    lines = [line_at(text, quad_at(100, 100 + 90 * i, 500, 40)) for i, text in enumerate(texts)]
    for i, text in enumerate((BIDI, "العربية هنا")):
        lines.append(line_at(text, quad_at(100, 700 + 90 * i, 500, 40), leftwards=True))
    return page_of(lines)


def picture(page: Page, form: str = "JPEG", mode: str = "RGB", **options: Any) -> bytes:
    """A picture of the page's size, of noise, so that it is not the same wherever it is cut."""
    noise = np.random.default_rng(1).integers(0, 256, (page.height // 8, page.width // 8), np.uint8)
    image = PilImage.fromarray(noise).resize((page.width, page.height)).convert(mode)
    image.save(buffer := io.BytesIO(), form, **options)
    return buffer.getvalue()


def written(*sources: tuple[bytes | Path, Sequence[Page]], pdfa: Any = "auto") -> bytes:
    return told(*sources, pdfa=pdfa)[0]


def told(
    *sources: tuple[bytes | Path, Sequence[Page]], pdfa: Any = "auto"
) -> tuple[bytes, Sequence[str]]:
    """The document of sources with their pages, and its notes."""
    writer = PdfWriter(PdfOptions(pdfa))
    pieces = [writer.begin(len(sources) > 1)]
    for source, pages in sources:
        writer.original(source)
        with open_document(source) as document:
            for page in pages:
                image = document.image(page.index) if writer.needs_image else None
                pieces.append(writer.page(page, image))
    return b"".join([*pieces, writer.end()]), writer.notes


def embedded(content: bytes) -> tuple[str, bytes, tuple[int, int]]:
    """The only picture of the first page: its filter, its bytes and its size."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        (image,) = pdf.pages[0].Resources.XObject.values()
        filters = image.Filter if isinstance(image.Filter, pikepdf.Array) else [image.Filter]
        (name,) = map(str, filters)
        return name, image.read_raw_bytes(), (int(image.Width), int(image.Height))


def conforms(content: bytes) -> bool:
    return bool(pdfa.validate_written(io.BytesIO(content), "2b").passed)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("make", [two_columns, scripts])
def test_every_word_is_at_its_place(make: Callable[[], Page], reader: Any) -> None:
    page = make()
    content = written((picture(page, dpi=(200, 200)), [page]))
    points = (1000 * 72 / 200, 1400 * 72 / 200)
    assert unlike(reader(content), by_ocrx(page, points)) == []
    assert conforms(content)


@pytest.mark.parametrize("reader", READERS)
def test_turned_words_are_at_their_places(reader: Any) -> None:
    page = turned_lines()
    found = reader(written((picture(page, dpi=(72, 72)), [page])))
    # The box around a tilted word is higher than the word, by as much as it rises.
    tilted = max(word.quad[:, 1].max() - word.quad[:, 1].min() - 40 for word in page.lines[1].words)
    assert 9 < tilted < 12
    assert unlike(found, by_ocrx(page, (1000, 1400)), within=tilted / 2 + 1) == []


def test_steep_words_are_at_their_places() -> None:
    page = page_of([line_at("steep as a stair", quad_at(200, 300, 500, 40, 30))])
    found = by_pdfium(written((picture(page, dpi=(72, 72)), [page])))
    assert unlike(found, by_ocrx(page, (1000, 1400)), within=3) == []


def test_columns_are_read_one_after_the_other() -> None:
    page = two_columns()
    texts = [one.text for one in by_pdfium(written((picture(page), [page])))]
    assert texts == [word.text for line in page.lines for word in line.words]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_that_lie_on_their_side_are_shown_upright(orientation: int) -> None:
    exif = PilImage.Exif()
    exif[0x0112] = orientation
    page = replace(two_columns(), dpi=(72.0, 72.0))
    stored = replace(page, width=1400, height=1000) if orientation > 4 else page
    source = picture(stored, exif=exif, dpi=(72, 72))
    content = written((source, [page]))
    for reader in READERS:
        assert unlike(reader(content), by_ocrx(page, (1000, 1400))) == []
    with open_document(source) as before, open_document(content, dpi=72) as after:
        assert np.abs(before.image(0).astype(int) - after.image(0)).mean() < 3


@pytest.mark.parametrize(
    ("form", "mode", "options", "kept"),
    [
        ("JPEG", "RGB", {}, "/DCTDecode"),
        ("JPEG", "L", {"progressive": True}, "/DCTDecode"),
        ("PNG", "RGB", {}, "/FlateDecode"),
        ("TIFF", "1", {"compression": "group4"}, "/CCITTFaxDecode"),
        ("WEBP", "RGB", {"lossless": True}, "/FlateDecode"),
        ("GIF", "L", {}, "/FlateDecode"),
        ("BMP", "RGB", {}, "/FlateDecode"),
    ],
)
def test_pictures_are_kept_as_they_are(form: str, mode: str, options: Any, kept: str) -> None:
    page = page_of([line_at("word", quad_at(10, 10, 80, 20))], 120, 90)
    source = picture(page, form, mode, **options)
    content = written((source, [page]))
    name, stored, _ = embedded(content)
    assert name == kept
    assert form != "JPEG" or stored == source
    with open_document(source) as before, open_document(content, dpi=96) as after:
        assert np.abs(before.image(0).astype(int) - after.image(0)).mean() < 1
    assert conforms(content)


def test_transparent_pictures_are_laid_on_their_background() -> None:
    image = PilImage.new("RGBA", (100, 50), (0, 0, 0, 0))
    image.save(source := io.BytesIO(), "PNG")
    page = page_of([], 100, 50)
    content = written((source.getvalue(), [page]))
    with open_document(source.getvalue()) as before, open_document(content, dpi=96) as after:
        assert np.array_equal(before.image(0), after.image(0))


def test_the_pages_of_a_fax_stay_faxes(tmp_path: Path) -> None:
    sheets = [PilImage.new("1", (200, 100), color) for color in (0, 1)]
    sheets[0].save(
        tmp_path / "fax.tif", save_all=True, append_images=sheets[1:], compression="group4"
    )
    pages = [page_of([line_at(f"sheet{i}", quad_at(5, 5, 90, 20))], 200, 100) for i in range(2)]
    content = written(
        (tmp_path / "fax.tif", [replace(page, index=i) for i, page in enumerate(pages)])
    )
    assert [one.text for i in (1, 2) for one in by_poppler(content, i)] == ["sheet0", "sheet1"]
    assert (
        content.count(b"/CCITTFaxDecode") == 2 or len(pikepdf.open(io.BytesIO(content)).pages) == 2
    )


def paper(rotate: int = 0, crop: Sequence[float] | None = None, text: str = "") -> bytes:
    """A PDF of one page of 300 x 400 points with a grey square and, if given, visible text."""
    pdf = pikepdf.Pdf.new()
    pdf.add_blank_page(page_size=(300, 400))
    page = pdf.pages[0]
    page.MediaBox = [-20, 10, 280, 410]
    if crop:
        page.CropBox = list(crop)
    page.Rotate = rotate
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    name = page.add_resource(pdf.make_indirect(font), pikepdf.Name.Font, name=pikepdf.Name.F1)
    # It leaves the graphics state changed, as careless programs do.
    drawn = f"2 0 0 2 0 0 cm 0.5 g 20 20 40 40 re f BT 0 g {name} 20 Tf 30 150 Td ({text}) Tj ET"
    page.Contents = pdf.make_stream(drawn.encode())
    pdf.save(buffer := io.BytesIO())
    return buffer.getvalue()


CROPPED = (0, 50, 250, 500)


@pytest.mark.parametrize(
    ("rotate", "crop", "reader"),
    [
        *((rotate, None, reader) for rotate in (0, 90, 180, 270, -90) for reader in READERS),
        *((rotate, CROPPED, by_pdfium) for rotate in (0, 90, 180, 270)),
        (0, CROPPED, by_poppler),  # which counts from elsewhere if such a page is turned
    ],
)
def test_the_pages_of_a_pdf_stay_and_get_their_text(
    rotate: int, crop: Sequence[float] | None, reader: Any
) -> None:
    source = paper(rotate, crop)
    with open_document(source) as document:
        raster = document.page(0)
        drawn = raster.image
    lines = [
        line_at("first words", quad_at(50, 60, 300, 30)),
        line_at("x2", quad_at(40, 400, 60, 40)),
    ]
    page = page_of(lines, raster.width, raster.height)
    content = written((source, [page]))
    points = pypdfium2.PdfDocument(source)[0].get_size()
    assert unlike(reader(content), by_ocrx(page, points)) == []
    with open_document(content) as document:
        assert np.array_equal(document.image(0), drawn)


def test_text_that_a_page_has_is_not_written_again() -> None:
    source = paper(text="Hello")
    with open_document(source) as document:
        width, height = document.page(0).width, document.page(0).height
    (seen,) = by_pdfium(source)
    left, top, right, bottom = (value * 200 / 72 for value in seen.box)
    lines = [
        line_at("Hallo", quad_at(left, top, right - left, bottom - top)),
        line_at("new words", quad_at(50, 60, 300, 30)),
    ]
    content, notes = told((source, [page_of(lines, width, height)]))
    assert [one.text for one in by_pdfium(content)] == ["new", "words", "Hello"]
    assert notes[0] == "1 word was there as text already, and is not written again"


def test_what_else_a_pdf_has_is_kept() -> None:
    pdf = pikepdf.open(io.BytesIO(paper()))
    pdf.pages.extend(pikepdf.open(io.BytesIO(paper(text="second"))).pages)
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("Chapter", 0))
    pdf.docinfo["/Title"] = "A title"
    pdf.save(buffer := io.BytesIO())
    page = page_of([line_at("text", quad_at(10, 10, 90, 20))], 834, 1112)
    content, notes = told((buffer.getvalue(), [page]), (buffer.getvalue(), [page]))
    after = pikepdf.open(io.BytesIO(content))
    assert len(after.pages) == 4  # those that were not read, too
    with after.open_outline() as outline:
        assert [item.title for item in outline.root] == ["Chapter"]
    assert str(after.docinfo["/Title"]) == "A title"
    assert [by_pdfium(content, i)[0].text for i in (1, 3)] == ["text", "text"]
    assert any("bookmarks of the document are not kept" in note for note in notes)


def test_what_cannot_be_pdfa_is_told_or_refused() -> None:
    page = page_of([line_at("text", quad_at(10, 10, 90, 20))], 834, 1112)
    source = paper(text="a font that is not embedded")
    content, notes = told((source, [page]))
    assert by_pdfium(content)[0].text == "text"
    assert any(note.startswith("the PDF is not PDF/A-2b: ") for note in notes)
    assert not conforms(content)
    assert not told((source, [page]), pdfa="never")[1]
    with pytest.raises(OutputError, match="cannot be PDF/A-2b"):
        written((source, [page]), pdfa="always")


def test_pages_without_their_picture_or_in_another_shape_are_not_made_up() -> None:
    page = page_of([line_at("text", quad_at(1, 1, 9, 9))], 50, 40)
    writer = PdfWriter(PdfOptions())
    with pytest.raises(OutputError, match="its picture is missing"):
        writer.page(page, None)
    with pytest.raises(InputError, match="cannot be made searchable"):
        writer.original(b"%PDF-1.4 and nothing more")
    wide = picture(replace(page, width=500))  # as if the file were another one now
    writer.original(wide)
    writer.page(page, np.zeros((40, 50, 3), np.uint8))
    assert embedded(writer.end())[2] == (50, 40)


@pytest.mark.skipif(not features.check("jpg_2000"), reason="Pillow has no JPEG 2000 here")
def test_jpeg_2000_stays_itself() -> None:
    page = page_of([line_at("text", quad_at(1, 1, 90, 20))], 128, 96)
    source = picture(page, "JPEG2000")
    assert embedded(written((source, [page])))[0] == "/JPXDecode"


class TestContract(WriterContract):
    def make(self) -> Writer:
        return PdfWriter(PdfOptions())

    def check_document(self, document: bytes, pages: Sequence[Page]) -> None:
        pdf = pikepdf.open(io.BytesIO(document))
        assert len(pdf.pages) == len(pages)
        for number, page in enumerate(pages, 1):
            assert bool(by_pdfium(document, number)) == bool(page.lines)


def test_without_its_packages_it_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "img2pdf", None)
    with pytest.raises(BackendMissing, match=r"ocrx\[searchable-pdf\]"):
        PdfWriter(PdfOptions())
