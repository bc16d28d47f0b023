"""What a file says of its pixels per inch, however it is stored."""

from __future__ import annotations

import io

import PIL.Image
import pytest

from ocrx.images.opening import ImageSource, open_document
from support.samples import encode, gradient, pdf


def dpi(source: ImageSource) -> tuple[float, float] | None:
    with open_document(source) as document:
        return document.page(0).dpi


def turned(orientation: int) -> bytes:
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_it_is_told_across_and_down(kind: str) -> None:
    assert dpi(encode(gradient(), kind, dpi=(300, 150))) == pytest.approx((300, 150), abs=0.05)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP"])
def test_nothing_is_made_up(kind: str) -> None:
    found = dpi(encode(gradient(), kind))
    assert found is None or kind == "BMP"  # its header always has one


def test_exif_data_without_a_resolution_say_nothing() -> None:
    data = encode(gradient(), "JPEG", exif=turned(1))
    data = data[:13] + b"\0" + data[14:]  # nor does the JFIF header, which has no unit then
    assert dpi(data) is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_quarter_turn_changes_across_and_down(kind: str) -> None:
    for orientation, expected in ((3, (300, 150)), (6, (150, 300)), (8, (150, 300))):
        data = encode(gradient(), kind, dpi=(300, 150), exif=turned(orientation))
        assert dpi(data) == pytest.approx(expected, abs=0.05)


def test_a_turned_tiff_is_told_as_it_is_seen() -> None:
    data = encode(gradient(64, 48), "TIFF", dpi=(300, 150), tiffinfo={274: 6})
    with open_document(data) as document:
        page = document.page(0)
    assert (page.width, page.height, page.dpi) == (48, 64, (150, 300))


@pytest.mark.parametrize("claim", [(0, 0), (1, 1), (1, 300)])
def test_what_cannot_be_meant_is_not_believed(claim: tuple[int, int]) -> None:
    assert dpi(encode(gradient(), "TIFF", dpi=claim)) is None


def test_an_image_in_memory_and_an_array() -> None:
    with PIL.Image.open(io.BytesIO(encode(gradient(), "TIFF", dpi=(72, 72)))) as image:
        assert dpi(image) == (72, 72)
    assert dpi(gradient()) is None


def test_a_pdf_has_the_pixels_it_is_drawn_with() -> None:
    assert dpi(pdf()) == (200, 200)
    with open_document(pdf(), dpi=100) as document:
        assert document.page(0).dpi == (100, 100)
