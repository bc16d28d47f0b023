"""Pages as a reader returns them, made of given texts and places, for tests of formats."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ocrx.page.geometry import span_quads
from ocrx.types import Line, Page, Quad, Word, frozen_quad


def quad_at(x: float, y: float, width: float, height: float, degrees: float = 0) -> Quad:
    """The quad of a text whose own top left is at (x, y), turned clockwise about it."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[cos, sin], [-sin, cos]])
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)])
    return frozen_quad(corners @ turn + (x, y))


def line_at(text: str, quad: Quad, *, leftwards: bool = False, block: int = 0) -> Line:
    """A line in a block of that number, with its words, all of whose characters are equally
    wide."""
    words, start = [], 0
    for part in text.split():
        start = text.index(part, start)
        span = (start / len(text), (start + len(part)) / len(text))
        start += len(part)
        span = (1 - span[1], 1 - span[0]) if leftwards else span
        words.append(Word(part, 0.9, span_quads(quad, [span])[0]))
    return Line(text, 0.9, quad, tuple(words), paragraph=block, block=block)


def page_of(lines: Sequence[Line], width: int = 1000, height: int = 1400, **more: object) -> Page:
    """A page with those lines, each in a row of its own."""
    rows = tuple(replace(line, row=row) for row, line in enumerate(lines))
    page = Page(rows, width, height, "scan.png")
    for name, value in more.items():
        object.__setattr__(page, name, value)
    return page


def two_columns() -> Page:
    """Two columns of three lines each, below a heading: three blocks."""
    lines = [line_at("A heading above both", quad_at(100, 60, 800, 60))]
    for column, x in enumerate((100, 550)):
        for row in range(3):
            text = f"column {['left', 'right'][column]} row{row} some words"
            lines.append(line_at(text, quad_at(x, 200 + 50 * row, 350, 30), block=1 + column))
    return page_of(lines)


def turned_lines() -> Page:
    """Lines at several angles: upright, tilted, up, down and upside down."""
    places = [
        ("upright words here", 100, 100, 0),
        ("falling by five degrees", 100, 300, 5),
        ("rising a little less", 100, 450, -3),
        ("runs down the page", 900, 500, 90),
        ("runs up the page", 100, 1200, 270),
        ("upside down words", 800, 1300, 180),
    ]
    return page_of(
        [
            line_at(text, quad_at(x, y, 400, 40, turn), block=i)
            for i, (text, x, y, turn) in enumerate(places)
        ]
    )
