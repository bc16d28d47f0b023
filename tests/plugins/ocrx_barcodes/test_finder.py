"""Bar codes are found: in every format, turned, scaled, several on a page, damaged; and what they
say is whole."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrx.errors import BackendMissing, InputError, UnknownOption
from ocrx.plugins.registry import load_plugins
from ocrx.reading.reader import Reader
from ocrx.testing import FinderContract
from ocrx.types import Image, Item
from ocrx_barcodes.finder import BarcodeFinder
from ocrx_barcodes.settings import BarcodeOptions
from support import codes
from support.codes import GS1, MARGIN, code, moved, page, turned

GTIN = "09501101530003"
LIGHT, DARK = np.array([255, 120, 0]), np.array([0, 120, 255])


def found(image: Image, **options: Any) -> list[Item]:
    (items,) = BarcodeFinder(BarcodeOptions(**options)).find([image])
    assert isinstance(items, list)
    return items


def said(image: Image, **options: Any) -> list[tuple[str, str]]:
    return sorted((item.type, item.value) for item in found(image, **options))


class TestContract(FinderContract):
    def make(self) -> BarcodeFinder:
        return BarcodeFinder(BarcodeOptions())

    def pictures(self) -> list[Image]:
        qr, ean = code("one", "qr-code"), code("4012345678901", "ean-13")
        return [
            page((qr, 20, 30)),
            page((qr, 40, 50), (ean, 300, 100)),
            page(),
            codes.code("A", "aztec"),
        ]

    def expected(self) -> list[list[tuple[str, str]]]:
        both = [("ean-13", "4012345678901"), ("qr-code", "one")]
        return [[("qr-code", "one")], both, [], [("aztec", "A")]]


@pytest.mark.parametrize(
    ("form", "content", "value"),
    [
        ("aztec", "text", "text"),
        ("codabar", "A123456B", "A123456B"),
        ("code-39", "CODE 39", "CODE 39"),
        ("code-93", "CODE93", "CODE93"),
        ("code-128", "Code-128", "Code-128"),
        ("data-matrix", "https://example.org", "https://example.org"),
        ("databar-limited", GTIN, f"(01){GTIN}"),
        ("databar-omni", GTIN, f"(01){GTIN}"),
        ("ean-8", "96385074", "96385074"),
        ("ean-13", "4012345678901", "4012345678901"),
        ("itf", "123456", "123456"),
        ("maxicode", "text", "text"),
        ("micro-qr-code", "text", "text"),
        ("pdf417", "日本 text", "日本 text"),
        ("qr-code", "héllo\nwörld €", "héllo\nwörld €"),
        ("rmqr-code", "text", "text"),
        ("upc-e", "01234565", "0012345000065"),
    ],
)
def test_every_format_is_read_under_its_name(form: str, content: str, value: str) -> None:
    assert said(code(content, form)) == [(form, value)]


@pytest.mark.parametrize(
    "form", ["data-matrix", "code-128", "qr-code", "aztec", "rmqr-code", "databar-expanded"]
)
def test_gs1_codes_tell_their_elements(form: str) -> None:
    (item,) = found(code(GS1, form, gs1=True))
    assert (item.type, item.value, item.score) == (form, GS1, 1.0)
    assert list(item.fields.items()) == [
        ("content", "gs1"),
        ("(01) GTIN", GTIN),
        ("(10) BATCH/LOT", "AB-123"),
        ("(17) USE BY or EXPIRY", "2027-12-31"),
        ("(3103) NET WEIGHT (kg)", "1.250"),
    ]


def test_wrong_gs1_data_are_told_and_kept() -> None:
    (item,) = found(code("(01)09501101530004(17)271231", "data-matrix", gs1=True))
    assert item.fields["(01) GTIN"] == "09501101530004"
    assert "has the check 4, where 3 is right" in item.fields["gs1 error"]
    assert item.score == 1.0


def test_a_plain_code_says_no_more_than_its_value() -> None:
    for content in ("https://example.org/2041", "(01)09501101530003"):
        (item,) = found(code(content, "qr-code"))
        assert (item.value, dict(item.fields)) == (content, {})


def test_a_digital_link_tells_its_elements_and_stays_an_address() -> None:
    link = f"https://id.gs1.org/01/{GTIN}/21/7F3K"
    (item,) = found(code(link, "qr-code"))
    assert item.value == link
    assert item.fields["content"] == "gs1-digital-link"
    assert (item.fields["(01) GTIN"], item.fields["(21) SERIAL"]) == (GTIN, "7F3K")


@settings(max_examples=20)
@given(st.binary(min_size=1, max_size=60), st.sampled_from(["qr-code", "data-matrix", "aztec"]))
def test_no_byte_is_lost(data: bytes, form: str) -> None:
    (item,) = found(code(data, form))
    if "bytes" in item.fields:
        assert bytes.fromhex(item.fields["bytes"]) == data
        assert item.fields["content"] in ("binary", "mixed", "unknown-eci", "iso15434")
    else:
        assert any(item.value.encode(charset, "replace") == data for charset in CHARSETS)


CHARSETS = ("utf-8", "latin-1", "shift_jis", "gb18030", "big5", "cp1252", "iso8859-15")


def test_a_message_of_iso_15434_keeps_its_separators() -> None:
    data = b"[)>\x1e06\x1dPABC\x1e\x04"
    (item,) = found(code(data, "data-matrix"))
    assert (item.fields["content"], item.fields["bytes"]) == ("iso15434", data.hex())


@pytest.mark.parametrize("form", ["qr-code", "data-matrix", "aztec"])
@pytest.mark.parametrize("degrees", [0, 17, 45, 90, 133, 180, 270])
def test_the_quad_turns_with_a_2d_code(form: str, degrees: int) -> None:
    upright = code("https://example.org/2041", form, scale=6)
    (item,) = found(upright)
    picture, matrix = turned(upright, degrees)
    (there,) = found(picture)
    assert there.value == item.value
    assert np.abs(there.quad - moved(item.quad, matrix)).max() < 6
    assert not there.quad.flags.writeable


@pytest.mark.parametrize("form", ["code-128", "pdf417", "databar-expanded"])
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_the_quad_of_other_codes_turns_by_quarters(form: str, quarters: int) -> None:
    upright = code("(10)A-4711" if "databar" in form else "A-4711", form, gs1="databar" in form)
    (item,) = found(upright)
    picture, matrix = turned(upright, 90 * quarters)
    (there,) = found(picture)
    assert there.value == item.value
    assert np.abs(there.quad - moved(item.quad, matrix)).max() < 8


def test_the_quad_is_the_place_of_the_code() -> None:
    (item,) = found(page((code("one", "qr-code", margin=0), 200, 100)))
    assert np.abs(item.quad.min(axis=0) - (212, 112)).max() <= 1  # 4 modules of quiet zone
    assert np.abs(item.quad.max(axis=0) - (275, 175)).max() <= 1


@pytest.mark.parametrize("scale", [2, 5, 20])
def test_codes_are_found_in_any_size(scale: int) -> None:
    assert said(code("text", "data-matrix", scale=scale)) == [("data-matrix", "text")]


def test_many_codes_on_a_page_are_all_found() -> None:
    placed = [(code(f"LOT {n}", "qr-code"), 140 * (n % 6), 140 * (n // 6)) for n in range(24)]
    assert said(page(*placed, height=700)) == sorted(("qr-code", f"LOT {n}") for n in range(24))


def test_equal_codes_in_two_places_are_two() -> None:
    """They stand no farther apart than the standard asks for."""
    one = code("same", "data-matrix", margin=0)
    assert len(found(page((one, 50, 50), (one, 50, 50 + one.shape[0])))) == 2


def test_a_code_that_is_read_both_ways_is_there_once() -> None:
    """At 45 degrees zxing-cpp reads this one along rows and along columns."""
    picture, _ = turned(code(GTIN, "databar-omni"), 45)
    assert [value for _, value in said(picture)] == [f"(01){GTIN}"]


def test_light_codes_on_dark_are_found_unless_that_is_not_wanted() -> None:
    dark = 255 - code("text", "qr-code")
    assert said(dark) == [("qr-code", "text")]
    assert said(dark, try_invert=False) == []


def test_codes_on_their_side_are_found_unless_that_is_not_wanted() -> None:
    picture, _ = turned(code("4012345678901", "ean-13"), 90)
    assert said(picture) == [("ean-13", "4012345678901")]
    assert said(picture, try_rotate=False) == []


def test_a_single_drawn_code_is_read_as_such() -> None:
    image = code("text", "data-matrix", margin=0)
    assert said(image, is_pure=True, binarizer="fixed-threshold") == [("data-matrix", "text")]
    assert said(image, binarizer="global-histogram", try_downscale=False) == said(image)


def test_only_the_formats_asked_for_are_found() -> None:
    picture = page((code("one", "qr-code"), 0, 0), (code("4012345678901", "ean-13"), 400, 0))
    assert said(picture, formats="ean-13") == [("ean-13", "4012345678901")]
    assert said(picture, formats="all-matrix") == [("qr-code", "one")]
    assert len(said(picture, formats="QRCode, EAN-13")) == 2
    upc = code("012345678905", "upc-a")
    assert said(upc, formats="upc-a") == [("upc-a", "0012345678905")]


def test_an_unknown_format_is_told_with_the_known_ones() -> None:
    with pytest.raises(UnknownOption, match="databar-expanded-stacked") as told:
        found(page(), formats="ean-13,qr-coed")
    assert "'qr-coed'" in told.value.message
    assert "all-gs1" in told.value.remedy


def test_what_stands_beside_an_ean_is_read_if_asked_for() -> None:
    picture = code("4012345678901+51234", "ean-13")
    assert said(picture) == [("ean-13", "4012345678901")]
    (item,) = found(picture, ean_add_on="read")
    assert (item.value, item.fields["add-on"]) == ("401234567890151234", "51234")
    assert found(code("4012345678901", "ean-13"), ean_add_on="require") == []


def test_a_upc_e_tells_its_printed_digits_too() -> None:
    (item,) = found(code("01234565", "upc-e"))
    assert item.fields["upc-e"] == "01234565"


def damaged() -> Image:
    image = code("https://example.org/damaged", "qr-code", scale=5, margin=MARGIN)
    image[70:130, 90:140] = 255
    return image


def test_a_code_that_cannot_be_read_is_told() -> None:
    picture = page((damaged(), 0, 0), (code("whole", "qr-code"), 400, 0))
    bad, good = sorted(found(picture), key=lambda item: item.score)
    assert (bad.type, bad.value, bad.score, bad.fields["error"]) == ("qr-code", "", 0.0, "checksum")
    assert bad.quad[0, 0] < 100
    assert (good.value, good.score) == ("whole", 1.0)
    assert said(picture, return_errors=False) == [("qr-code", "whole")]


def test_light_damage_is_repaired() -> None:
    image = code("https://example.org/damaged", "qr-code", scale=5, ec_level="H")
    image[100:110, 100:110] = 255
    assert said(image) == [("qr-code", "https://example.org/damaged")]


def test_pictures_that_lie_oddly_in_memory_are_read() -> None:
    image = code("text", "qr-code")
    mirrored_twice = np.ascontiguousarray(image[:, ::-1])[:, ::-1]
    for odd in (mirrored_twice, np.asfortranarray(image), page((image, 50, 50))[20:, 20:]):
        assert said(odd) == [("qr-code", "text")]


def test_colours_are_taken_for_rgb() -> None:
    """Blue on yellow has contrast only where the two are not mistaken for each other's channels."""
    mask = code("text", "qr-code")[..., :1] > 127
    picture = np.where(mask, LIGHT, DARK).astype(np.uint8)
    assert said(picture) == [("qr-code", "text")]


