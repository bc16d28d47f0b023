"""The resolution of a PDF page: by its smallest print, its pictures, and its unit."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np
import pytest

from ocrx.errors import ImageTooLarge
from ocrx.images import pdf_needs
from ocrx.images.document import Raster
from ocrx.images.opening import open_document
from support.samples import pdf_of, pdf_stream

A5 = (420, 595)
HELVETICA = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def drawn(content: str, size: tuple[float, float] = A5, entries: str = "", *more: str) -> bytes:
    """A page with that content; `more` are objects from number 6 on."""
    return pdf_of(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
            HELVETICA,
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size[0]} {size[1]}] {entries} "
            "/Resources << /Font << /F1 3 0 R >> /XObject << /X 6 0 R >> >> /Contents 5 0 R >>",
            pdf_stream(content),
            *more,
        ]
    )


def text(size: float, words: str = "The small print of the page", matrix: str = "") -> str:
    return f"q {matrix} BT /F1 {size} Tf 30 300 Td ({words}) Tj ET Q"


def picture(width: int, height: int) -> str:
    """A grey picture, as an object."""
    data = zlib.compress(np.full((height, width), 200, np.uint8).tobytes()).hex()
    entries = f"/Type /XObject /Subtype /Image /Width {width} /Height {height} "
    entries += "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter [/ASCIIHexDecode /FlateDecode]"
    return pdf_stream(data + ">", entries)


def placed(width: float, height: float) -> str:
    return f"q {width} 0 0 {height} 10 10 cm /X Do Q"


def page(data: bytes, max_pixels: int = 150_000_000) -> Raster:
    with open_document(data, max_pixels=max_pixels) as document:
        return document.page(0)


def dpi(found: Raster, size: Sequence[float] = A5) -> int:
    return int(found.image.shape[1] * 72 / size[0] + 0.5)


@pytest.mark.parametrize(("size", "expected"), [(30, 200), (6, 200), (5, 230), (4, 288), (3, 384)])
def test_small_print_is_drawn_larger(size: int, expected: int) -> None:
    found = page(drawn(text(30) + text(size)))
    assert dpi(found) == pytest.approx(expected, abs=1)
    assert (found.width, found.height) == (1167, 1653)  # at 200 dpi, whatever it is drawn with
    assert found.notes == ()


@pytest.mark.parametrize(
    "matrix",
    ["0.25 0 0 0.25 50 50 cm", "0 0.25 -0.25 0 300 50 cm", "0.2 0.15 -0.15 0.2 60 60 cm"],
    ids=["scaled", "turned", "aslant"],
)
def test_print_is_as_small_as_it_is_drawn(matrix: str) -> None:
    assert dpi(page(drawn(text(16, matrix=matrix)))) == pytest.approx(288, abs=2)


def test_print_in_a_form_is_as_small_as_the_form_makes_it() -> None:
    resources = "/Resources << /Font << /F1 3 0 R >> >>"
    form = pdf_stream(text(16), f"/Type /XObject /Subtype /Form /BBox [0 0 420 595] {resources}")
    data = drawn("q 0.5 0 0 0.5 0 0 cm /X Do Q " + text(20), A5, "", form)
    assert dpi(page(data)) == 200
    data = drawn("q 0.25 0 0 0.25 0 0 cm /X Do Q " + text(20), A5, "", form)
    assert dpi(page(data)) == pytest.approx(288, abs=1)


def test_print_that_is_not_seen_has_no_say() -> None:
    beside = text(3, matrix="1 0 0 1 450 0 cm") + text(3, matrix="1 0 0 1 0 -320 cm")
    assert dpi(page(drawn(text(10) + beside))) == 200
    invisible = text(3, matrix="3 Tr")
    assert dpi(page(drawn(text(10) + invisible))) == 200
    # A page may be cut out of a larger sheet.
    cut = drawn(text(10) + text(3), A5, "/CropBox [0 320 420 595]")
    assert page(cut).image.shape[0] == 764
    assert dpi(page(cut)) == 200


def test_letters_that_the_document_draws_itself_are_as_large_as_they_are_drawn() -> None:
    glyph = pdf_stream("600 0 0 0 500 700 d1 0 0 500 700 re f")
    widths = " ".join(["600"] * 26)

    def font(matrix: str) -> str:
        return (
            f"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 600 700] /FontMatrix [{matrix}] "
            "/CharProcs << /a 6 0 R >> /Encoding << /Differences [97 /a /a /a /a /a] >> "
            f"/FirstChar 97 /LastChar 122 /Widths [{widths}] >>"
        )

    for matrix, size in (("0.001 0 0 0.001 0 0", 12), ("0.012 0 0 0.012 0 0", 1)):
        data = drawn(text(size, "abcdeabcdeabcdeabcdeabcde"), A5, "", glyph)
        data = data.replace(
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", font(matrix).encode()
        )
        assert dpi(page(data)) == 200


@pytest.mark.parametrize("words", ["2", "", "   "])
def test_a_lone_index_is_no_small_print(words: str) -> None:
    assert dpi(page(drawn(text(10) + text(3, words)))) == 200


def test_there_is_an_end_to_small_print() -> None:
    found = page(drawn(text(0.5)))
    assert dpi(found) == 600
    assert found.notes == (
        "it was drawn with 600 dots per inch, and its smallest print would need 2304",
    )


@pytest.mark.parametrize(
    ("pixels", "place", "expected"),
    [
        ((300, 425), A5, 200),
        ((1458, 2066), A5, 250),
        ((1750, 2479), A5, 300),
        ((900, 900), (72, 72), 200),  # an icon
        ((800, 200), (210, 50), 200),  # a banner
    ],
    ids=["coarse", "250", "300", "icon", "banner"],
)
def test_a_scan_is_drawn_with_its_own_pixels(
    pixels: tuple[int, int], place: tuple[float, float], expected: int
) -> None:
    found = page(drawn(placed(*place), A5, "", picture(*pixels)))
    assert dpi(found) == pytest.approx(expected, abs=1)
    assert found.notes == ()


def test_a_fine_scan_is_drawn_coarser_and_that_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    data = drawn(placed(*A5), A5, "", picture(2916, 4132))
    found = page(data)
    assert dpi(found) == pytest.approx(431, abs=1)  # nine million pixels
    assert found.notes == ("it was drawn with 432 dots per inch, and its pictures have 500",)
    monkeypatch.setattr(pdf_needs, "PICTURE_PIXELS", 1_000_000)
    assert dpi(page(data)) == 300


def test_a_large_picture_on_a_tiny_page_keeps_its_pixels() -> None:
    found = page(drawn(placed(60, 30), (60, 30), "", picture(2000, 1000)))
    assert found.image.shape == (1000, 2000, 3)
    assert (found.width, found.height) == (167, 84)


def test_a_fax_in_a_pdf_is_drawn_with_its_finer_resolution() -> None:
    found = page(drawn(placed(*A5), A5, "", picture(1458, 1000)))
    assert dpi(found) == 250
    assert found.image.shape[0] > found.image.shape[1]


def test_a_picture_in_a_page_keeps_to_the_limit() -> None:
    data = drawn(placed(*A5), A5, "", picture(300, 425))
    assert page(data, 300 * 425).image.size
    with pytest.raises(ImageTooLarge, match="a picture in it of 300x425"):
        page(data, 300 * 425 - 1)


def test_what_the_limit_cuts_is_noted() -> None:
    found = page(drawn(text(30)), 1_000_000)
    assert found.image.shape[0] * found.image.shape[1] <= 1_000_000
    assert (found.width, found.height) == (1167, 1653)
    assert found.notes == (
        "it was drawn with 141 dots per inch, since 200 would be too many pixels",
    )
    (note,) = page(drawn(text(4)), 1_000_000).notes
    assert note == "it was drawn with 141 dots per inch, and its smallest print would need 288"


def test_a_page_of_very_many_objects_is_looked_at_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    data = drawn("0 0 m 9 9 l S " * 30 + text(20) * 20 + text(4))
    assert dpi(page(data)) == 288
    monkeypatch.setattr(pdf_needs, "MOST_OBJECTS", 50)
    assert dpi(page(data)) == 200


@pytest.mark.parametrize("unit", [10, 2.5, 0.5])
def test_the_unit_of_a_page_is_obeyed(unit: float) -> None:
    size = (A5[0] / unit, A5[1] / unit)
    content = text(20 / unit, matrix=f"1 0 0 1 {-30 + 3 / unit} {-300 + 30 / unit} cm")
    found = page(drawn(content, size, f"/UserUnit {unit}"))
    assert found.image.shape == pytest.approx((1653, 1167, 3), abs=1)
    assert found.image.min() == 0


def test_each_page_has_a_unit_of_its_own() -> None:
    pages = [
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 36 36] {unit} >>"
        for unit in ("/UserUnit 4", "", "/UserUnit 2 /Rotate 90", "/UserUnit 0", "/UserUnit (x)")
    ]
    data = pdf_of(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R 4 0 R 5 0 R 6 0 R 7 0 R] /Count 5 >>",
            *pages,
        ]
    )
    with open_document(data) as document:
        assert [document.image(i).shape[0] for i in range(5)] == [400, 100, 200, 100, 100]


def test_a_unit_in_a_compressed_object_is_obeyed() -> None:
    inner = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 36 36] /UserUnit 4 >>"
    entries = b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode"
    body = zlib.compress(f"3 0 {inner}".encode())
    data, offsets = b"%PDF-1.6\n", {}
    objects: dict[int, bytes] = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        4: b"<< %b /Length %d >>\nstream\n%b\nendstream" % (entries, len(body), body),
    }
    for number, content in objects.items():
        offsets[number] = len(data)
        data += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(data)
    rows = [(0, 0, 255), (1, offsets[1], 0), (1, offsets[2], 0), (2, 4, 0), (1, offsets[4], 0)]
    rows.append((1, start, 0))
    table = b"".join(struct.pack(">BHB", *row) for row in rows)
    entries = b"/Type /XRef /Size 6 /W [1 2 1] /Root 1 0 R /Length %d" % len(table)
    data += b"5 0 obj\n<< %b >>\nstream\n%b\nendstream\nendobj\n" % (entries, table)
    data += b"startxref\n%d\n%%%%EOF" % start
    assert b"UserUnit" not in data
    assert page(data).image.shape == (400, 400, 3)
