"""Values of more than 8 bits that use little of the range they could."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from ocrx.images.depth import eight_bits, used_range
from ocrx.images.opening import open_document
from support.samples import encode


def page(low: float, high: float, dtype: Any = np.uint16) -> NDArray[Any]:
    """Paper of the value `high` with a bar of ink of the value `low`."""
    values = np.full((40, 60), high, dtype)
    values[10:20, 10:50] = low
    return values


def read(data: bytes | PIL.Image.Image) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    with open_document(data) as document:
        raster = document.page(0)
    return raster.image, raster.notes


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM", "pil"])
@pytest.mark.parametrize(("low", "high"), [(30000, 32000), (100, 140), (65000, 65535), (0, 255)])
def test_sixteen_bits_that_use_little_of_their_range_are_stretched(
    kind: str, low: int, high: int
) -> None:
    picture = PIL.Image.fromarray(page(low, high))
    image, notes = read(picture if kind == "pil" else encode(picture, kind))
    assert (image.min(), image.max()) == (0, 255)
    assert image[15, 30].tolist() == [0, 0, 0]
    assert notes == (f"its values lie between {low} and {high}; they were stretched to full range",)


@pytest.mark.parametrize(("low", "high"), [(0.4, 0.45), (1e-4, 3e-4)])
def test_floats_that_use_little_of_their_range_are_stretched(low: float, high: float) -> None:
    image, notes = read(encode(PIL.Image.fromarray(page(low, high, np.float32)), "TIFF"))
    assert (image.min(), image.max()) == (0, 255)
    assert len(notes) == 1


def test_thirty_two_bits_that_use_little_of_their_range_are_stretched() -> None:
    image, _ = read(
        encode(PIL.Image.fromarray(page(2_000_000_000, 2_000_050_000, np.int32)), "TIFF")
    )
    assert (image.min(), image.max()) == (0, 255)


@pytest.mark.parametrize(("low", "high"), [(0, 65535), (10000, 40000), (0, 4095), (500, 3000)])
def test_what_uses_enough_of_its_range_is_left_alone(low: int, high: int) -> None:
    top = 4095 if high <= 4095 else 65535
    image, notes = read(encode(PIL.Image.fromarray(page(low, high)), "TIFF"))
    assert (image.min(), image.max()) == (round(low * 255 / top), round(high * 255 / top))
    assert notes == ()


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_colours_of_sixteen_bits_that_use_little_of_their_range_are_stretched(
    suffix: str, alpha: bool
) -> None:
    channels = [page(30000, 32000), page(31000, 32000), page(30500, 32000)]
    values = np.dstack([*channels, *[page(65535, 65535)] * alpha])
    image, notes = read(cv2.imencode(suffix, values)[1].tobytes())
    assert image[30, 30].tolist() == [255, 255, 255]
    np.testing.assert_allclose(image[15, 30], [63.75, 127.5, 0], atol=1)  # OpenCV: blue first
    assert notes == ("its values lie between 30000 and 32000; they were stretched to full range",)


def framed(border: int, *, tilted: bool = False, colours: bool = False) -> NDArray[np.uint16]:
    """A page that uses little of its range, on a table of another shade."""
    values = np.full((200, 300, 3) if colours else (200, 300), border, np.uint16)
    corners = [[40, 60], [270, 20], [280, 130], [50, 170]] if tilted else [[4, 0], [299, 199]]
    paper, ink = [20900] * values.ndim, [20000] * values.ndim
    if tilted:
        cv2.fillPoly(values, [np.array(corners)], paper)
    else:
        cv2.rectangle(values, corners[0], corners[1], paper, -1)
    cv2.rectangle(values, (110, 85), (200, 92), ink, -1)
    values += np.random.default_rng(1).integers(0, 200, values.shape, np.uint16)
    values[5, 7] = 65535
    return values


@pytest.mark.parametrize("colours", [False, True])
@pytest.mark.parametrize(("border", "tilted"), [(0, False), (65000, True), (0, True)])
def test_a_border_does_not_keep_a_page_from_being_stretched(
    border: int, tilted: bool, colours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = framed(border, tilted=tilted, colours=colours)
    image, notes = read(cv2.imencode(".png", values)[1].tobytes())
    assert image[88, 150].max() < 60
    assert image[110, 150].min() > 200
    assert len(set(image[100:105, 1].ravel().tolist())) == 1  # the border
    assert notes[0].startswith("inside its border, its values lie between 200")
    monkeypatch.setattr("ocrx.images.depth._SAMPLE", 1000)
    monkeypatch.setattr("ocrx.images.depth._CHUNK", 20_000)
    assert read(cv2.imencode(".png", values)[1].tobytes())[1][0][:50] == notes[0][:50]


def test_what_is_dark_or_bright_within_a_page_is_no_border() -> None:
    values = np.full((200, 300), 60000, np.uint16)
    values += np.random.default_rng(1).integers(0, 500, values.shape, np.uint16)
    values[:, :20] = 100
    values[80:90, 100:200] = 5000
    image, notes = read(encode(PIL.Image.fromarray(values), "PNG"))
    assert notes == ()
    np.testing.assert_array_equal(image[..., 0], np.rint(values / 257))


@pytest.mark.parametrize("unknown", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_has_no_say(unknown: float) -> None:
    values = page(0.2, 0.21, np.float32)
    values[30:, :5] = unknown
    image, _ = read(encode(PIL.Image.fromarray(values), "TIFF"))
    assert image[15, 30].tolist() == [0, 0, 0]
    assert image[25, 30].tolist() == [255, 255, 255]
    values[:] = unknown
    assert read(encode(PIL.Image.fromarray(values), "TIFF"))[0].max() == 0


def test_dead_and_hot_pixels_are_overlooked() -> None:
    values = page(30000, 32000)
    values[3, 3], values[30, 41] = 0, 65535
    image, _ = read(encode(PIL.Image.fromarray(values), "TIFF"))
    assert image[15, 30].tolist() == [0, 0, 0]
    assert image[25, 30].tolist() == [255, 255, 255]


@settings(max_examples=50, deadline=None)
@given(
    arrays.arrays(
        st.sampled_from([np.uint16, np.int32, np.float32]),
        arrays.array_shapes(min_dims=2, max_dims=2, max_side=6),
    )
)
def test_any_values_keep_their_order(values: NDArray[Any]) -> None:
    scaled, _ = eight_bits(values)
    assert scaled.shape == values.shape
    known = np.where(np.isnan(values), -np.inf, values)
    order = np.argsort(known.ravel(), kind="stable")
    assert (np.diff(scaled.ravel()[order].astype(int)) >= 0).all()


def test_a_large_picture_is_scaled_as_a_small_one(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.arange(600, dtype=np.uint16).reshape(20, 30) * 7
    whole, _ = eight_bits(values)
    monkeypatch.setattr("ocrx.images.depth._CHUNK", 70)
    np.testing.assert_array_equal(eight_bits(values)[0], whole)


def test_the_range_of_a_single_pixel_or_row() -> None:
    assert used_range(np.array([[7]])) == (7, 7)
    assert used_range(np.array([[7, 9]])) == (7, 9)
    assert used_range(np.array([[3, 3, 9, 5, 5]])) == (3, 5)
