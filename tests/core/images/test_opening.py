"""Decoding one picture: formats, modes, depth, transparency, orientation, limits."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from ocrx.errors import InputError, UsageError
from ocrx.images.document import Blob
from ocrx.images.opening import ImageSource, open_document, source_name
from ocrx.system.text import printable
from ocrx.types import Image
from support.samples import EXACT, LOSSY, animation, as_stored, decode, encode, exif, gradient, mean


def grey(values: NDArray[np.uint8]) -> Image:
    return np.repeat(values[:, :, None], 3, axis=2)


@pytest.mark.parametrize("kind", [*EXACT, *LOSSY])
def test_every_format_is_decoded(kind: str, tmp_path: Path) -> None:
    picture = gradient()
    if kind == "GIF":
        picture = picture.quantize(64).convert("RGB")
    data = encode(picture, kind)
    path = tmp_path / "picture.of_any_name"
    path.write_bytes(data)
    for source in (data, bytearray(data), path, str(path), Blob(data)):
        image = decode(source)
        assert image.dtype == np.uint8
        assert image.shape == (48, 64, 3)
        assert image.flags.c_contiguous
        error = np.abs(image.astype(int) - np.asarray(picture))
        assert error.max() <= (0 if kind in EXACT else 24)
        assert error.mean() <= 4


def test_a_document_is_named_after_its_source(tmp_path: Path) -> None:
    data = encode(gradient())
    path = tmp_path / "label.png"
    path.write_bytes(data)
    sources: list[tuple[ImageSource, str]] = [
        (path, str(path)),
        (str(path), str(path)),
        (data, "bytes"),
        (Blob(data, "-"), "-"),
        (gradient(), "image"),
        (np.asarray(gradient()), "array"),
    ]
    for source, name in sources:
        assert source_name(source) == name
        with open_document(source) as document:
            assert document.name == name


def test_an_rgb_array_is_not_copied() -> None:
    array = np.asarray(gradient())
    assert decode(array) is array


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.full((4, 6), 7, np.uint8), (7, 7, 7)),
        (np.full((4, 6, 1), 7, np.uint8), (7, 7, 7)),
        (np.full((4, 6, 4), (1, 2, 3, 255), np.uint8), (1, 2, 3)),
        (np.full((6, 4, 3), (1, 2, 3), np.uint8).transpose(1, 0, 2), (1, 2, 3)),
        (np.full((4, 6, 3), (1, 2, 3), np.uint8)[:, :, ::-1], (3, 2, 1)),
    ],
    ids=["grey", "one channel", "rgba", "transposed", "reversed"],
)
def test_arrays_become_rgb(array: NDArray[np.uint8], expected: tuple[int, ...]) -> None:
    image = decode(array)
    assert image.shape == (4, 6, 3)
    assert image.flags.c_contiguous
    assert mean(image) == expected


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 6, 3), np.float32),
        np.zeros((4, 6, 3), np.uint16),
        np.zeros((4, 6, 2), np.uint8),
        np.zeros((1, 4, 6, 3), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((0, 6, 3), np.uint8),
        np.zeros((4, 0), np.uint8),
    ],
    ids=str,
)
def test_other_arrays_are_refused(array: Any) -> None:
    with pytest.raises(InputError, match="array"):
        open_document(array)


def test_other_types_are_refused() -> None:
    wrong: Any = 7
    with pytest.raises(UsageError, match="int"):
        open_document(wrong)


def test_a_pil_image_is_one_picture_and_is_left_alone() -> None:
    picture = PIL.Image.open(io.BytesIO(animation("GIF")))
    picture.seek(1)
    assert mean(decode(picture)) == (0, 255, 0)
    assert picture.tell() == 1
    picture.close()


# --- orientation ------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(kind: str, orientation: int, mode: str) -> None:
    picture = gradient().convert(mode)
    options = {"quality": 95} if kind != "PNG" else {}
    data = encode(as_stored(picture, orientation), kind, exif=exif(orientation), **options)
    image = decode(data)
    assert image.shape == (48, 64, 3)
    assert image.flags.c_contiguous
    assert np.abs(image.astype(int) - np.asarray(picture.convert("RGB"))).mean() < 4


def test_exif_orientation_of_a_pil_image_is_applied_once() -> None:
    with PIL.Image.open(io.BytesIO(encode(gradient(), exif=exif(6)))) as picture:
        assert decode(picture).shape == (64, 48, 3)
        assert decode(picture).shape == (64, 48, 3)


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_unknown_orientation_leaves_the_picture(value: int) -> None:
    data = encode(gradient(), "JPEG", exif=exif(value))
    assert decode(data).shape == (48, 64, 3)


def test_damaged_exif_costs_nothing() -> None:
    for kind in ("PNG", "WEBP"):
        data = encode(gradient(), kind, exif=b"Exif\0\0II*\0\xff\xff\xff\xff rubbish")
        assert decode(data).shape == (48, 64, 3)


# --- JPEG -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"subsampling": 0}, {"quality": 30}], ids=str
)
@pytest.mark.parametrize("size", [(64, 48), (61, 37), (1, 1), (3, 200)])
def test_jpeg_pixels_are_those_of_pillow(
    mode: str, options: dict[str, Any], size: tuple[int, int]
) -> None:
    data = encode(gradient(*size).convert(mode), "JPEG", **options)
    with PIL.Image.open(io.BytesIO(data)) as picture:
        expected = np.asarray(picture.convert("RGB"))
    np.testing.assert_array_equal(decode(data), expected)
    np.testing.assert_array_equal(decode(data + b"trailing"), expected)


def test_a_jpeg_without_its_end_goes_to_the_decoder_that_notices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def imdecode(*_: object) -> None:
        pytest.fail("some releases of OpenCV fill what is missing with grey")

    monkeypatch.setattr(cv2, "imdecode", imdecode)
    with pytest.raises(InputError, match="truncated"):
        decode(encode(gradient(), "JPEG")[:-40])


def test_a_frame_that_turns_transparent_when_it_is_decoded() -> None:
    data = bytearray(animation("GIF"))
    second = data.index(b"\x2c", data.index(b"\x2c") + 1)
    data[second + 1] = 1  # one to the right: the canvas grows, and has a column without colour
    with open_document(bytes(data)) as document:
        assert document.image(1).shape == (12, 17, 3)


def test_what_a_phone_adds_behind_a_jpeg_is_no_page() -> None:
    data = encode(gradient(), "MPO", save_all=True, append_images=[gradient(8, 8)])
    assert decode(data).shape == (48, 64, 3)


# --- modes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("CMYK", "TIFF"), ("RGBX", "TIFF"), ("P", "PNG"), ("P", "BMP")],
)
def test_colours_survive_every_mode(mode: str, kind: str) -> None:
    picture = PIL.Image.new("RGB", (20, 10), (200, 40, 90))
    assert mean(decode(encode(picture.convert(mode), kind))) == pytest.approx((200, 40, 90), abs=3)


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "HSV", "RGBX", "P", "RGBA"])
def test_colours_of_a_pil_image_survive(mode: str) -> None:
    picture = PIL.Image.new("RGB", (20, 10), (200, 40, 90))
    assert mean(decode(picture.convert(mode))) == pytest.approx((200, 40, 90), abs=3)


def test_an_inverted_adobe_cmyk_jpeg_is_not_a_negative() -> None:
    picture = PIL.Image.new("RGB", (32, 32), (250, 250, 250))
    picture.paste((200, 20, 20), (0, 0, 32, 16))
    data = encode(picture.convert("CMYK"), "JPEG", quality=95)
    assert b"Adobe" in data
    image = decode(data)
    assert mean(image[20:]) == pytest.approx((250, 250, 250), abs=4)
    assert mean(image[:12]) == pytest.approx((200, 20, 20), abs=8)


def test_lab_and_hsv_images_keep_their_lightness() -> None:
    for mode in ("LAB", "HSV"):
        picture = PIL.Image.new(mode, (20, 10), (0, 0, 0))
        assert mean(decode(picture)) == (0, 0, 0)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM", "BMP"])
def test_one_bit_is_black_and_white(kind: str) -> None:
    picture = PIL.Image.new("1", (20, 10), 1)
    picture.paste(0, (0, 0, 10, 10))
    image = decode(encode(picture, kind))
    assert mean(image[:, :10]) == (0, 0, 0)
    assert mean(image[:, 10:]) == (255, 255, 255)


def test_grey_becomes_three_equal_channels() -> None:
    picture = gradient().convert("L")
    np.testing.assert_array_equal(decode(encode(picture)), grey(np.asarray(picture)))


# --- depth ------------------------------------------------------------------------------------


def _ramp(top: int, dtype: Any = np.uint16) -> NDArray[Any]:
    values: NDArray[Any] = np.linspace(0, top, 256).round().astype(dtype).reshape(16, 16)
    return values


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_sixteen_bits_are_scaled_not_clipped(kind: str) -> None:
    image = decode(encode(PIL.Image.fromarray(_ramp(65535)), kind))
    np.testing.assert_array_equal(image, grey(np.arange(256, dtype=np.uint8).reshape(16, 16)))


def test_sixteen_bits_in_the_other_byte_order() -> None:
    image = decode(PIL.Image.frombytes("I;16B", (16, 16), _ramp(65535, ">u2").tobytes()))
    np.testing.assert_array_equal(image, grey(np.arange(256, dtype=np.uint8).reshape(16, 16)))


def test_a_dark_sixteen_bit_picture_stays_dark() -> None:
    image = decode(encode(PIL.Image.fromarray(_ramp(32768))))
    assert image.max() == 128


def test_twelve_bits_in_sixteen_are_seen() -> None:
    assert decode(encode(PIL.Image.fromarray(_ramp(4095)), "TIFF")).max() == 255


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_sixteen_bit_colour_is_scaled(suffix: str) -> None:
    array = np.empty((10, 20, 3), np.uint16)
    array[:] = (10 * 257, 100 * 257, 200 * 257)
    data = cv2.imencode(suffix, array)[1].tobytes()
    assert mean(decode(data)) == (200, 100, 10)


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        (np.linspace(0, 1, 256), 0, 255),
        (np.linspace(0, 0.5, 256), 0, 128),
        (np.linspace(-3, 7, 256), 0, 255),
        (np.linspace(0, 3e38, 256), 0, 255),
        (np.zeros(256), 0, 0),
        (np.full(256, 9.0), 0, 0),
    ],
    ids=["unit", "dark", "signed", "enormous", "black", "flat"],
)
def test_float_is_scaled(values: NDArray[np.float64], low: int, high: int) -> None:
    picture = PIL.Image.fromarray(values.astype(np.float32).reshape(16, 16))
    image = decode(encode(picture, "TIFF"))
    assert (image.min(), image.max()) == (low, high)


def test_not_a_number_and_infinity_spoil_nothing_but_themselves() -> None:
    values = np.linspace(0, 1, 256, dtype=np.float32).reshape(16, 16)
    values[0, 0] = np.nan
    image = decode(encode(PIL.Image.fromarray(values), "TIFF"))
    expected = grey(np.arange(256, dtype=np.uint8).reshape(16, 16))
    expected[0, 0] = 1  # the least of the others
    np.testing.assert_array_equal(image, expected)
    values[0, 0] = np.inf
    assert decode(encode(PIL.Image.fromarray(values), "TIFF"))[0, 0, 0] == 255


def test_thirty_two_bit_integers_are_scaled() -> None:
    image = decode(encode(PIL.Image.fromarray(_ramp(2**31 - 1, np.int32)), "TIFF"))
    assert (image.min(), image.max()) == (0, 255)


# --- transparency -----------------------------------------------------------------------------


def _lettering(ink: tuple[int, int, int]) -> PIL.Image.Image:
    """A bar of ink on a transparent page whose hidden colour is that of the ink."""
    picture = PIL.Image.new("RGBA", (40, 20), (*ink, 0))
    picture.paste((*ink, 255), (10, 5, 30, 15))
    return picture


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ((0, 0, 0), (255, 255, 255)),
        ((200, 30, 30), (255, 255, 255)),
        ((255, 255, 255), (0, 0, 0)),
        ((255, 255, 0), (0, 0, 0)),
    ],
    ids=["black", "red", "white", "yellow"],
)
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "palette", "array"])
def test_transparent_pictures_keep_their_text(
    ink: tuple[int, int, int], paper: tuple[int, int, int], kind: str
) -> None:
    picture = _lettering(ink)
    source: ImageSource
    if kind == "array":
        source = np.asarray(picture)
    elif kind == "palette":
        source = encode(picture.quantize(4), "PNG")
    else:
        source = encode(picture, kind, **({"lossless": True} if kind == "WEBP" else {}))
    image = decode(source)
    assert mean(image[6:14, 11:29]) == ink
    assert mean(image[:4]) == paper


def test_half_transparent_pixels_are_mixed() -> None:
    picture = PIL.Image.new("RGBA", (10, 10), (0, 0, 0, 128))
    assert mean(decode(encode(picture))) == (127, 127, 127)


def test_a_fully_transparent_picture_is_white() -> None:
    assert mean(decode(PIL.Image.new("RGBA", (10, 10), (9, 9, 9, 0)))) == (255, 255, 255)


def test_opaque_alpha_changes_nothing() -> None:
    picture = gradient()
    opaque = picture.copy()
    opaque.putalpha(255)
    np.testing.assert_array_equal(decode(encode(opaque)), np.asarray(picture))


def test_grey_with_alpha() -> None:
    image = decode(encode(_lettering((0, 0, 0)).convert("LA")))
    assert mean(image[6:14, 11:29]) == (0, 0, 0)
    assert mean(image[:4]) == (255, 255, 255)


@pytest.mark.parametrize(("mode", "key"), [("L", 7), ("RGB", (7, 7, 7))])
def test_a_transparent_colour(mode: str, key: Any) -> None:
    picture = PIL.Image.new("RGB", (10, 10), (7, 7, 7))
    picture.paste((90, 90, 90), (0, 0, 10, 5))
    image = decode(encode(picture.convert(mode), transparency=key))
    assert mean(image[:5]) == (90, 90, 90)
    assert mean(image[5:]) == (255, 255, 255)


# --- names ------------------------------------------------------------------------------------


def test_printable_names() -> None:
    assert printable("plain ü 文字.png") == "plain ü 文字.png"
    assert printable("no\u202fbreak") == "no\u202fbreak"
    assert printable("line\nbreak\x1b[0m") == "line\\nbreak\\x1b[0m"
    assert printable(os.fsdecode(b"latin-\xe9.png")) == "latin-\\xe9.png"
    assert printable("\ud800") == "\\ud800"
