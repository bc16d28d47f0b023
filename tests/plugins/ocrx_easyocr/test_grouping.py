"""Words joined to lines."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocrx.plugins.options import make_options
from ocrx_easyocr.grouping import lines_of
from ocrx_easyocr.settings import DetectionOptions

SIZE = (400, 600)
Word = tuple[NDArray[np.int32], float]


def word(left: int, top: int, width: int, height: int, score: float = 0.9) -> Word:
    x, y = left + width, top + height
    return np.array([[left, top], [x, top], [x, y], [left, y]], np.int32), score


def boxes(words: list[Word], **options: float) -> list[list[float]]:
    """Left, top, right and bottom of each line."""
    chosen = make_options(DetectionOptions, {"add_margin": 0.0, **options}, "the detector")
    found = lines_of(words, SIZE, chosen)
    return [
        [*region.quad.min(axis=0).tolist(), *region.quad.max(axis=0).tolist()] for region in found
    ]


def test_words_side_by_side_are_a_line() -> None:
    words = [word(58, 12, 50, 20), word(0, 10, 50, 20)]
    assert boxes(words) == [[0, 10, 108, 32]]
    assert boxes(words, width_ths=0.3) == [[0, 10, 50, 30], [58, 12, 108, 32]]


def test_words_at_other_heights_or_of_other_sizes_are_not() -> None:
    assert len(boxes([word(0, 10, 50, 20), word(55, 25, 50, 20)])) == 2
    assert len(boxes([word(0, 10, 50, 20), word(55, 0, 80, 40)])) == 2
    assert len(boxes([word(0, 10, 50, 20), word(55, 0, 80, 40)], height_ths=1.5)) == 1


def test_lines_grow_by_a_margin_within_the_page() -> None:
    assert boxes([word(0, 100, 100, 40)], add_margin=0.1) == [[0, 96, 104, 144]]


def test_small_ones_are_dropped() -> None:
    assert boxes([word(0, 0, 20, 12)]) == []
    assert boxes([word(0, 0, 20, 12)], min_size=19) == [[0, 0, 20, 12]]


def test_a_slanted_word_stays_alone_and_grows_along_its_diagonals() -> None:
    corners = np.array([[100, 100], [200, 120], [194, 150], [94, 130]], np.int32)
    [region] = lines_of([(corners, 0.8)], SIZE, DetectionOptions())
    assert region.score == 0.8
    moved = region.quad - corners
    assert (np.sign(moved) == [[-1, -1], [1, -1], [1, 1], [-1, 1]]).all()
    # 1.44 * 0.1 * 30.6, in whole pixels
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), 4, rtol=1e-5)


def test_the_score_of_a_line_is_the_mean() -> None:
    [region] = lines_of(
        [word(0, 0, 40, 20, 0.8), word(45, 0, 40, 20, 1.0)], SIZE, DetectionOptions()
    )
    assert region.score == 0.9


@given(
    st.lists(
        st.builds(
            word,
            *(st.integers(0, most) for most in (500, 350)),
            *(st.integers(1, most) for most in (90, 40)),
        ),
        max_size=12,
    )
)
def test_every_word_is_within_one_line(words: list[Word]) -> None:
    found = lines_of(words, SIZE, DetectionOptions(min_size=0))
    spans = [(region.quad[0], region.quad[2]) for region in found]
    for corners, _ in words:
        low, high = corners.min(axis=0), corners.max(axis=0)
        assert any((start <= low).all() and (high <= end).all() for start, end in spans)
    assert len(found) <= len(words)