def test_a_picture_too_long_to_be_searched_costs_only_itself() -> None:
    long = np.full((2, 70000, 3), 255, np.uint8)
    error, items = BarcodeFinder(BarcodeOptions()).find([long, code("text", "qr-code")])
    assert isinstance(error, InputError)
    assert "70000 x 2" in str(error)
    assert isinstance(items, list)
    assert items[0].value == "text"


def test_pages_are_searched_at_once_and_stay_in_order() -> None:
    pages = [code(f"LOT {n}", "qr-code") for n in range(12)]
    for threads in (1, 3, None):
        results = BarcodeFinder(BarcodeOptions(), threads).find(pages)
        values = [item.value for items in results if isinstance(items, list) for item in items]
        assert values == [f"LOT {n}" for n in range(12)]


def test_without_its_library_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    with pytest.raises(BackendMissing, match=r"pip install 'ocrx\[barcodes\]'"):
        BarcodeFinder(BarcodeOptions())


def test_a_reader_finds_codes_without_opening_a_model() -> None:
    picture = page((code(GS1, "data-matrix", gs1=True), 100, 100))
    with Reader(recognizer="none", finders=["barcodes"], registry=load_plugins()) as reader:
        read = reader.read(picture)
    assert [item.value for item in read.items] == [GS1]
    assert [(used.task, used.backend) for used in read.used] == [("finding", "zxing-cpp")]
    assert read.lines == ()
