"""Quads and crops, on any quads and pictures."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocrx.page.geometry import (
    TALL,
    along_text,
    clipped,
    crop,
    each_span_quad,
    moved_line,
    quad_size,
    rectangle,
    span_quad,
    span_quads,
    transform,
    turned,
    upright,
)
from ocrx.types import Char, Image, Line, Quad, Word, frozen_quad

RED, GREEN, BLUE, WHITE = (200, 0, 0), (0, 200, 0), (0, 0, 200), (255, 255, 255)

sizes = st.tuples(st.integers(1, 200), st.integers(1, 200))
points = st.tuples(st.floats(-500, 500), st.floats(-500, 500))
wild = st.lists(
    st.lists(st.integers(-100, 300) | st.floats(-50, 200, width=32), min_size=2, max_size=2),
    min_size=4,
    max_size=4,
).map(frozen_quad)
"""Any four points near a picture: crossed, empty, outside."""


@st.composite
def boxes(draw: st.DrawFn, slant: float = 180) -> tuple[Quad, float, float, float]:
    """A rectangle's quad, its width and height, and the angle by which it is turned."""
    x, y = draw(points)
    width, height = draw(st.floats(5, 400)), draw(st.floats(5, 400))
    degrees = draw(st.floats(-slant, slant))
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    matrix = np.array([[cos, sin], [-sin, cos]])
    return frozen_quad(rectangle(width, height) @ matrix + (x, y)), width, height, degrees


