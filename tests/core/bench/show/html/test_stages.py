"""Where the time goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ocrx.bench.figures.result import Cell, CellResult
from ocrx.bench.show.html.stages import splits
from support.fakeresults import ok, result


def test_shares_are_of_the_cell_and_stages_in_the_order_of_reading() -> None:
    first = ok(Cell("a"))
    assert first.figures
    spent = replace(
        first.figures.cost,
        stages={"recognize": 3.0, "decode": 1.0, "to_text": 4.0, "preprocess": 0.0, "rectify": 0.0},
    )
    first = replace(first, figures=replace(first.figures, cost=spent))
    stages, found = splits(result(CellResult(Cell("x"), "failed"), first, ok(Cell("b"), 10)))
    assert stages == ["decode", "rectify", "recognize", "orient", "to text"]
    assert [split.number for split in found] == [2, 3]
    assert [(s.stage, s.share) for s in found[0].segments] == [
        ("decode", 12.5),
        ("recognize", 37.5),
        ("to text", 50),
    ]
    assert found[0].told == "decode 12 %, recognize 38 %, to text 50 %"
    assert found[0].figures == ("1.00", "0", "3.00", "-", "4.00")
    assert sum(s.share for s in found[1].segments) == pytest.approx(100)


def test_a_stage_keeps_its_colour() -> None:
    _, found = splits(result(ok(Cell("a")), ok(Cell("b"))))
    assert found[0].segments == found[1].segments
