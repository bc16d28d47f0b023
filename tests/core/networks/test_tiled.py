"""Large pictures are seen in tiles as if they were seen whole, and small print is looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ocrx.networks.tiled as module
from ocrx.page.geometry import quad_size
from ocrx.types import Image, Region, Tensor
from support.maptoy import StrokeModel, detector

Box = tuple[int, int, int, int]


def page(height: int, width: int, boxes: Sequence[Box]) -> Image:
    """White, with boxes (left, top, right, bottom) of upright strokes, every second one dashed."""
    image = np.full((height, width, 3), 255, np.uint8)
    for left, top, right, bottom in boxes:
        for x in range(left, right, 10):
            image[top:bottom, x : min(x + 2, right)] = 0
            image[top:bottom:3, x + 5 : max(x + 5, min(x + 7, right))] = 0
    return image


def ends(regions: Sequence[Region]) -> list[list[float]]:
    found = [[*region.quad.min(axis=0), *region.quad.max(axis=0)] for region in regions]
    return sorted(found, key=lambda box: (box[1], box[0]))


@st.composite
def columns_of_lines(draw: st.DrawFn) -> tuple[int, int, list[Box]]:
    """A page of two columns, or of lines that run across it all, at any height."""
    height, width = draw(st.integers(20, 900)), draw(st.integers(40, 900))
    boxes: list[Box] = []
    top = draw(st.integers(0, 12))
    while top + 9 <= height:
        across = draw(st.booleans())
        middle = draw(st.integers(width // 3, width // 2))
        parts = [(0, width)] if across else [(0, middle - 14), (middle + 14, width)]
        boxes += [(left, top, right, top + 8) for left, right in parts if right - left > 40]
        top += draw(st.integers(16, 60))
    return height, width, boxes


@settings(max_examples=40, deadline=None)
@given(columns_of_lines(), st.booleans(), st.booleans())
def test_tiles_find_what_the_whole_does(
    drawn: tuple[int, int, list[Box]], half: bool, down: bool
) -> None:
    """Lines on seams, across several tiles, at the very edge: each once and whole."""
    height, width, boxes = drawn
    image = page(height, width, boxes)
    if down:
        image = np.ascontiguousarray(image.transpose(1, 0, 2))
    model = StrokeModel(half=half)
    tiled, session = detector(model)
    [found] = tiled.detect([image])
    model.tile_area = 10**9
    whole, _ = detector(model)
    assert ends(found) == ends(whole.detect([image])[0])
    if not down and not half:
        assert len(found) == len(boxes)
    assert max(h * w for h, w in session.shapes) <= 200 * 200


@settings(max_examples=25, deadline=None)
@given(columns_of_lines(), st.integers(1_000, 40_000))
def test_bands_find_what_the_whole_does(drawn: tuple[int, int, list[Box]], band: int) -> None:
    height, width, boxes = drawn
    image = page(height, width, boxes)
    [expected] = detector(StrokeModel())[0].detect([image])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BAND_PIXELS", band)
        [found] = detector(StrokeModel())[0].detect([image])
    assert len(found) == len(expected)
    if found:
        off = np.abs(np.array(ends(found))[:, None] - np.array(ends(expected)))
        assert sorted(np.argwhere((off <= 2).all(axis=2))[:, 1].tolist()) == [*range(len(found))]


def test_small_print_is_found_where_it_is_and_nothing_else_is_looked_at() -> None:
    """Reduced four times nothing is left of the strokes, but the large bar is seen."""
    boxes = [(1000, 1203, 1300, 1213), (40, 1300, 200, 1310), (700, 30, 790, 40)]
    image = page(1600, 1600, boxes)
    image[400:600, 200:1200] = 0
    tiled, session = detector(StrokeModel(longest=400))
    [found] = tiled.detect([image])
    small = sorted(found, key=lambda region: quad_size(region.quad)[1])[:3]
    assert len(found) == 4
    for box, end in zip(sorted(boxes, key=lambda b: b[1]), ends(small), strict=True):
        assert end == pytest.approx(box, abs=9)
    looks = len(session.shapes)
    tiled, session = detector(StrokeModel(longest=400))
    image = page(1600, 1600, [])
    image[400:600, 200:1200] = 0
    assert len(tiled.detect([image])[0]) == 1
    assert len(session.shapes) < looks


@pytest.mark.parametrize("left", range(100, 800, 90))
def test_a_line_beside_small_print_stays_whole(left: int) -> None:
    """The tiles that hold the small print end within the line, which was seen before."""
    image = page(1600, 1600, [(left, 560, left + 160, 570)])
    image[420:460, left : left + 800] = 0
    found = ends(detector(StrokeModel(longest=400))[0].detect([image])[0])
    assert len(found) == 2
    assert found[0][::2] == pytest.approx((left, left + 800), abs=20)


@pytest.mark.parametrize("top", range(380, 400, 4))
def test_a_line_above_small_print_stays_as_high(top: int) -> None:
    """The tile that holds the small print begins within the line."""
    image = page(1600, 1600, [(300, 560, 460, 570)])
    image[top : top + 40, 200:600] = 0
    found = ends(detector(StrokeModel(longest=400))[0].detect([image])[0])
    assert len(found) == 2
    assert found[0][1::2] == pytest.approx((top, top + 40), abs=20)


class Saving(StrokeModel):
    """Content with half the size where there is no small print."""

    def sparse_shape(self, height: int, width: int) -> tuple[int, int]:
        return self.shape(height // 2, width // 2)


def test_a_page_without_small_print_is_seen_in_the_size_for_such_pages() -> None:
    image = page(160, 160, [])
    image[40:100, 20:140] = 0
    tiled, session = detector(Saving())
    assert ends(tiled.detect([image])[0])[0] == pytest.approx([20, 40, 140, 100], abs=40)
    assert session.shapes == [(80, 80)]
    tiled, session = detector(Saving())
    lines = [(0, top, 160, top + 8) for top in range(0, 150, 16)]
    assert len(tiled.detect([page(160, 160, lines)])[0]) == len(lines)
    assert session.shapes == [(160, 160)]


def test_a_page_with_blank_margins_is_seen_in_the_usual_size() -> None:
    image = page(900, 900, [(500, 400, 700, 412)])
    (saving, looks), (usual, expected) = detector(Saving()), detector(StrokeModel())
    assert ends(saving.detect([image])[0]) == ends(usual.detect([image])[0])
    assert looks.shapes == expected.shapes


def test_maps_hold_no_more_than_what_lies_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small print at both ends of a picture does not make a map of all that is between."""
    boxes = [(40, 12, 200, 22), (1700, 3900, 1900, 3910)]
    areas: list[int] = []
    regions = StrokeModel.regions

    def watched(
        model: StrokeModel, maps: Mapping[str, Tensor], size: tuple[int, int]
    ) -> list[Region]:
        areas.append(maps["y"].size)
        return regions(model, maps, size)

    monkeypatch.setattr(StrokeModel, "regions", watched)
    found = detector(StrokeModel(longest=400))[0].detect([page(4000, 2000, boxes)])[0]
    for box, end in zip(boxes, ends(found), strict=True):
        assert end == pytest.approx(box, abs=12)
    assert max(areas) <= 400 * 2000


