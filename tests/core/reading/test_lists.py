"""The bullets of lists that were overlooked in some lines, or read otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from ocrx.page.geometry import rectangle
from ocrx.page.views import View
from ocrx.reading.lists import read_lists
from ocrx.reading.pipeline import Candidate, Work
from ocrx.types import Text, frozen_quad

HIGH = 20


def listed(texts: list[str], inks: list[tuple[int, int]], indents: list[int]) -> list[str]:
    """The rows of a list with these `texts`, each with ink of that width and height in front of it,
    or none, and its words indented by so many pixels."""
    image = np.full((30 * len(texts), 300, 3), 255, np.uint8)
    work = Work("", 0, image, 300, len(image))
    for i, (text, (width, height), indent) in enumerate(zip(texts, inks, indents, strict=True)):
        top = 30 * i + 5
        image[top + 10 - height // 2 :][:height, 20 - width // 2 : 20 - width // 2 + width] = 0
        left = 15 if text[0] in "*-—" else indent
        quad = frozen_quad(rectangle(200, HIGH) + np.array([left, top]))
        chars = tuple(text)
        edges = [(i / len(chars), (i + 1) / len(chars)) for i in range(len(chars))]
        if left == 15:  # the words begin where those of the other lines do
            first = (indent - left) / 200
            edges[:3] = [(0, 10 / 200), (10 / 200, first), (first, max(first, edges[3][0]))]
        word = Text(chars, (0.9,) * len(chars), tuple(edges))
        work.candidates.append(
            Candidate(View(quad, image[top : top + 20, left:215]), 1.0, text=word)
        )
    read_lists([work])
    rows: dict[int, list[tuple[float, str]]] = {}
    for one in work.candidates:
        row = rows.setdefault(int(one.quad[:, 1].mean()) // 30, [])
        row.append((float(one.quad[0, 0]), one.text.text))
    return [" ".join(text for _, text in sorted(rows[row])) for row in sorted(rows)]


STAR, DASH = (7, 7), (8, 2)


@pytest.mark.parametrize(
    ("texts", "inks", "indents", "rows"),
    [
        (["* one", "two two", "* six"], [STAR] * 3, [35] * 3, ["* one", "* two two", "* six"]),
        (["two two", "- one"], [DASH] * 2, [32] * 2, ["- two two", "- one"]),
        (["— one", "- two", "- six"], [DASH] * 3, [32] * 3, ["- one", "- two", "- six"]),
        # A line that goes on, ink of another shape, and words that begin elsewhere.
        (["- one", "two two"], [DASH, (0, 0)], [32] * 2, ["- one", "two two"]),
        (["- one", "two two"], [DASH, (3, 12)], [32] * 2, ["- one", "two two"]),
        (["- one", "two two"], [DASH] * 2, [32, 60], ["- one", "two two"]),
        (["-5.00", "6.00"], [DASH] * 2, [32] * 2, ["-5.00", "6.00"]),
        (["-$4.00", "$6.00"], [DASH] * 2, [32] * 2, ["-$4.00", "$6.00"]),
        (["- one", "two two"], [DASH] * 2, [26, 19], ["- one", "two two"]),
    ],
)
def test_lines_of_a_list_have_the_bullets_of_the_others(
    texts: list[str], inks: list[tuple[int, int]], indents: list[int], rows: list[str]
) -> None:
    assert listed(texts, inks, indents) == rows


def test_the_dashes_of_a_table_are_no_bullets_of_the_cells_beside_them() -> None:
    image = np.full((60, 300, 3), 255, np.uint8)
    work = Work("", 0, image, 300, len(image))
    for row, cells in enumerate((("-", "45 mV"), ("-3", "60 mV"))):
        image[30 * row + 14 : 30 * row + 16, 16:24] = 0
        for left, cell in zip((15, 55), cells, strict=True):
            quad = frozen_quad(rectangle(9 * len(cell), HIGH) + np.array([left, 30 * row + 5]))
            view = View(quad, image[30 * row + 5 :][:HIGH, left : left + 9 * len(cell)])
            work.candidates.append(Candidate(view, 1.0, text=Text.uniform(cell, 0.9)))
    read_lists([work])
    assert [one.text.text for one in work.candidates] == ["-", "45 mV", "-3", "60 mV"]