def corner_colours(height: int, width: int) -> Image:
    """Red, green, blue and white quarters, clockwise from the top left."""
    image = np.empty((height, width, 3), dtype=np.uint8)
    image[: height // 2, : width // 2], image[: height // 2, width // 2 :] = RED, GREEN
    image[height // 2 :, width // 2 :], image[height // 2 :, : width // 2] = BLUE, WHITE
    return image


def seen(image: Image) -> list[tuple[int, ...]]:
    """The colours in the middle of the quarters, clockwise from the top left."""
    height, width = image.shape[:2]
    y, x = (height // 4, height * 3 // 4), (width // 4, width * 3 // 4)
    places = [(y[0], x[0]), (y[0], x[1]), (y[1], x[1]), (y[1], x[0])]
    return [tuple(int(v) for v in image[place]) for place in places]


@given(sizes)
def test_a_rectangle_has_its_size(size: tuple[int, int]) -> None:
    assert quad_size(rectangle(*size)) == size


@given(boxes())
def test_the_size_of_a_turned_box(drawn: tuple[Quad, float, float, float]) -> None:
    quad, width, height, _ = drawn
    assert quad_size(quad) == pytest.approx((width, height), abs=0.01)


@given(boxes(slant=44), st.integers(0, 3), st.booleans())
def test_upright_starts_at_the_top_left(
    drawn: tuple[Quad, float, float, float], first: int, backwards: bool
) -> None:
    quad = drawn[0]
    shuffled = np.roll(quad[::-1] if backwards else quad, first, axis=0)
    assert np.array_equal(upright(shuffled), quad)


@given(wild)
def test_upright_keeps_the_corners_of_anything(quad: Quad) -> None:
    assert sorted(map(tuple, upright(quad).tolist())) == sorted(map(tuple, quad.tolist()))


@given(boxes(slant=40))
def test_text_runs_along_the_long_side_of_a_tall_box(
    drawn: tuple[Quad, float, float, float],
) -> None:
    quad = drawn[0]
    width, height = quad_size(quad)
    along = along_text(quad)
    if height >= TALL * width:
        assert quad_size(along) == (height, width)
        assert np.array_equal(along[0], quad[1])  # its text's top left is the box's top right
    else:
        assert along is quad


@given(wild, st.integers(-5, 5), st.integers(-5, 5))
def test_turns_add_up(quad: Quad, first: int, second: int) -> None:
    assert np.array_equal(turned(turned(quad, first), second), turned(quad, first + second))
    assert np.array_equal(turned(quad, 4), quad)


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_crop_is_turned_upright(quarters: int) -> None:
    image = corner_colours(60, 100)
    expected = [RED, GREEN, BLUE, WHITE]
    quad = turned(rectangle(100, 60), quarters)
    assert seen(crop(image, quad)) == expected[quarters:] + expected[:quarters]


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_quarter_turn_moves_no_pixel(quarters: int) -> None:
    image = np.random.default_rng(3).integers(0, 256, (17, 23, 3), dtype=np.uint8)
    # Text that is turned clockwise in the picture is turned back by the crop.
    assert np.array_equal(
        crop(image, turned(rectangle(23, 17), quarters)), np.rot90(image, quarters)
    )


@given(st.data())
def test_a_crop_at_whole_pixels_is_the_picture_there(data: st.DataObject) -> None:
    image = np.random.default_rng(5).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    x0, y0 = data.draw(st.integers(0, 58)), data.draw(st.integers(0, 38))
    x1, y1 = data.draw(st.integers(x0 + 1, 60)), data.draw(st.integers(y0 + 1, 40))
    quad = frozen_quad([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    assert np.array_equal(crop(image, quad), image[y0:y1, x0:x1])


@given(boxes(), st.floats(0, 2e-4))
@settings(max_examples=50)
def test_a_crop_undoes_turn_and_perspective(
    drawn: tuple[Quad, float, float, float], tilt: float
) -> None:
    """Coloured quarters seen through a homography come out as they were."""
    degrees = drawn[3]
    image = corner_colours(80, 120)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    centred = np.array([[1, 0, -60], [0, 1, -40], [0, 0, 1]], dtype=np.float64)
    placed = np.array([[cos, -sin, 120], [sin, cos, 120], [tilt, tilt, 1]], dtype=np.float64)
    matrix: NDArray[np.float64] = (placed @ centred).astype(np.float64)
    page = cv2.warpPerspective(image, matrix, (240, 240), borderMode=cv2.BORDER_REPLICATE)
    cut = crop(np.asarray(page, dtype=np.uint8), transform(rectangle(120, 80), matrix))
    assert np.abs(np.subtract(seen(cut), [RED, GREEN, BLUE, WHITE])).max() <= 2


@given(wild, st.tuples(st.integers(1, 60), st.integers(1, 60)))
def test_any_quad_can_be_cropped_from_any_picture(quad: Quad, size: tuple[int, int]) -> None:
    image = np.full((*size, 3), 7, dtype=np.uint8)
    cut = crop(image, quad)
    width, height = quad_size(quad)
    assert cut.shape == (max(1, round(height)), max(1, round(width)), 3)
    assert cut.dtype == np.uint8


def test_pixels_outside_repeat_the_edge() -> None:
    image = np.full((10, 10, 3), 90, dtype=np.uint8)
    assert np.all(crop(image, rectangle(30, 30)) == 90)


@given(boxes(), st.floats(0, 1), st.floats(0, 1))
def test_a_span_is_the_part_of_the_line(
    drawn: tuple[Quad, float, float, float], first: float, second: float
) -> None:
    quad, width, height, _ = drawn
    start, end = sorted((first, second))
    part = span_quad(quad, (start, end))
    assert quad_size(part) == pytest.approx(((end - start) * width, height), abs=0.01)
    assert np.allclose(part[0], quad[0] + (quad[1] - quad[0]) * start, atol=1e-3)


@given(wild)
def test_spans_meet_and_fill_the_line(quad: Quad) -> None:
    left, right = span_quad(quad, (0, 0.3)), span_quad(quad, (0.3, 1))
    assert np.allclose(left[1:3], right[[0, 3]], atol=1e-3)
    assert np.allclose(left[[0, 3]], quad[[0, 3]], atol=1e-3)
    assert np.allclose(right[1:3], quad[1:3], atol=1e-3)


@pytest.mark.parametrize("ends", [(30, 10), (10, 30), (20, 20)])
def test_a_span_of_a_crop_is_where_the_crop_shows_it(ends: tuple[int, int]) -> None:
    """In a quad that is higher at one end, as of a line seen from the side."""
    left, right = ends
    quad = frozen_quad([[10, 20], [210, 25], [210, 25 + right], [10, 20 + left]])
    image = np.zeros((80, 220, 3), dtype=np.uint8)
    image[:, 100:120] = 255
    seen = np.flatnonzero(crop(image, quad).mean(axis=(0, 2)) > 127)
    width = crop(image, quad).shape[1]
    part = span_quad(quad, (seen[0] / width, (seen[-1] + 1) / width))
    assert part[:, 0] == pytest.approx([100, 120, 120, 100], abs=1)


@given(wild, st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=4))
def test_spans_lie_within_their_quad(quad: Quad, spans: list[tuple[float, float]]) -> None:
    parts = span_quads(quad, spans)
    assert len(parts) == len(spans)
    for part in parts:
        assert np.all(part >= quad.min(axis=0) - 1e-2)
        assert np.all(part <= quad.max(axis=0) + 1e-2)


def test_each_quad_is_cut_at_its_own_span() -> None:
    quads = [rectangle(40, 10), frozen_quad([[0, 0], [60, 5], [60, 30], [0, 40]])]
    spans = [(0.25, 0.5), (0.1, 0.7)]
    alone = [span_quad(quad, span) for quad, span in zip(quads, spans, strict=True)]
    np.testing.assert_array_equal(each_span_quad(quads, spans), alone)
    assert each_span_quad([], []) == []


def homography(degrees: float, x: float, y: float) -> NDArray[np.float64]:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([[cos, -sin, x], [sin, cos, y], [1e-5, 0, 1]], dtype=np.float64)


@given(boxes(), st.floats(-180, 180), points)
def test_a_homography_and_its_inverse_cancel(
    drawn: tuple[Quad, float, float, float], degrees: float, shift: tuple[float, float]
) -> None:
    matrix = homography(degrees, *shift)
    inverse = np.asarray(np.linalg.inv(matrix), dtype=np.float64)
    back = transform(transform(drawn[0], matrix), inverse)
    assert np.allclose(back, drawn[0], atol=0.01)


@given(wild, sizes)
def test_a_clipped_quad_lies_in_the_picture(quad: Quad, size: tuple[int, int]) -> None:
    cut = clipped(quad, *size)
    assert cut.min() >= 0
    assert np.all(cut <= np.array(size))
    inside = np.all((quad >= 0) & (quad <= np.array(size)), axis=1)
    assert np.array_equal(cut[inside], quad[inside])


def test_a_moved_line_moves_with_all_its_parts() -> None:
    quads = [span_quad(rectangle(100, 20), (i / 4, (i + 1) / 4)) for i in range(4)]
    line = Line(
        "ab c",
        0.8,
        rectangle(100, 20),
        words=(Word("ab", 0.7, quads[0]), Word("c", 0.9, quads[3])),
        chars=tuple(Char(c, 0.5, (0, 1), q) for c, q in zip("ab c", quads, strict=True)),
    )
    moved = moved_line(line, np.array([[1, 0, 5], [0, 1, -3], [0, 0, 1]], dtype=np.float64))
    assert (moved.text, moved.score, len(moved.words), len(moved.chars)) == ("ab c", 0.8, 2, 4)
    before = [line.quad, *(w.quad for w in line.words), *(c.quad for c in line.chars)]
    after = [moved.quad, *(w.quad for w in moved.words), *(c.quad for c in moved.chars)]
    for one, other in zip(before, after, strict=True):
        assert np.array_equal(one + np.array([5, -3], dtype=np.float32), other)


@pytest.mark.parametrize(
    "quad",
    [
        rectangle(3, 2),
        upright(rectangle(3, 2)),
        along_text(rectangle(2, 9)),
        turned(rectangle(3, 2), 1),
        span_quad(rectangle(3, 2), (0, 1)),
        clipped(rectangle(3, 2), 1, 1),
        transform(rectangle(3, 2), np.eye(3)),
    ],
)
def test_quads_are_read_only(quad: Quad) -> None:
    assert quad.dtype == np.float32
    assert quad.shape == (4, 2)
    with pytest.raises(ValueError, match="read-only"):
        quad[0, 0] = 1
