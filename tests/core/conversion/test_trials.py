"""Inputs on which a converted network is compared with the original."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ocrx.conversion.trials import saved, trial


@pytest.mark.parametrize("shape", [(2, 3, 48, 320), (1, 1, 7, 5), (2, 4), (1, 4, 8, 8)])
def test_it_has_the_shape_and_the_range(shape: tuple[int, ...]) -> None:
    values = trial(shape, np.random.default_rng(0))
    assert values.shape == shape
    assert values.dtype == np.float32
    assert np.abs(values).max() <= 1


def test_print_has_blank_rows_and_differs_from_picture_to_picture() -> None:
    first, second = trial((2, 3, 64, 64), np.random.default_rng(0))
    assert set(np.unique(first)) == {-1, 1}
    assert (first == 1).all(axis=(0, 2)).any()
    assert not np.array_equal(first, second)


def test_feeds_are_saved_for_as_long_as_they_are_used() -> None:
    feeds = {"x": np.arange(3, dtype=np.float32)}
    with saved([feeds, feeds]) as paths:
        assert len(paths) == 2
        with np.load(paths[1]) as found:
            assert found["x"].tolist() == [0, 1, 2]
    assert not Path(paths[0]).exists()
