"""They give what NumPy gives, to the last bit."""

import numpy as np
import pytest

from ocrx.page.quantiles import byte_quantile, lower_median, median, quantile


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 40, 101])
def test_a_quantile_is_that_of_numpy(count: int) -> None:
    values = np.random.default_rng(count).normal(size=count)
    assert median(values) == np.median(values)
    assert lower_median(values) == np.quantile(values, 0.5, method="lower")
    for part in (0.0, 0.1, 0.5, 0.75, 0.9, 0.99, 1.0):
        assert quantile(values, part) == np.quantile(values, part)


@pytest.mark.parametrize("shape", [(1,), (2,), (5, 9), (12, 31)])
def test_a_quantile_of_bytes_is_that_of_numpy(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    for part in (0.0, 0.25, 0.5, 0.95, 0.99, 1.0):
        assert byte_quantile(values, part) == np.quantile(values, part)
