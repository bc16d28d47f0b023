"""Which pictures share a batch."""

from __future__ import annotations

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from ocrx.networks.batching import group

shapes = st.lists(st.tuples(st.sampled_from([32, 48]), st.integers(1, 60).map(lambda n: 32 * n)))


@given(shapes, st.integers(1, 8), st.integers(1, 500_000) | st.just(inf))
def test_every_picture_is_in_one_group_of_its_own_shape(
    sizes: list[tuple[int, int]], max_batch: int, max_area: float
) -> None:
    groups = group(sizes, max_batch, max_area)
    assert sorted(i for one in groups for i in one.indices) == list(range(len(sizes)))
    for one in groups:
        height, width = one.shape
        members = [sizes[i] for i in one.indices]
        assert len(members) <= max_batch
        assert set(members) == {one.shape}
        if len(members) > 1:
            assert len(members) * height * width <= max_area


@given(shapes, st.integers(1, 8))
def test_the_dearest_comes_first(sizes: list[tuple[int, int]], max_batch: int) -> None:
    areas = [one.area for one in group(sizes, max_batch)]
    assert areas == sorted(areas, reverse=True)


def test_equal_pictures_fill_batches() -> None:
    assert [len(g.indices) for g in group([(48, 320)] * 10, 4)] == [4, 4, 2]


def test_long_pictures_go_alone_where_pixels_are_bounded() -> None:
    assert len(group([(48, 1280)] * 3, 4, 48 * 1280)) == 3
