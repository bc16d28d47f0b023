"""What is ink in a strip of a line."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.page.ink import ink


@pytest.mark.parametrize(("paper", "print_"), [(250, 20), (20, 250), (200, 160)])
def test_what_differs_from_most_of_a_strip_is_ink(paper: int, print_: int) -> None:
    grey = np.full((40, 60), paper, np.uint8)
    grey[18:22, 10:14] = print_
    grey[18:22, 50:54] = paper + (print_ - paper) // 4  # a shade that is fainter than the print
    found = ink(grey, (20.0, 20.0), (5.0, 60.0))
    assert found.shape == (20, 55)
    assert np.argwhere(found).min(axis=0).tolist() == [8, 5]
    assert np.argwhere(found).max(axis=0).tolist() == [11, 8]


def test_grain_is_no_ink_and_a_strip_may_lie_beyond_the_picture() -> None:
    grey = np.random.default_rng(1).integers(220, 240, (40, 60)).astype(np.uint8)
    assert not ink(grey, (20.0, 20.0), (0.0, 60.0)).any()
    assert ink(grey, (-20.0, 20.0), (0.0, 60.0)).size == 0
    assert ink(grey, (20.0, 20.0), (70.0, 90.0)).size == 0
