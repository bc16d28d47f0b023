"""Heat maps: a figure or a state in every field."""

from __future__ import annotations

from dataclasses import replace

from ocrx.bench.figures.ranking import rank
from ocrx.bench.figures.result import Cell, CellResult, Result
from ocrx.bench.show.html.heat import NOT_RUN, Field, HeatMap, heat_maps
from ocrx.bench.show.html.palette import LEVELS
from support.fakeresults import matrix, ok, result


def maps_of(run: Result) -> list[HeatMap]:
    return heat_maps(run, rank(run))


def titled(maps: list[HeatMap], start: str) -> HeatMap:
    return next(found for found in maps if found.title.startswith(start))


def test_models_go_down_runtimes_and_precisions_across() -> None:
    found = titled(maps_of(matrix()), "Character accuracy")
    assert [row.name for row in found.rows] == ["paddle:v6-small", "paddle:v4", "crnn", "tesseract"]
    assert found.backends[0] == ("onnxruntime", 2)
    assert found.backends[-1] == ("own runtime", 1)
    assert found.settings[:2] == ("fp32", "int8")
    assert sum(span for _, span in found.backends) == len(found.settings) == 11
    assert all(len(row.fields) == 11 for row in found.rows)


def test_every_field_says_something() -> None:
    for found in maps_of(matrix()):
        fields = [field for row in found.rows for field in row.fields]
        assert all(field.text for field in fields)
        states = {field.text for field in fields if field.level is None}
        assert states == {"no route", "missing", "failed", NOT_RUN}
        assert {field.small for field in fields} == {"", "mismatch"}


def test_the_best_is_darkest_whichever_way_is_better() -> None:
    run = result(ok(Cell("a", backend="x"), 5, 90), ok(Cell("b", backend="x"), 50, 99))
    accuracy = [row.fields[0] for row in titled(maps_of(run), "Character").rows]
    time = [row.fields[0] for row in titled(maps_of(run), "Time").rows]
    assert [field.level for field in accuracy] == [0, LEVELS - 1]
    assert [field.level for field in time] == [LEVELS - 1, 0]
    assert [field.best for field in time] == [True, False]


def test_what_reads_otherwise_is_no_measure_for_the_others() -> None:
    wrong = replace(ok(Cell("wrong", backend="x"), 0.1, 20), state="mismatch")
    right = (ok(Cell("a", backend="x"), 10, 97), ok(Cell("b", backend="x"), 20, 99))
    for start, levels in (("Time", (LEVELS - 1, 0)), ("Character", (0, LEVELS - 1))):
        alone = [row.fields[0] for row in titled(maps_of(result(*right)), start).rows]
        *fields, other = (
            row.fields[0] for row in titled(maps_of(result(*right, wrong)), start).rows
        )
        assert fields == alone
        assert tuple(field.level for field in fields) == levels
        assert (other.small, other.best) == ("mismatch", False)
        assert other.level == levels[0]  # as the nearest that is ranked


def test_of_mismatches_alone_none_is_best() -> None:
    cells = (ok(Cell("a", backend="x"), 5), ok(Cell("b", backend="x"), 9))
    run = result(*(replace(cell, state="mismatch") for cell in cells))
    fields = [row.fields[0] for row in titled(maps_of(run), "Time").rows]
    assert [field.best for field in fields] == [False, False]
    assert fields[0].level == LEVELS - 1


def test_where_times_are_too_noisy_none_is_best_by_them() -> None:
    a, b = Cell("a", backend="x"), Cell("b", backend="x")
    run = result(ok(a, 5, 90, spread=30), ok(b, 50, 99, spread=30))
    best = {m.title: [row.fields[0].best for row in m.rows] for m in maps_of(run)}
    assert best["Character accuracy, %"] == [False, True]
    assert best["Time a picture, median, ms"] == best["Pictures a second, /s"] == [False, False]


def test_little_differences_have_little_contrast() -> None:
    run = result(ok(Cell("a", backend="x"), 10, 98.2), ok(Cell("b", backend="x"), 10.3, 98.1))
    for start in ("Character", "Time"):
        levels = [row.fields[0].level for row in titled(maps_of(run), start).rows]
        assert levels[0] == LEVELS - 1
        assert levels[1]
        assert levels[1] >= LEVELS - 2


def test_where_all_are_alike_none_is_best() -> None:
    run = result(ok(Cell("a", backend="x")), ok(Cell("b", backend="x")))
    assert not any(f.best for m in maps_of(run) for row in m.rows for f in row.fields)


def test_of_one_model_the_measures_are_the_rows() -> None:
    run = result(ok(Cell("a", backend="x"), 5), ok(Cell("a", backend="y"), 6))
    (found,) = maps_of(run)
    assert [row.name for row in found.rows][:3] == [
        "character accuracy, %",
        "exact lines, %",
        "time a picture, median, ms",
    ]
    assert found.backends == (("x", 1), ("y", 1))
    assert found.settings == ("default", "default")


def test_a_measure_that_one_cell_lacks_says_so() -> None:
    cell = ok(Cell("b", backend="x"))
    assert cell.figures
    spent = replace(cell.figures.cost, peak_mb=None)
    run = result(
        ok(Cell("a", backend="x")), replace(cell, figures=replace(cell.figures, cost=spent))
    )
    fields = [row.fields[0] for row in titled(maps_of(run), "Peak").rows]
    assert fields[1] == Field("not measured")


def test_no_figures_no_maps() -> None:
    assert maps_of(result(CellResult(Cell("a"), "failed"))) == []
