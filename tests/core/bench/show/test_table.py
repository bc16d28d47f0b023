"""The table on terminals of any width, and in pipes."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from ocrx.bench.figures.result import Cell, CellResult, Result
from ocrx.bench.show.table import print_result
from support.fakeresults import matrix, ok, result

STATES = {"ok", "mismatch", "no route", "missing", "failed", "built-in"}


def printed(run: Result, width: int | None = None, *, colour: bool = False) -> str:
    """On a terminal of that width, or in a pipe."""
    stream = io.StringIO()
    console = Console(
        file=stream,
        force_terminal=width is not None,
        width=width,
        color_system="truecolor" if colour else None,
        no_color=not colour,
        highlight=False,
    )
    print_result(run, console)
    return stream.getvalue()


def test_a_pipe_gets_one_plain_line_a_cell() -> None:
    run = matrix()
    text = printed(run)
    assert "\x1b" not in text
    lines = text.splitlines()
    head = next(i for i, line in enumerate(lines) if line.startswith("cell "))
    rows = lines[head + 1 : head + 1 + len(run.cells)]
    assert [row.split("  ")[0] for row in rows] == [cell.cell.name for cell in run.cells]
    fields = [re.split(r" {2,}", row) for row in rows]
    assert {row[1] for row in fields} == STATES
    headings = re.split(r" {2,}", lines[head])
    assert headings[2:] == [
        "chars %", "exact %", "p50 ms", "p90 ms", "ratio", "img/s", "start s", "MB", "peak MB",
    ]  # fmt: skip


def test_no_field_is_blank() -> None:
    rows = [line for line in printed(matrix()).splitlines() if "  no route  " in line]
    assert len(rows) == 3
    assert all(row.split()[-9:] == ["-"] * 9 for row in rows)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_no_terminal_is_too_narrow(width: int) -> None:
    text = printed(matrix(), width)
    assert max(map(cell_len, text.splitlines())) <= width
    for value in ("98.7 [98.1, 99.3] *", "0.708 *", "8.66x", "peak MB", "1280", "31.9"):
        assert value in text


def test_the_best_have_a_sign_and_those_like_them_another() -> None:
    text = printed(matrix())
    assert text.count("] *") == 1
    assert text.count("] ~") == 4
    assert "0.708 *" in text
    assert "* best of its column   ~ cannot be told apart" in text


def test_where_times_are_too_noisy_none_has_a_sign() -> None:
    text = printed(result(ok(Cell("a"), 5, 90, spread=15), ok(Cell("b"), 20, 99, spread=15)))
    rows = [re.split(r" {2,}", line) for line in text.splitlines() if line[:2] in ("a ", "b ")]
    assert [row[2:5] for row in rows] == [
        ["90.0 [89.4, 90.6]", "69.0", "5.00"],
        ["99.0 [98.4, 99.6] *", "96.9", "20.0"],
    ]


def test_a_single_cell_is_best_of_nothing() -> None:
    text = printed(result(ok(Cell("r"))))
    assert "*" not in text
    assert "ratio" not in text


def test_colour_is_only_an_addition() -> None:
    coloured = printed(matrix(), 200, colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == printed(matrix(), 200)


def test_reasons_and_remedies_are_told_in_full_and_once() -> None:
    text = printed(matrix())
    assert text.count("ocrx converters install onnx2torch") == 1
    assert "crnn torch fp32, crnn torch int8: missing" in text
    assert "Give the machine more memory, or leave this cell out." in text


def test_nothing_of_a_reason_steers_the_terminal() -> None:
    failed = CellResult(Cell("r\x1b[2J"), "failed", "it\x1b]0;died\x07\nbadly", "[bold]Stop[/]")
    text = printed(result(failed), 80)
    assert "\x1b]" not in text
    assert "\x07" not in text
    assert "[bold]Stop[/]" in text
    assert "it\\x1b]0;died\\x07 badly" in text


def test_folding_is_said_and_none_is_not() -> None:
    assert "120 lines, ignoring case" in printed(matrix())
    cell = ok(Cell("r"))
    assert cell.figures
    plain = replace(cell.figures, quality=replace(cell.figures.quality, folding="none"))
    assert "without" not in printed(result(replace(cell, figures=plain)))


def test_an_empty_run_says_so() -> None:
    assert "there were no cells" in printed(result())
