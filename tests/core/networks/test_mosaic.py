"""Maps of tiles make up the map of the picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx.networks.mosaic import Mosaic
from ocrx.networks.tiles import Limits, grid

LIMITS = Limits(area=64 * 64, margin=8, stride=8, step=16)


@given(st.integers(1, 120), st.integers(1, 120), st.sampled_from([1, 2, 4]), st.integers(0, 9))
def test_tiles_of_a_map_make_up_the_map(height: int, width: int, stride: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    whole = random.random((2, -(-height // stride), -(-width // stride)), dtype=np.float32)
    padded = np.pad(whole, ((0, 0), (0, 64), (0, 64)))
    mosaic = Mosaic(width)
    tiles = grid(height, width, LIMITS)
    for rows in tiles.rows:
        for columns in tiles.columns:
            part = padded[
                :,
                rows.start // stride : rows.stop // stride,
                columns.start // stride : columns.stop // stride,
            ]
            mosaic.add({"map": part}, rows, columns)
    assert mosaic.bottom == height
    assert np.array_equal(mosaic.above(height)["map"], whole)


@pytest.mark.parametrize("stride", [1, 2])
def test_what_is_done_is_forgotten_and_the_rest_is_kept(stride: int) -> None:
    mosaic = Mosaic(64)
    (rows,), (columns,) = (getattr(grid(64, 64, LIMITS), name) for name in ("rows", "columns"))
    mosaic.add({"map": np.ones((1, 64 // stride, 64 // stride), np.float32)}, rows, columns)
    done = np.array([[0, 0], [20, 0], [20, 48], [0, 48]], np.float32)
    mosaic.forget(32, [done])
    assert mosaic.top == 32
    left = mosaic.above(64)["map"][0]
    assert left.shape == (32 // stride, 64 // stride)
    assert not left[: 16 // stride, : 20 // stride].any()
    assert left[:, 24 // stride :].all()
    assert left[20 // stride :].all()
