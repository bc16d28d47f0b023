"""Pixels that are not square: told by metadata, and made square."""

from __future__ import annotations

import io
import zlib
from typing import Any

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx import Reader
from ocrx.images.document import Raster
from ocrx.images.opening import ImageSource, open_document
from ocrx.images.upright import squared
from support.fakeparts import Parts, draw
from support.samples import as_stored, encode, gradient

RESOLUTION: dict[str, dict[str, Any]] = {
    "TIFF": {"dpi": (204, 98)},
    "PNG": {"dpi": (204, 98)},
    "BMP": {"dpi": (204, 98)},
    "JPEG": {"dpi": (204, 98), "quality": 100},
}


def page(source: ImageSource, **options: Any) -> Raster:
    with open_document(source, **options) as document:
        return document.page(0)


def with_exif(kind: str, horizontal: float, vertical: float, orientation: int = 1) -> bytes:
    data = PIL.Image.Exif()
    data[0x011A], data[0x011B], data[0x0112] = horizontal, vertical, orientation
    return encode(gradient(60, 20), kind, exif=data)


@pytest.mark.parametrize("kind", RESOLUTION)
def test_a_fax_is_made_square_and_keeps_its_own_pixels(kind: str) -> None:
    picture = gradient(60, 20)
    found = page(encode(picture, kind, **RESOLUTION[kind]))
    assert found.image.shape == (41, 60, 3)
    assert (found.width, found.height) == (60, 20)
    expected = np.asarray(picture.resize((60, 41), PIL.Image.Resampling.BICUBIC), int)
    assert np.abs(found.image - expected).mean() < 4
    (note,) = found.notes
    assert note == "its pixels are 2.08 times as tall as wide; it was read with square ones"
    assert found.matrix is not None
    np.testing.assert_allclose(found.matrix @ [60, 41, 1], [60, 20, 1])


def test_pixels_that_are_wider_than_tall() -> None:
    assert page(encode(gradient(60, 20), "TIFF", dpi=(204, 391))).image.shape == (20, 115, 3)


@pytest.mark.parametrize("unit", [1, 2, 3])
def test_a_tiff_without_a_unit_still_tells_the_ratio(unit: int) -> None:
    tags = {282: 200.0, 283: 100.0, 296: unit}
    assert page(encode(gradient(60, 20), "TIFF", tiffinfo=tags)).image.shape == (40, 60, 3)


def test_a_png_without_a_unit_still_tells_the_ratio() -> None:
    data = encode(gradient(60, 20), "PNG", dpi=(200, 100))
    start = data.index(b"pHYs")
    assert data[start + 12] == 1  # metres
    rest = data[start + 17 :]
    body = data[start : start + 12] + b"\0"
    crc = zlib.crc32(body).to_bytes(4, "big")
    assert page(data[:start] + body + crc + rest).image.shape == (40, 60, 3)


def test_a_jpeg_without_a_unit_still_tells_the_ratio() -> None:
    data = bytearray(encode(gradient(60, 20), "JPEG", quality=95))
    start = data.index(b"JFIF\0")
    data[start + 7] = 0
    data[start + 8 : start + 12] = b"\0\x02\0\x01"
    assert page(bytes(data)).image.shape == (40, 60, 3)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG", "AVIF"])
def test_exif_tells_resolutions(kind: str) -> None:
    assert page(with_exif(kind, 204.0, 98.0)).image.shape == (41, 60, 3)
    assert page(with_exif(kind, 72.0, 72.0)).image.shape == (20, 60, 3)


@pytest.mark.parametrize(("byte", "shape"), [(0, (20, 60)), (49, (20, 60)), (17, (40, 60))])
def test_a_gif_tells_the_shape_of_its_pixels(byte: int, shape: tuple[int, int]) -> None:
    data = bytearray(encode(gradient(60, 20), "GIF"))
    data[12] = byte
    assert page(bytes(data)).image.shape[:2] == shape


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_resolutions_are_those_of_the_picture_as_it_is_stored(kind: str, orientation: int) -> None:
    stored = as_stored(gradient(60, 20), orientation)
    data = PIL.Image.Exif()
    data[0x0112] = orientation
    options: dict[str, Any] = {"quality": 100} if kind == "JPEG" else {}
    encoded = encode(stored, kind, exif=data, dpi=(100, 200), **options)
    with PIL.Image.open(io.BytesIO(encoded)) as picture:
        for found in (page(encoded), page(picture)):
            assert (found.width, found.height) == (60, 20)
            # Twice as many down as across: wide pixels, tall ones when the picture is turned.
            assert found.image.shape[:2] == ((20, 120) if orientation < 5 else (40, 60))


@pytest.mark.parametrize("dpi", [(204, 196), (100, 100), (0, 0), (72, 1), (1, 300)])
def test_what_is_nearly_square_or_not_to_be_believed_is_left(dpi: tuple[int, int]) -> None:
    found = page(encode(gradient(60, 20), "TIFF", dpi=dpi))
    assert found.image.shape == (20, 60, 3)
    assert found.matrix is None
    assert len(found.notes) == (min(dpi) == 1)


def test_pages_of_one_tiff_have_resolutions_of_their_own() -> None:
    fax, plain = gradient(60, 20), gradient(50, 20)
    plain.encoderinfo = {"dpi": (100, 100)}
    data = encode(fax, "TIFF", save_all=True, append_images=[plain], dpi=(200, 100))
    with open_document(data) as document:
        assert [document.image(index).shape[0] for index in (0, 1, 0)] == [40, 20, 40]


def test_a_pil_image_is_made_square_only_as_it_was_opened() -> None:
    with PIL.Image.open(io.BytesIO(encode(gradient(60, 20), "TIFF", dpi=(200, 100)))) as fax:
        assert page(fax).image.shape == (40, 60, 3)
        assert page(fax.resize((60, 40))).image.shape == (40, 60, 3)


@given(st.integers(1, 40), st.integers(1, 40), st.floats(0.2, 5), st.integers(1600, 4000))
def test_squaring_keeps_the_shape_and_the_limit(
    width: int, height: int, aspect: float, most: int
) -> None:
    image, notes = squared(np.zeros((height, width, 3), np.uint8), aspect, most)
    assert 0 < image.shape[0] * image.shape[1] <= most
    if not notes or "not believed" in notes[0]:
        assert image.shape == (height, width, 3)
    elif height * width > 400:
        found = image.shape[0] / image.shape[1]
        assert found == pytest.approx(aspect * height / width, rel=0.25)


def test_places_are_in_the_pixels_of_the_fax() -> None:
    fax = draw(("A", 20, 20, 80, 20, 0), ("B", 150, 60, 80, 20, 0))
    data = encode(PIL.Image.fromarray(fax), "TIFF", dpi=(200, 100))
    with Reader(layout="page", registry=Parts().registry()) as reader:
        found = reader.read(data)
    assert (found.width, found.height) == (300, 200)
    quads = [line.quad.tolist() for line in found.lines]
    assert quads[0] == [[20, 20], [100, 20], [100, 40], [20, 40]]
    assert quads[1] == [[150, 60], [230, 60], [230, 80], [150, 80]]
    assert "square" in found.notes[0]
