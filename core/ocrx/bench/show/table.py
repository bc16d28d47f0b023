"""A run on the terminal."""

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
    """A row a cell, what the signs mean, the verdict, and each reason and remedy in full.

    What does not fit beside the names goes into further tables below, so nothing is cut off. Where
    nobody looks on (a pipe, a file), all is plain text with one line a cell.
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
    """The columns as one table, or as several if the terminal is narrow, each with the first."""
    if not console.is_terminal:
        for line in aligned(table):
            say(console, line)
        return
    for part in fitting(table, console.width):
        _print_part(part, console)


def aligned(table: Sequence[Column]) -> Iterator[str]:
    """Plain lines, the headings first."""
    widths = [width(column) for column in table]
    for i in range(-1, len(table[0].values)):
        fields = [column.heading if i < 0 else column.values[i] for column in table]
        padded = (
            field.ljust(wide) if column.left else field.rjust(wide)
            for field, wide, column in zip(fields, widths, table, strict=True)
        )
        yield (" " * GAP).join(padded).rstrip()


def fitting(table: Sequence[Column], room: int) -> list[list[Column]]:
    """The columns in as few parts as fit into `room` characters, each led by the first column.

    Names that are long fold where that spares a part.
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
    """Of its longest value, in characters of a terminal."""
    from rich.cells import cell_len

    return max(map(cell_len, (column.heading, *column.values)))


def say(console: Console, text: str, style: str = "") -> None:
    """A paragraph: wrapped on a terminal, one line elsewhere."""
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
