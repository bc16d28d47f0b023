"""The picture of lines read against lines misread."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ocrx.bench.figures.result import Cell, CellResult, Interval, Step, Trusted
from ocrx.bench.show.html import to_html
from ocrx.bench.show.html.curves import curves
from support.fakeresults import ok, result


def trusting(name: str, *steps: tuple[float, float]) -> CellResult:
    """A cell with that curve, as (read, misread)."""
    cell = ok(Cell(name), 5, 90)
    assert cell.figures
    one = Interval(50.0, 40.0, 60.0)
    trust = Trusted(one, one, one, tuple(Step(0.5, *step) for step in steps))
    quality = replace(cell.figures.quality, trust=trust)
    return replace(cell, figures=replace(cell.figures, quality=quality))


def test_more_reads_are_up_and_more_misreads_are_right() -> None:
    plot = curves({"a": trusting("a", (60.0, 0.0), (90.0, 1.0))}, 560, 380, 12.0)
    assert plot is not None
    ((number, places),) = plot.lines
    assert number == 0
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert [y for _, y in places] == sorted((y for _, y in places), reverse=True)
    assert len(places) == 5
    assert places[0] == pytest.approx((plot.frame.left, plot.frame.bottom))


def test_what_is_misread_too_often_is_not_drawn() -> None:
    plot = curves({"a": trusting("a", (60.0, 0.0), (90.0, 30.0))}, 560, 380, 12.0)
    assert plot is not None
    assert len(plot.lines[0][1]) == 3
    assert max(x for x, _ in plot.lines[0][1]) <= plot.frame.right


def test_the_report_shows_a_curve_for_each_model_that_has_one() -> None:
    told = to_html(
        result(trusting("a", (90.0, 1.0)), trusting("b", (80.0, 1.0)), ok(Cell("c"), 5, 9))
    )
    assert told.count('class="curve ') == 2
    assert "read@0.1 %" in told
    none = to_html(result(ok(Cell("c"), 5, 90)))
    assert "Read or refuse" not in none
