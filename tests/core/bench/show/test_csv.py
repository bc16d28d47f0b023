"""A run as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from ocrx.bench.figures.result import Cell, CellResult, Result
from ocrx.bench.show.csv import to_csv
from support.fakeresults import matrix, ok, result


def rows(run: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(run)), strict=True))


def test_a_row_a_cell_with_unrounded_figures() -> None:
    run = matrix()
    found = rows(run)
    assert [row["state"] for row in found] == [cell.state for cell in run.cells]
    figures = run.cells[0].figures
    assert figures
    assert float(found[0]["p50"]) == figures.cost.p50
    assert float(found[0]["characters_low"]) == pytest.approx(98.1)
    assert float(found[0]["stage_recognize"]) == figures.cost.stages["recognize"]
    assert float(found[0]["ratio"]) == 1
    assert [float(time) for time in found[0]["rounds"].split()] == pytest.approx(
        figures.cost.rounds, rel=1e-4
    )


def test_what_was_not_measured_is_empty_and_says_why() -> None:
    row = next(row for row in rows(matrix()) if row["state"] == "missing")
    assert row["p50"] == row["characters"] == row["ratio"] == ""
    assert row["reason"] == "the converter onnx2torch is not installed"
    assert row["remedy"] == "ocrx converters install onnx2torch"


def test_fields_with_commas_breaks_and_quotes_stay_one_field() -> None:
    cell = CellResult(Cell('a,"b"', backend="\udcff"), "failed", 'x,\n"y"\udcff', "z")
    (row,) = rows(result(cell))
    assert row["recognizer"] == 'a,"b"'
    assert row["backend"] == "\\xff"
    assert row["reason"] == 'x, "y"\\xff'
    to_csv(result(cell)).encode()


def test_stages_of_plugins_have_columns_too() -> None:
    cell = ok(Cell("r"))
    assert cell.figures
    spent = replace(cell.figures.cost, stages={"zoom": 1.5, "detect": 2.5})
    (row,) = rows(result(replace(cell, figures=replace(cell.figures, cost=spent))))
    assert [key for key in row if key.startswith("stage_")] == ["stage_detect", "stage_zoom"]
    assert float(row["stage_zoom"]) == 1.5
