"""Heat maps: a figure or a state in every field."""

from __future__ import annotations

from dataclasses import replace

from fakeresults import matrix, ok, result
from ocrx.bench.report.heat import NOT_RUN, Field, HeatMap, heat_maps
from ocrx.bench.report.palette import LEVELS
from ocrx.bench.result import Cell, CellResult


def titled(maps: list[HeatMap], start: str) -> HeatMap:
    return next(found for found in maps if found.title.startswith(start))


def test_models_go_down_runtimes_and_precisions_across() -> None:
    found = titled(heat_maps(matrix()), "Character accuracy")
    assert [row.name for row in found.rows] == ["paddle:v6-small", "paddle:v4", "crnn", "tesseract"]
    assert found.backends[0] == ("onnxruntime", 2)
    assert found.backends[-1] == ("own runtime", 1)
    assert found.settings[:2] == ("fp32", "int8")
    assert sum(span for _, span in found.backends) == len(found.settings) == 11
    assert all(len(row.fields) == 11 for row in found.rows)


def test_every_field_says_something() -> None:
    for found in heat_maps(matrix()):
        fields = [field for row in found.rows for field in row.fields]
        assert all(field.text for field in fields)
        states = {field.text for field in fields if field.level is None}
        assert states == {"no route", "missing", "failed", NOT_RUN}
        assert {field.small for field in fields} == {"", "mismatch"}


def test_the_best_is_darkest_whichever_way_is_better() -> None:
    run = result(ok(Cell("a", backend="x"), 5, 90), ok(Cell("b", backend="x"), 50, 99))
    accuracy = [row.fields[0] for row in titled(heat_maps(run), "Character").rows]
    time = [row.fields[0] for row in titled(heat_maps(run), "Time").rows]
    assert [field.level for field in accuracy] == [0, LEVELS - 1]
    assert [field.level for field in time] == [LEVELS - 1, 0]
    assert [field.best for field in time] == [True, False]


def test_little_differences_have_little_contrast() -> None:
    run = result(ok(Cell("a", backend="x"), 10, 98.2), ok(Cell("b", backend="x"), 10.3, 98.1))
    for start in ("Character", "Time"):
        levels = [row.fields[0].level for row in titled(heat_maps(run), start).rows]
        assert levels[0] == LEVELS - 1
        assert levels[1]
        assert levels[1] >= LEVELS - 2


def test_where_all_are_alike_none_is_best() -> None:
    run = result(ok(Cell("a", backend="x")), ok(Cell("b", backend="x")))
    assert not any(f.best for m in heat_maps(run) for row in m.rows for f in row.fields)


def test_of_one_model_the_measures_are_the_rows() -> None:
    run = result(ok(Cell("a", backend="x"), 5), ok(Cell("a", backend="y"), 6))
    (found,) = heat_maps(run)
    assert [row.name for row in found.rows][:3] == [
        "character accuracy, %",
        "exact lines, %",
        "time a picture, median, ms",
    ]
    assert found.backends == (("x", 1), ("y", 1))
    assert found.settings == ("as it comes", "as it comes")


def test_a_measure_that_one_cell_lacks_says_so() -> None:
    cell = ok(Cell("b", backend="x"))
    assert cell.figures
    spent = replace(cell.figures.cost, peak_mb=None)
    run = result(
        ok(Cell("a", backend="x")), replace(cell, figures=replace(cell.figures, cost=spent))
    )
    fields = [row.fields[0] for row in titled(heat_maps(run), "Peak").rows]
    assert fields[1] == Field("not measured")


def test_no_figures_no_maps() -> None:
    assert heat_maps(result(CellResult(Cell("a"), "failed"))) == []
