"""The detection half of PP-OCR: which size, which numbers go in, which boxes come out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx.artifacts import Axis
from ocrx.errors import UnknownOption, without_errors
from ocrx.interfaces.components import Component, Detector
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.plugins.options import make_options
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.types import Region
from ocrx.weights.store import Store
from ocrx_paddleocr.catalogue import parameters, specs
from ocrx_paddleocr.detection import STRIDE, PaddleDetection
from ocrx_paddleocr.settings import DetectionOptions
from support.labels import label

SPEC = specs("detection")["v6-small"]
KNOWN = parameters("detection", "v6-small")
sides = st.integers(1, 20_000)


def model(**options: float) -> PaddleDetection:
    return PaddleDetection(SPEC, KNOWN, make_options(DetectionOptions, options, "detector"))


@given(sides, sides, st.integers(32, 4096), st.integers(1, 2000), st.floats(1, 8))
def test_the_size_fits_the_network_and_the_options(
    height: int, width: int, max_side: int, min_side: int, max_enlarge: float
) -> None:
    found = model(max_side=max_side, min_side=min_side, max_enlarge=max_enlarge).shape(
        height, width
    )
    for side, axis in zip(found, SPEC.shapes["x"][2:], strict=True):
        assert isinstance(axis, Axis)
        assert side % STRIDE == 0
        assert axis.minimum <= side <= min(max_side, axis.maximum)


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [
        (720, 1280, (704, 1280)),  # as it is, in multiples of 32
        (4000, 6000, (1344, 2016)),  # reduced to max_side
        (320, 500, (640, 992)),  # enlarged to min_side
        (40, 400, (160, 1600)),  # enlarged no more than four times
        (40, 20_000, (32, 2016)),  # a strip
        (1, 1, (32, 32)),
    ],
)
def test_pages_are_neither_small_nor_large(
    height: int, width: int, expected: tuple[int, int]
) -> None:
    assert model().shape(height, width) == expected


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [
        (720, 1280, (640, 1152)),  # down to min_side
        (1080, 1920, (928, 1632)),  # not far below its size
        (4000, 6000, (1344, 2016)),  # reduced to max_side anyway
        (640, 640, (640, 640)),
        (320, 500, (640, 992)),  # enlarged as ever
    ],
)
def test_a_page_without_small_print_is_seen_somewhat_smaller(
    height: int, width: int, expected: tuple[int, int]
) -> None:
    assert model().sparse_shape(height, width) == expected


@given(sides, sides, st.integers(32, 4096), st.integers(1, 2000), st.floats(1, 8))
def test_no_page_grows_for_want_of_small_print(
    height: int, width: int, max_side: int, min_side: int, max_enlarge: float
) -> None:
    detection = model(max_side=max_side, min_side=min_side, max_enlarge=max_enlarge)
    usual, sparse = detection.shape(height, width), detection.sparse_shape(height, width)
    assert all(0 < small <= side for small, side in zip(sparse, usual, strict=True))
    assert all(side % STRIDE == 0 for side in sparse)


def test_pixels_are_normalised_channel_by_channel() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    batch = model().encode([picture], (64, 96))
    ordered = picture[:, :, ::-1] if KNOWN.channels == "BGR" else picture
    expected = (ordered / 255 - KNOWN.mean) / KNOWN.std
    (tensor,) = batch.feeds.values()
    assert tensor.dtype == np.float32
    assert tensor.shape == (1, 3, 64, 96)
    assert np.allclose(tensor[0], expected.transpose(2, 0, 1), atol=1e-5)
    assert list(batch.context) == [(64, 96)]


def test_boxes_are_in_the_pixels_of_the_picture() -> None:
    probability = np.zeros((1, 1, 64, 96), dtype=np.float32)
    probability[0, 0, 20:40, 30:70] = 0.9
    detection = model(unclip_ratio=0)
    batch = detection.encode([np.zeros((640, 480, 3), dtype=np.uint8)], (64, 96))
    ((region,),) = detection.decode({"y": probability}, batch)
    assert region.quad == pytest.approx(
        np.array([[150, 200], [350, 200], [350, 400], [150, 400]]), abs=11
    )


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("max_side", 0),
        ("max_side", 100_000),
        ("min_side", 0),
        ("threshold", 1.5),
        ("box_threshold", float("nan")),
        ("unclip_ratio", -1),
        ("max_enlarge", 0),
    ],
)
def test_options_that_make_no_sense_are_refused(option: str, value: float) -> None:
    with pytest.raises(UnknownOption, match=option):
        model(**{option: value})


@pytest.fixture(scope="module")
def detector() -> Iterator[Component]:
    assembly = Assembly(load_plugins(), Store(offline=True))
    with assembly.component("detector", "paddle", "auto", SessionOptions()) as detector:
        yield detector


@pytest.mark.slow
def test_a_page_in_tiles_is_seen_as_a_whole(
    detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines across the edge of a tile, too, are found once and in one piece."""
    page = label([f"LINE {n:02} OF A PAGE" for n in range(20)], (640, 1240))
    [whole] = without_errors(detector.detect([page]))
    monkeypatch.setattr(PaddleDetection, "tile_area", 300_000)
    [tiles] = without_errors(detector.detect([page]))
    assert len(whole) == len(tiles) == 20

    def by_place(regions: list[Region]) -> list[Region]:
        return sorted(regions, key=lambda region: float(region.quad[:, 1].mean()))

    for one, other in zip(by_place(whole), by_place(tiles), strict=True):
        assert one.quad == pytest.approx(other.quad, abs=6)
