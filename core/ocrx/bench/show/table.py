"""Prints a run on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ocrx.bench.figures.ranking import rank
from ocrx.bench.figures.result import Result
from ocrx.bench.figures.verdict import sentences
from ocrx.bench.show.rows import (
    BEST,
    LEGEND,
    SAME,
    Column,
    columns,
    explanations,
    headline_note,
    ratio_note,
)
from ocrx.system.text import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

GAP = 2
STYLES = {
    "ok": "green",
    "built-in": "green",
    "mismatch": "yellow",
    "no route": "dim",
    "missing": "cyan",
    "failed": "red",
}


def print_result(result: Result, console: Console) -> None:
    """Print a row for each cell, the meaning of the signs, the verdict, all reasons and remedies.

    Columns that do not fit beside the names go into further tables below, so nothing is cut off.
    Into a pipe or a file goes plain text, with one line for each cell.
    """
    ranking = rank(result)
    found = columns(result, ranking)
    say(console, headline_note(result, ranking))
    say(console, "")
    print_columns(found, console)
    signs = any(value.endswith((BEST, SAME)) for column in found[2:] for value in column.values)
    if not console.is_terminal:
        say(console, "")
    for note in (LEGEND if signs else "", ratio_note(result, ranking)):
        if note:
            say(console, note, "dim")
    say(console, "")
    for sentence in sentences(result, ranking):
        say(console, printable(sentence))
    _explain(result, console)


def print_columns(table: Sequence[Column], console: Console) -> None:
    """Print the columns as one table. On a narrow terminal they become several tables, each with
    the first column."""
    if not console.is_terminal:
        for line in aligned(table):
            say(console, line)
        return
    for part in fitting(table, console.width):
        _print_part(part, console)


def aligned(table: Sequence[Column]) -> Iterator[str]:
    """The columns as plain lines, the headings first."""
    widths = [width(column) for column in table]
    for i in range(-1, len(table[0].values)):
        fields = [column.heading if i < 0 else column.values[i] for column in table]
        padded = (
            field.ljust(wide) if column.left else field.rjust(wide)
            for field, wide, column in zip(fields, widths, table, strict=True)
        )
        yield (" " * GAP).join(padded).rstrip()


def fitting(table: Sequence[Column], room: int) -> list[list[Column]]:
    """The columns in as few parts as possible, each with the first column and at most `room`
    characters wide.

    Long names in the first column are folded if that saves a part.
    """
    full = width(table[0])
    tried = [_parts(table, room, min(full, names)) for names in (full, room * 2 // 5, room // 4)]
    return min(tried, key=len)


def _parts(table: Sequence[Column], room: int, names: int) -> list[list[Column]]:
    first, *rest = table
    parts, used = [[first]], names
    for column in rest:
        if len(parts[-1]) > 1 and used + GAP + width(column) > room:
            parts.append([first])
            used = names
        parts[-1].append(column)
        used += GAP + width(column)
    return parts


def width(column: Column) -> int:
    """The width of the column's longest value or heading, in terminal cells."""
    from rich.cells import cell_len

    return max(map(cell_len, (column.heading, *column.values)))


def say(console: Console, text: str, style: str = "") -> None:
    """Print a paragraph, wrapped on a terminal, on one line elsewhere."""
    from rich.text import Text

    console.print(Text(text, style), soft_wrap=not console.is_terminal)


def _print_part(part: Sequence[Column], console: Console) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, padding=(0, GAP - 1, 0, 0), pad_edge=False, show_edge=False)
    for column in part:
        first = column is part[0]
        table.add_column(
            column.heading,
            justify="left" if column.left else "right",
            no_wrap=not first,
            overflow="fold" if first else "crop",
            min_width=None if first else width(column),
        )
    for fields in zip(*(column.values for column in part), strict=True):
        table.add_row(*map(_styled, fields))
    console.print(table)
    say(console, "")


def _styled(field: str) -> Text:
    from rich.text import Text

    style = STYLES.get(field, "")
    if field.endswith((f" {BEST}", f" {SAME}")):
        style = "bold green" if field.endswith(BEST) else "green"
    return Text(field, "dim" if field.strip() == "-" else style)


def _explain(result: Result, console: Console) -> None:
    from rich.padding import Padding
    from rich.text import Text

    for told in explanations(result):
        say(console, "")
        say(console, f"{', '.join(told.names)}: {told.state}", STYLES[told.state])
        for line in (told.reason, told.remedy):
            if line and console.is_terminal:
                console.print(Padding(Text(line), (0, 0, 0, 2), expand=False))
            elif line:
                say(console, f"  {line}")
