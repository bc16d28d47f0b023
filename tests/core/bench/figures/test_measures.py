"""Figures by name, as they are written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ocrx.bench.figures.measures import MEASURES, QUALITY, headline, present, significant
from ocrx.bench.figures.result import Cell, CellResult, Interval
from support.fakeresults import DATASET, ok, result


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (0.04172, "0.0417"), (4.168, "4.17"), (9.996, "10.0"), (41.72, "41.7"),
        (417.2, "417"), (999.6, "1000"), (4172.4, "4170"), (-3.14159, "-3.14"),
    ],
)  # fmt: skip
def test_three_digits_say_enough(value: float, text: str) -> None:
    assert significant(value) == text


def test_a_figure_has_its_unit_and_scale() -> None:
    cell = ok(Cell("r"), 12.34, 97.25)
    assert MEASURES["p50"].cited(cell) == "12.3 ms"
    assert MEASURES["characters"].cited(cell) == "97.2 %"
    assert MEASURES["startup"].text(cell) == "0.340"
    assert MEASURES["words"].text(cell) == "-"
    assert MEASURES["p50"].text(CellResult(Cell("r"), "failed")) == "-"


def test_only_measures_that_any_cell_has_are_shown() -> None:
    cells = result(ok(Cell("r")), CellResult(Cell("s"), "failed")).cells
    assert [measure.key for measure in present(QUALITY, cells)] == ["characters", "exact"]


def test_lines_are_ranked_by_characters_and_pages_by_words() -> None:
    cell = ok(Cell("r"))
    assert cell.figures
    lines = headline(result(cell))
    assert lines
    assert lines.key == "characters"
    quality = replace(cell.figures.quality, words=Interval(80, 70, 90))
    page = replace(cell, figures=replace(cell.figures, quality=quality))
    words = headline(replace(result(page), dataset=replace(DATASET, kind="pages")))
    assert words
    assert words.key == "words"
    mixed = headline(replace(result(page, cell), dataset=replace(DATASET, kind="pages")))
    assert mixed
    assert mixed.key == "characters"


def test_nothing_scored_is_nothing_to_rank_by() -> None:
    assert headline(result(CellResult(Cell("r"), "failed"))) is None
