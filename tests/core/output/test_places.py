"""Words, boxes and angles of lines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ocrx.output.places import angle, box, is_upright, words_of
from ocrx.types import Page, frozen_quad
from support.layouts import line_at, quad_at


def test_a_line_without_words_is_cut_into_them() -> None:
    line = line_at("two  words", quad_at(10, 10, 100, 20))
    bare = words_of(replace(line, words=()))
    assert [word.text for word in bare] == ["two", "words"]
    for cut, given in zip(bare, line.words, strict=True):
        np.testing.assert_allclose(cut.quad, given.quad, atol=0.01)
        assert cut.score == line.score
    assert words_of(line) == line.words


def test_words_of_a_line_that_runs_leftwards_begin_at_the_right() -> None:
    line = line_at("שלום לך", quad_at(0, 0, 70, 20))
    first, last = words_of(replace(line, words=()))
    assert first.text == "שלום"
    assert first.quad[0][0] == pytest.approx(30)
    assert last.quad[0][0] == pytest.approx(0)


def test_a_blank_line_has_no_words() -> None:
    assert not words_of(line_at(" ", quad_at(0, 0, 10, 10)))


@pytest.mark.parametrize("degrees", [0, 5, 90, -90, 180, -44.5])
def test_the_angle_is_that_of_the_text(degrees: float) -> None:
    assert angle(quad_at(50, 60, 70, 20, degrees)) == pytest.approx(degrees, abs=1e-3)
    assert is_upright(quad_at(50, 60, 70, 20, degrees)) == (degrees == 0)


def test_a_box_holds_the_quad_and_stays_on_the_page() -> None:
    page = Page((), 100, 50)
    assert box(frozen_quad([(10.2, 5.5), (20.1, 5.5), (20.1, 9.9), (10.2, 9.9)]), page) == (
        *(10, 5, 21, 10),
    )
    assert box(quad_at(-20, -20, 300, 300), page) == (0, 0, 100, 50)
    assert box(quad_at(200, 200, 30, 30), page) == (100, 50, 100, 50)
