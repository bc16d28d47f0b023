"""What flows through a reader."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrx.types import Line, Page, Text, Timing, frozen_quad

CORNERS = [[0, 0], [4, 0], [4, 2], [0, 2]]


def line(text: str, row: int) -> Line:
    return Line(text, 1.0, frozen_quad(CORNERS), row=row)


def test_a_quad_is_a_read_only_float32_copy() -> None:
    given_points = np.array(CORNERS, dtype=np.float64)
    quad = frozen_quad(given_points)
    given_points[0, 0] = 9
    assert quad.dtype == np.float32
    assert quad.tolist() == CORNERS
    with pytest.raises(ValueError, match="read-only"):
        quad[0, 0] = 1


@pytest.mark.parametrize("points", [[], CORNERS[:3], [[0, 0, 0]] * 4, [CORNERS]])
def test_a_quad_of_another_shape_is_refused(points: object) -> None:
    with pytest.raises(ValueError, match=r"a quad has shape \(4, 2\), not"):
        frozen_quad(points)


@given(st.text(), st.floats(0, 1))
def test_a_uniform_text_spreads_its_characters_evenly(words: str, score: float) -> None:
    text = Text.uniform(words, score)
    assert text.text == words
    assert text.score == pytest.approx(score if words else 0.0)
    assert all(end > start for start, end in text.spans)
    assert [end for _, end in text.spans[:-1]] == [start for start, _ in text.spans[1:]]
    if words:
        assert (text.spans[0][0], text.spans[-1][1]) == (0.0, 1.0)


def test_the_score_of_a_text_is_the_mean_of_its_characters() -> None:
    assert Text(("a", "b"), (0.5, 1.0), ((0.0, 0.5), (0.5, 1.0))).score == 0.75
    assert Text().score == 0.0
    assert Text().text == ""


def test_a_text_of_unequal_parts_is_refused() -> None:
    with pytest.raises(ValueError, match="2 characters, 1 scores, 1 spans"):
        Text(("a", "b"), (1.0,), ((0.0, 1.0),))


def test_the_total_time_is_the_sum_of_the_stages() -> None:
    timing = Timing(decode=1, preprocess=2, detect=4, rectify=8, orient=16, recognize=32)
    assert timing.total == 63.0
    assert Timing().total == 0.0


def test_lines_of_one_row_are_joined_by_a_space() -> None:
    lines = (line("Milk", 0), line("1.20", 0), line("Bread", 1), line("", 2), line("Sum", 3))
    assert Page(lines, 10, 10).text == "Milk 1.20\nBread\n\nSum"
    assert Page((), 10, 10).text == ""


def test_blocks_hold_paragraphs_and_paragraphs_lines() -> None:
    numbers = [(0, 0), (0, 0), (1, 0), (2, 1), (3, 2), (3, 2)]
    lines = tuple(
        Line(
            str(i),
            1.0,
            frozen_quad(np.array(CORNERS) + np.array([0, 10 * i])),
            row=i,
            paragraph=paragraph,
            block=block,
        )
        for i, (paragraph, block) in enumerate(numbers)
    )
    blocks = Page(lines, 100, 100).blocks
    assert [[[one.text for one in p.lines] for p in block.paragraphs] for block in blocks] == [
        [["0", "1"], ["2"]],
        [["3"]],
        [["4", "5"]],
    ]
    assert [one.text for one in blocks[0].lines] == ["0", "1", "2"]
    assert blocks[0].quad.tolist() == [[0, 0], [4, 0], [4, 22], [0, 22]]
    assert blocks[0].paragraphs[1].quad.tolist() == [[0, 20], [4, 20], [4, 22], [0, 22]]


def test_a_page_without_lines_has_no_blocks() -> None:
    assert Page((), 100, 100).blocks == ()


def test_results_cannot_be_changed() -> None:
    page = Page((line("a", 0),), 10, 10)
    with pytest.raises(FrozenInstanceError):
        page.__setattr__("width", 5)
