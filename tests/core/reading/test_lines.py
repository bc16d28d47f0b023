"""The lines of a page in reading order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ocrx.reading.lines import Reading, in_order
from ocrx.types import Line, Quad, Text, frozen_quad
from support.pages import box, rotated


def label(name: str, x: float, y: float, degrees: float = 0) -> list[Reading]:
    """Three lines of `name`, turned about their middle; that of 0 degrees begins at (x, y)."""
    quads = [box(400, 450 + 40 * i, 200) for i in range(3)]
    moved = [frozen_quad(quad + np.array([x - 400, y - 450])) for quad in rotated(quads, degrees)]
    return [reading(f"{name}{i}", quad) for i, quad in enumerate(moved)]


def reading(text: str, quad: Quad) -> Reading:
    return Reading(quad, Text.uniform(text, 1.0), 1.0)


def rows(lines: Sequence[Line]) -> list[list[str]]:
    found: dict[int, list[str]] = {}
    for line in lines:
        found.setdefault(line.row, []).append(line.text)
    return list(found.values())


def test_nothing() -> None:
    assert in_order([], "blocks") == ()


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_label_is_read_by_itself_beside_another(degrees: float) -> None:
    lines = in_order([*label("turned", 400, 0, degrees), *label("upright", 0, 0)], "blocks")
    names = [f"{name}{i}" for name in ("upright", "turned") for i in range(3)]
    assert rows(lines) == [[name] for name in names]
    assert [line.block for line in lines] == [0, 0, 0, 1, 1, 1]
    assert [line.paragraph for line in lines] == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.parametrize("order", ["blocks", "rows"])
def test_a_turned_label_above_another_is_read_first(degrees: float, order: str) -> None:
    readings = [*label("upright", 0, 600), *label("turned", 0, 0, degrees)]
    lines = in_order(readings, "rows" if order == "rows" else "blocks")
    names = [f"{name}{i}" for name in ("turned", "upright") for i in range(3)]
    assert rows(lines) == [[name] for name in names]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_label_left_of_another_is_read_first(degrees: float) -> None:
    lines = in_order([*label("upright", 400, 0), *label("turned", 0, 0, degrees)], "blocks")
    assert [line.text for line in lines][:3] == ["turned0", "turned1", "turned2"]
