"""Variants of a crop."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.page.geometry import quad_size, rectangle
from ocrx.page.looks import MOST, looks
from ocrx.page.views import View


@pytest.mark.parametrize(("height", "width"), [(48, 200), (1, 1), (7, 400), (300, 20)])
def test_each_is_a_picture_of_its_quad(height: int, width: int) -> None:
    crop = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    made = looks(View(rectangle(width, height), crop), MOST)
    assert len(made) == MOST
    for view in made:
        assert view.crop.dtype == np.uint8
        assert view.crop.shape[2] == 3
        assert view.crop.size
        across, down = quad_size(view.quad)
        assert across <= width + height + 4
        assert down <= 2 * height + 4
    assert made[0].crop is crop
