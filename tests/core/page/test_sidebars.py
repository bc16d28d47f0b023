"""Sidebars are read apart from the text beside them, names of a table with their rows."""

from __future__ import annotations

import pytest

from ocrx.page.order import reading_order
from support.pages import box

PITCH = 26.0
NAMES = ["Contact", "Berlin", "Skills", "Python", "Chess", "Piano"]
PROSE = [
    "Before they built the bridge at the mouth of the",
    "river, boats carried people and goods to the island",
    "every morning. Few of them came back before the sun",
    "had set. Today it is a walk of half an hour, and the",
    "harbour is full of small boats that nobody needs.",
    "The market is still where it was, beside the church",
]
CELLS = [
    [
        "Carries people to the island and back, every day, if",
        "wind and water allow it, and",
        "on request.",
    ],
    ["Stands beside the church."],
    [
        "Leads across the river. It was built in four years by",
        "people from both sides, who",
        "had no help.",
    ],
    ["Has room for forty boats."],
]
SENTENCES = [
    "That the old bridge at the mouth should be restored",
    "before any money is spent is what some of them say.",
    "Others answered that restoring it would cost four",
    "million and take six years. Nobody has asked yet how",
    "1987 was different. Reports describe cracks in three",
    "Piers. Most of the bolts and of the foundations have",
    "Moved. Since it was last measured a local museum has",
    "Offered to keep the lamps, the gates, and even more",
    "of what is left of it when the work is done in May.",
]
CHINESE = [
    "在他们修桥之前每天早上都有船",
    "人和货物送到岛上现在走过去只",
    "小时港口里停满了没有人用的船",
]


def order_of(lines: list[tuple[float, float, str]]) -> list[str]:
    quads = [box(x, y, (20 if text[0] > "一" else 9) * len(text)) for x, y, text in lines]
    texts = [text for *_, text in lines]
    return [" | ".join(texts[i] for i in row) for row in reading_order(quads, texts)]


@pytest.mark.parametrize("prose", [PROSE, CHINESE * 2])
def test_a_sidebar_is_read_before_or_after_the_text_beside_it(prose: list[str]) -> None:
    left = [(0.0, PITCH * i, name) for i, name in enumerate(NAMES)]
    right = [(600.0, PITCH * i, name) for i, name in enumerate(NAMES)]
    text = [(110.0, PITCH * i, line) for i, line in enumerate(prose)]
    assert order_of(left + text) == NAMES + prose
    assert order_of(text + right) == prose + NAMES


def test_a_third_of_a_sidebar_beside_lines_that_continue_others_is_enough() -> None:
    names = [*NAMES, "Dutch", "French", "Boats"]
    left = [(0.0, PITCH * i, name) for i, name in enumerate(names)]
    text = [(110.0, PITCH * i, line) for i, line in enumerate(SENTENCES)]
    assert order_of(left + text) == names + SENTENCES


@pytest.mark.parametrize("place", [0, 0.5])
def test_names_are_read_with_the_cells_beside_them(place: float) -> None:
    """They are level with the first line of their cell, or with its middle."""
    lines: list[tuple[float, float, str]] = []
    rows: list[str] = []
    for name, cell in zip(NAMES, CELLS, strict=False):
        level = int(place * len(cell))
        lines.append((0.0, PITCH * (len(rows) + level), name))
        lines += [(110.0, PITCH * (len(rows) + i), line) for i, line in enumerate(cell)]
        rows += [f"{name} | {line}" if i == level else line for i, line in enumerate(cell)]
    assert order_of(lines) == rows
