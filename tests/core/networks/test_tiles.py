"""Tiles whose kept parts make up the picture."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ocrx.networks.tiles import Limits, grid, stretches

lengths = st.integers(1, 6000)
limits = st.builds(
    lambda area, margin, stride, factor: Limits(area, margin, stride, factor * stride),
    st.integers(60_000, 1_500_000),
    st.sampled_from([32, 64, 96]),
    st.sampled_from([2, 16, 32]),
    st.integers(1, 4),
)


@given(lengths, lengths, limits)
def test_the_kept_parts_are_the_picture_each_place_once(
    height: int, width: int, limits: Limits
) -> None:
    tiles = grid(height, width, limits)
    for length, found in ((height, tiles.rows), (width, tiles.columns)):
        kept = [range(one.keep_start, one.keep_stop) for one in found]
        assert [place for part in kept for place in part] == list(range(length))
        assert {one.length for one in found} == {found[0].length}
        for one in found:
            assert one.start % limits.stride == one.length % limits.stride == 0
            assert 0 <= one.start <= one.keep_start < one.keep_stop <= one.stop
            assert one.stop < length + max(limits.stride, limits.step)


@given(lengths, lengths, limits)
def test_tiles_are_small_and_see_beyond_what_they_keep(
    height: int, width: int, limits: Limits
) -> None:
    tiles = grid(height, width, limits)
    for length, found in ((height, tiles.rows), (width, tiles.columns)):
        slack = limits.margin - limits.stride
        for one in found:
            assert one.keep_start - one.start >= slack or one.start == 0
            assert one.stop - one.keep_stop >= slack or one.keep_stop == length
    smallest = (4 * limits.margin + limits.step) ** 2
    assert tiles.rows[0].length * tiles.columns[0].length <= max(limits.area, smallest)


def test_tiles_are_no_more_than_needed() -> None:
    limits = Limits(area=1_090_000, margin=64, stride=32, step=32)
    assert len(list(grid(720, 1280, limits))) == 1
    assert len(list(grid(2016, 1408, limits))) == 3
    long = grid(15_000, 600, limits)
    assert len(long.columns) == 1
    assert len(long.rows) <= 10


def test_large_pictures_have_tiles_of_few_shapes() -> None:
    limits = Limits(area=1_090_000, margin=64, stride=32, step=128)
    shapes = {
        (tiles.rows[0].length, tiles.columns[0].length)
        for size in range(3000, 6000, 50)
        for tiles in [grid(size, size * 2 // 3, limits)]
    }
    assert len(shapes) <= 16


def test_a_length_shorter_than_a_tile_is_one_stretch() -> None:
    (only,) = stretches(20, 1, 32, 32)
    assert (only.start, only.stop, only.keep_start, only.keep_stop) == (0, 32, 0, 20)