@pytest.mark.parametrize("shape", [(300, 4000), (4000, 300), (9, 2500), (1500, 1500)])
def test_long_pictures_are_read_to_their_ends(shape: tuple[int, int]) -> None:
    height, width = shape
    tops = range(0, height - 8, 24)
    image = page(height, width, [(0, top, width, top + 8) for top in tops])
    tiled, _ = detector(StrokeModel(longest=400))
    found = ends(tiled.detect([image])[0])
    assert len(found) == len(tops)
    for end, top in zip(found, tops, strict=True):
        assert end == pytest.approx((0, top, width, top + 8), abs=12)


def test_blank_and_tiny_pictures_have_nothing() -> None:
    tiled, _ = detector(StrokeModel(longest=64))
    blank = [np.full((h, w, 3), 255, np.uint8) for h, w in ((1, 1), (1, 900), (700, 3), (500, 500))]
    assert tiled.detect(blank) == [[]] * 4


def test_blank_margins_are_not_searched_and_places_are_those_of_the_page() -> None:
    boxes = [(500, 400, 700, 412), (500, 440, 640, 452)]
    tiled, session = detector(StrokeModel())
    [found] = tiled.detect([page(900, 900, boxes)])
    assert ends(found) == [pytest.approx(box, abs=4) for box in boxes]
    assert sum(h * w for h, w in session.shapes) < 0.25 * 900 * 900


def test_memory_is_given_back_after_large_pages_of_sizes_that_do_not_recur() -> None:
    model = StrokeModel()
    model.large_area = 40_000
    tiled, session = detector(model)

    def released(height: int, width: int) -> bool:
        before = session.released
        tiled.detect([page(height, width, [(0, 0, width, height)])])
        return session.released > before

    camera, small, large, others = (160, 160), (96, 96), (240, 240), range(104, 104 + 8 * 8, 8)
    assert [released(*size) for size in (camera, camera, small, small)] == [True, *[False] * 3]
    assert [released(*camera) for _ in range(3)] == [False] * 3
    assert [released(*large) for _ in range(2)] == [True, True]
    for side in others:
        released(side, 64)
    assert released(*camera)
