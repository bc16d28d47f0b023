"""Lines of what the service tells: blocks, breaks, turned text, and text that runs leftwards."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from google.cloud import vision

from ocrx.testing.pictures import blank
from ocrx.types import Page
from ocrx_google_vision.results import page_of
from support.visionserver import Breaks, broken

NONE = Breaks.UNKNOWN


def symbol(text: str, corners: Any, kind: Any = NONE, prefix: bool = False) -> dict[str, Any]:
    box = {"vertices": [{"x": x, "y": y} for x, y in corners]}
    return {
        "text": text,
        "confidence": 0.5,
        "bounding_box": box,
        "property": broken(kind, prefix),
    }


def square(left: int, top: int = 0) -> list[tuple[int, int]]:
    return [(left, top), (left + 10, top), (left + 10, top + 20), (left, top + 20)]


def read(*blocks: Any) -> Page:
    """The page of blocks, each a list of paragraphs, each a list of words of symbols."""
    made = [
        {"paragraphs": [{"words": [{"symbols": word} for word in words]} for words in block]}
        for block in blocks
    ]
    annotation = vision.TextAnnotation(pages=[{"blocks": made}])
    response = vision.AnnotateImageResponse(full_text_annotation=annotation)
    return page_of(response, blank(200, 200), ())


def test_breaks_part_words_and_lines() -> None:
    words = [
        [symbol("a", square(0)), symbol("b", square(10), Breaks.SPACE)],
        [symbol("c", square(30), Breaks.EOL_SURE_SPACE)],
        [symbol("d", square(0, 30), Breaks.HYPHEN)],
        [symbol("e", square(0, 60), Breaks.LINE_BREAK)],
    ]
    found = read([words])
    assert [line.text for line in found.lines] == ["ab c", "d-", "e"]
    first = found.lines[0]
    assert first.quad.tolist() == [[0, 0], [40, 0], [40, 20], [0, 20]]
    assert [word.text for word in first.words] == ["ab", "c"]
    assert [char.span for char in first.chars] == [(0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1)]
    assert [line.row for line in found.lines] == [0, 1, 2]
    assert first.score == 0.5


def test_a_break_may_stand_before_its_symbol() -> None:
    words = [
        [symbol("a", square(0))],
        [symbol("b", square(20), Breaks.SPACE, prefix=True)],
        [symbol("c", square(0, 30), Breaks.LINE_BREAK, prefix=True)],
    ]
    assert [line.text for line in read([words]).lines] == ["a b", "c"]


def test_blocks_and_paragraphs_are_numbered_without_those_that_are_empty() -> None:
    one = [[symbol("a", square(0), Breaks.LINE_BREAK)]]
    found = read([[], one], [[]], [one, one])
    assert [(line.block, line.paragraph) for line in found.lines] == [(0, 0), (1, 1), (1, 2)]


def test_turned_text_has_turned_quads() -> None:
    down = [(100, 10), (100, 20), (80, 20), (80, 10)]
    more = [(100, 20), (100, 30), (80, 30), (80, 20)]
    found = read([[[symbol("a", down), symbol("b", more)]]])
    assert found.orientation == 90
    assert found.lines[0].quad.tolist() == [[100, 10], [100, 30], [80, 30], [80, 10]]


def test_text_that_runs_leftwards_has_descending_spans() -> None:
    found = read([[[symbol("ש", square(20)), symbol("ל", square(10)), symbol("ה", square(0))]]])
    assert found.text == "שלה"
    starts = [char.span[0] for char in found.lines[0].chars]
    assert np.allclose(starts, [2 / 3, 1 / 3, 0])


@pytest.mark.parametrize("vertices", [[], [(0, 0)]])
def test_a_symbol_without_a_box_does_no_harm(vertices: list[tuple[int, int]]) -> None:
    found = read([[[symbol("a", square(0)), symbol("b", vertices)]]])
    assert found.text == "ab"


def test_nothing_read_is_an_empty_page() -> None:
    found = page_of(vision.AnnotateImageResponse(), blank(30, 20), ("note",))
    assert (found.lines, found.width, found.height, found.notes) == ((), 30, 20, ("note",))
