"""Lines and texts of whatever boxes Tesseract gives."""

from __future__ import annotations

import math
from itertools import repeat

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrx.page.bidi import reordered
from ocrx.types import Text
from ocrx_tesseract.results import Row, Symbol, Word, lines_of, placed, text_of

coordinate = st.integers(0, 400)
box = st.tuples(coordinate, coordinate, coordinate, coordinate).map(
    lambda b: (min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]) + 1, max(b[1], b[3]) + 1)
)
symbol = st.builds(Symbol, st.sampled_from(["a", "7", "fi", "(", "ש", "م"]), st.floats(0, 1), box)
word = st.builds(Word, box, st.integers(0, 2), st.lists(symbol, min_size=1, max_size=5))
angle = st.floats(0, 2 * math.pi)


@st.composite
def row(draw: st.DrawFn) -> Row:
    turn = draw(angle)
    words = draw(st.lists(word, min_size=1, max_size=4))
    return Row((math.cos(turn), math.sin(turn)), 0, 0, words)


def check(text: Text) -> None:
    assert all(0 <= start <= end <= 1 for start, end in text.spans)
    visual = reordered("".join(char[0] for char in text.chars))[0]
    starts = [text.spans[index][0] for index in visual]
    assert starts == sorted(starts)


@settings(max_examples=40)
@given(row())
def test_spans_are_within_the_line_and_in_order(found: Row) -> None:
    quad, text = placed(found)
    check(text)
    inside = [one for one in found.words for _ in one.symbols]
    assert len([char for char in text.chars if char != " "]) == len(inside)
    side = (quad[1] - quad[0]).astype(float)
    assert side @ found.direction == pytest.approx(np.linalg.norm(side), abs=0.01)
    corners = np.array([[(b[0], b[1]), (b[2], b[3])] for b in (one.box for one in found.words)])
    along = (corners.reshape(-1, 2) - quad[0]) @ np.array(found.direction)
    assert along.min() > -0.01
    assert along.max() < np.linalg.norm(side) + 0.01


@settings(max_examples=40)
@given(st.lists(row(), max_size=3), st.integers(1, 500))
def test_a_crop_s_spans_are_within_its_width(rows: list[Row], width: int) -> None:
    check(text_of(rows, width))


def word_at(text: str, left: int, blanks: int = 0, direction: int = 1) -> Word:
    """A word whose letters are 10 pixels wide, one after the other."""
    boxes = [(left + 10 * at, 0, left + 10 * at + 10, 20) for at in range(len(text))]
    symbols = [Symbol(*pair) for pair in zip(text, repeat(0.5), boxes[::direction])]
    return Word((left, 0, left + 10 * len(text), 20), blanks, symbols)


def test_blanks_fill_the_gaps() -> None:
    text = text_of([Row((1, 0), 0, 0, [word_at("ab", 10), word_at("c", 50, blanks=1)])], 100)
    assert text.text == "ab c"
    assert text.spans == ((0.1, 0.2), (0.2, 0.3), (0.3, 0.5), (0.5, 0.6))


def test_text_that_runs_leftwards_has_descending_spans() -> None:
    words = [word_at("של", 60, direction=-1), word_at("ום", 20, blanks=1, direction=-1)]
    text = text_of([Row((1, 0), 0, 0, words)], 100)
    assert text.text == "של ום"
    assert [start for start, _ in text.spans] == [0.7, 0.6, 0.4, 0.3, 0.2]


def test_boxes_that_overlap_or_swap_are_put_in_order() -> None:
    boxes = {"a": (5, 0, 14, 20), "b": (4, 0, 13, 20), "c": (20, 0, 29, 20)}
    symbols = [Symbol(text, 1, place) for text, place in boxes.items()]
    text = text_of([Row((1, 0), 0, 0, [Word((0, 0, 40, 20), 0, symbols)])], 40)
    assert text.spans == ((0.125, 0.35), (0.125, 0.325), (0.5, 0.725))


def test_where_boxes_of_characters_are_wrong_the_word_is_divided_evenly() -> None:
    """As in text that is turned: here by 90 degrees."""
    lost = Word((80, 10, 100, 70), 0, [Symbol(c, 1, (0, 60, 0, 78)) for c in "abc"])
    (found,) = lines_of([Row((0, 1), 3, 2, [lost])])
    assert found.quad.tolist() == [[100, 10], [100, 70], [80, 70], [80, 10]]
    assert np.allclose(
        [char.span for char in found.chars], [(0, 1 / 3), (1 / 3, 2 / 3), (2 / 3, 1)]
    )
    assert (found.row, found.paragraph, found.block) == (0, 3, 2)


@pytest.mark.parametrize(
    ("direction", "degrees"),
    [((1, 0), 0), ((0.99, -0.1), 0), ((0, 1), 90), ((-1, 0.1), 180), ((0.1, -1), 270)],
)
def test_a_row_knows_how_far_it_is_turned(direction: tuple[float, float], degrees: int) -> None:
    assert Row(direction, 0, 0).degrees == degrees
