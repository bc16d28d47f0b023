"""Reading order: what holds for any page."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrx.page.order import reading_order
from ocrx.types import Quad, frozen_quad
from support.pages import box, in_rows, read, rotated

numbers = st.floats(width=32) | st.integers(-3, 3).map(float)
anything = st.lists(st.lists(numbers, min_size=8, max_size=8), max_size=25).map(
    lambda rows: [frozen_quad(np.array(row).reshape(4, 2)) for row in rows]
)

pytestmark = pytest.mark.slow
"""Quads of any numbers whatever: crossed, empty, infinite."""


@st.composite
def scenes(draw: st.DrawFn) -> list[Quad]:
    """Boxes of any size and turn, at whole pixels, no two alike."""
    places = st.tuples(
        st.integers(0, 800), st.integers(0, 800), st.integers(8, 300), st.integers(8, 40)
    )
    boxes = draw(st.lists(st.tuples(places, st.integers(0, 3)), max_size=30, unique=True))
    quads = [frozen_quad(np.roll(box(*place), turn, axis=0)) for place, turn in boxes]
    slant = draw(st.sampled_from([0, 0, 15, 40]))
    return [frozen_quad(np.rint(quad)) for quad in rotated(quads, slant)] if slant else quads


@given(anything)
@settings(max_examples=200)
def test_every_quad_is_read_once(quads: list[Quad]) -> None:
    assert sorted(i for row in reading_order(quads) for i in row) == list(range(len(quads)))


@given(scenes())
@settings(max_examples=150)
def test_every_box_of_a_scene_is_read_once(quads: list[Quad]) -> None:
    rows = reading_order(quads)
    assert all(rows)
    assert sorted(i for row in rows for i in row) == list(range(len(quads)))


@given(scenes(), st.integers(-500, 500), st.integers(-500, 500))
@settings(max_examples=100)
def test_moving_the_page_changes_nothing(quads: list[Quad], x: int, y: int) -> None:
    shift = np.array([x, y], dtype=np.float32)
    assert reading_order([frozen_quad(quad + shift) for quad in quads]) == reading_order(quads)


@given(scenes(), st.sampled_from([0.125, 0.5, 2.0, 16.0]))
@settings(max_examples=100)
def test_the_resolution_changes_nothing(quads: list[Quad], scale: float) -> None:
    assert reading_order([frozen_quad(quad * scale) for quad in quads]) == reading_order(quads)


@given(scenes(), st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_the_order_given_changes_nothing(quads: list[Quad], chance: random.Random) -> None:
    alike = {quad.tobytes() for quad in quads}
    if len(alike) < len(quads):  # rounding can make two boxes equal
        return
    places = list(range(len(quads)))
    chance.shuffle(places)
    shuffled = reading_order([quads[i] for i in places])
    assert [[places[i] for i in row] for row in shuffled] == reading_order(quads)


@given(
    st.tuples(st.integers(1, 8), st.integers(1, 8)),
    st.floats(20, 400),
    st.floats(8, 60),
    st.floats(1.3, 4),
    st.floats(-5, 5),
)
@settings(max_examples=100)
def test_any_grid_of_short_texts_is_read_by_rows(
    shape: tuple[int, int], gap: float, height: float, pitch: float, degrees: float
) -> None:
    rows, across = shape
    grid = [
        box(i * (3 * height + gap), j * height * pitch, 3 * height, height)
        for j in range(rows)
        for i in range(across)
    ]
    assert read(rotated(grid, degrees)) == in_rows(*[across] * rows)
