"""Two runs side by side."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from ocrx.bench.figures.compare import CellChange, Comparison, compare
from ocrx.bench.figures.noise import ACROSS
from ocrx.bench.figures.result import Cell, CellResult, Interval, Result
from ocrx.bench.show.comparison_table import print_comparison
from ocrx.errors import UsageError
from support.fakeresults import ENVIRONMENT, matrix, ok, quality, result

CELL = Cell("r", backend="openvino")


def one(old: CellResult, new: CellResult, threshold: float = 5.0) -> CellChange:
    (change,) = compare(result(old), result(new), threshold).cells
    return change


def directions(change: CellChange) -> list[str]:
    return [found.direction for found in change.changes]


def test_a_run_against_itself_has_no_change() -> None:
    comparison = compare(matrix(), matrix())
    assert not comparison.regressions
    assert comparison.differences == ()
    assert {d for cell in comparison.cells for d in directions(cell)} == {"same"}


@pytest.mark.parametrize(
    ("p50", "spread", "direction", "regressed"),
    [
        (12, 2, "slower", True),
        (8, 2, "faster", False),
        (10 * (1 + ACROSS / 200), 0.1, "same", False),  # two runs of one cell differ that much
        (12, 40, "same", False),  # the rounds differ by more than the runs
    ],
)
def test_time(p50: float, spread: float, direction: str, regressed: bool) -> None:
    change = one(ok(CELL, 10, spread=spread), ok(CELL, p50, spread=spread))
    assert directions(change) == [direction, "same"]
    assert change.regressed is regressed


def test_slower_within_the_threshold_is_told_and_allowed() -> None:
    change = one(ok(CELL, 10), ok(CELL, 11.5), threshold=20)
    assert directions(change) == ["slower", "same"]
    assert not change.regressed


def test_a_single_round_cannot_be_judged() -> None:
    change = one(ok(CELL, 10, rounds=1), ok(CELL, 20, rounds=1))
    assert directions(change) == ["unclear", "same"]
    assert not change.regressed


@pytest.mark.parametrize(
    ("after", "direction", "regressed"),
    [(96.2, "better", False), (95.3, "same", False), (94.5, "same", False), (93.5, "worse", True)],
)
def test_accuracy_of_the_same_pictures(after: float, direction: str, regressed: bool) -> None:
    change = one(ok(CELL, 10, 95, reach=3), ok(CELL, 10, after, reach=3))
    assert directions(change) == ["same", direction]
    assert change.regressed is regressed


def test_a_loss_beyond_the_intervals_is_told_and_allowed_within_the_limit() -> None:
    old, new = ok(CELL, 10, 95, reach=0.1), ok(CELL, 10, 94.5, reach=0.1)
    assert directions(one(old, new)) == ["same", "worse"]
    assert not one(old, new).regressed
    assert compare(result(old), result(new), loss=0.2).regressions


def test_cells_that_vanish_fail_or_read_otherwise_are_regressions() -> None:
    old = result(*(ok(Cell(name)) for name in "abcd"), CellResult(Cell("e"), "failed"))
    wrong = replace(ok(Cell("c")), state="mismatch", reason="71 % equal", remedy="Use fp32.")
    new = result(ok(Cell("a")), CellResult(Cell("b"), "failed", "it died"), wrong, ok(Cell("f")))
    comparison = compare(old, new)
    fates = {cell.name: (cell.fate, cell.regressed) for cell in comparison.cells}
    assert fates == {
        "a": ("", False),
        "b": ("ok, now failed", True),
        "c": ("ok, now mismatch", True),
        "d": ("vanished", True),
        "e": ("vanished, was failed", False),
        "f": ("new", False),
    }


def test_what_was_broken_and_still_is_or_works_now_is_no_regression() -> None:
    broken = CellResult(CELL, "missing", "not installed", "pip install it")
    assert one(broken, broken).fate == "missing"
    assert not one(broken, broken).regressed
    assert one(broken, ok(CELL)).fate == "missing, now ok"
    assert not one(broken, ok(CELL)).regressed


def test_other_pictures_are_refused_unless_forced() -> None:
    old, new = result(ok(CELL, 10, 95, reach=3)), result(ok(CELL, 10, 93.5, reach=3))
    new = replace(new, dataset=replace(new.dataset, digest="f" * 64))
    with pytest.raises(UsageError, match="pictures or truths differ") as error:
        compare(old, new)
    assert "--force" in error.value.remedy
    comparison = compare(old, new, force=True)
    assert "pictures or truths differ" in comparison.differences[0]
    assert directions(comparison.cells[0]) == ["same", "same"]  # other pictures explain it
    with pytest.raises(UsageError, match="one reads 120 lines of receipts, the other 7 lines"):
        compare(old, replace(old, dataset=replace(old.dataset, digest="", samples=7)))


def test_another_folding_is_refused() -> None:
    cell = ok(CELL)
    assert cell.figures
    folded = replace(cell.figures, quality=replace(quality(95), folding="case, blanks"))
    with pytest.raises(UsageError, match="one folds case, the other case, blanks"):
        compare(result(cell), result(replace(cell, figures=folded)))


def test_times_of_another_machine_are_not_judged_accuracy_is() -> None:
    old, new = result(ok(CELL, 10, 95)), result(ok(CELL, 20, 90))
    new = replace(new, environment=replace(ENVIRONMENT, cpu="Z80", cores=1))
    comparison = compare(old, new)
    assert directions(comparison.cells[0]) == ["unclear", "worse"]
    assert comparison.differences == ("processor: AMD EPYC 9754, now Z80", "cores: 2, now 1")
    assert directions(compare(old, new, force=True).cells[0]) == ["slower", "worse"]


def test_what_else_differs_is_said() -> None:
    packages = {**ENVIRONMENT.packages, "openvino": "2027.0.0", "extra": "1"}
    new = replace(
        result(ok(CELL)),
        environment=replace(ENVIRONMENT, packages=packages, python="3.12.1"),
        settings={"rounds": "3"},
    )
    differences = compare(result(ok(CELL)), new).differences
    assert "Python: 3.11.9, now 3.12.1" in differences
    assert "openvino: 2026.4.0, now 2027.0.0" in differences
    assert "extra: -, now 1" in differences
    assert "rounds: 5, now 3" in differences


def test_pages_are_compared_by_words() -> None:
    def page(value: float) -> Result:
        cell = ok(CELL)
        assert cell.figures
        words = Interval(value, value - 1, value + 1)
        found = replace(cell.figures.quality, words=words, characters=None, exact=None)
        run = result(replace(cell, figures=replace(cell.figures, quality=found)))
        return replace(run, dataset=replace(run.dataset, kind="pages"))

    (change,) = compare(page(80), page(70)).cells
    assert [c.measure.key for c in change.changes] == ["p50", "words"]
    assert change.regressed


def printed(comparison: Comparison, width: int | None = None) -> str:
    stream = io.StringIO()
    console = Console(
        file=stream,
        force_terminal=width is not None,
        width=width,
        color_system=None,
        highlight=False,
    )
    print_comparison(comparison, console)
    return stream.getvalue()


def test_a_comparison_is_told_with_every_regression() -> None:
    old = result(ok(Cell("a")), ok(Cell("b"), 10, 95), ok(Cell("c")))
    died = CellResult(Cell("c"), "failed", "it died.", "Buy memory.")
    text = printed(compare(old, result(ok(Cell("a"), 8), ok(Cell("b"), 12, 92), died)))
    rows = {line.split()[0]: line for line in text.splitlines() if line[:2] in ("a ", "b ")}
    assert rows["a"].split()[1:] == ["faster", "10.0", "8.00", "-20.0", "95.0", "95.0", "+0.0"]
    assert "slower, worse (!)" in rows["b"]
    assert "c: ok, now failed. it died. Buy memory.\n" in text
    assert "2 of 3 cells regressed beyond 5 % of time or 1 points of accuracy" in text
    assert "  b: time a picture, median +20.0 %; character accuracy -3.0 points\n" in text
    assert "  c: ok, now failed\n" in text


def test_without_regression_that_is_said() -> None:
    text = printed(compare(matrix(), matrix()))
    assert "no change beyond noise" in text
    assert "could not be judged" not in text
    assert text.endswith("No regression beyond 5 % of time or 1 points of accuracy.\n")


def test_times_that_nobody_can_judge_are_not_said_to_be_fine() -> None:
    once, often = ok(Cell("a"), 10, rounds=1), ok(Cell("b"), 10)
    some = printed(compare(result(once, often), result(once, often)))
    assert "The times of 1 of 2 cells could not be judged: one round does not show" in some
    assert some.endswith("No regression beyond 5 % of time or 1 points of accuracy.\n")
    alone = printed(compare(result(once), result(replace(once, cell=Cell("b")), once)))
    assert "The times of 1 of 1 cells could not be judged: one round" in alone
    assert alone.endswith("\nNo regression beyond 1 points of accuracy.\n")
    moved = replace(result(ok(Cell("a"), 20, 90)), environment=replace(ENVIRONMENT, cpu="Z80"))
    text = printed(compare(result(ok(Cell("a"), 10, 95)), moved))
    assert "The times of 1 of 1 cells could not be judged: the runs are from different" in text
    assert "1 of 1 cells regressed beyond 1 points of accuracy, or were lost (!):\n" in text


@pytest.mark.parametrize("width", [40, 80])
def test_a_comparison_fits_a_narrow_terminal(width: int) -> None:
    old = result(ok(CELL))
    lines = printed(compare(old, result(ok(CELL, 20, 80))), width).splitlines()
    assert max(map(len, lines)) <= width
