"""A run as Markdown with GitHub's tables, for documentation or a comment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ocrx.bench.figures.ranking import Ranking, rank
from ocrx.bench.figures.result import MachineInfo, Result
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

SPECIAL = re.compile(r"([\\`*_\[\]<>|~#])")


def to_markdown(result: Result) -> str:
    """The run as Markdown: the table, the meaning of its signs, the verdict, reasons and remedies,
    and the machine. Cells without figures are in a line for each reason, not in the table."""
    ranking = rank(result)
    found = columns(result, ranking)
    signs = any(value.endswith((BEST, SAME)) for column in found[2:] for value in column.values)
    notes = [LEGEND if signs else "", ratio_note(result, ranking)]
    parts = [
        escaped(headline_note(result, ranking)),
        table([_measured(column, ranking) for column in found]) if ranking.measured else "",
        "; ".join(escaped(re.sub(r" {2,}", "; ", note)) for note in notes if note),
        "\n".join(f"- {escaped(sentence)}" for sentence in sentences(result, ranking)),
        "\n".join(_explanations(result)),
        escaped(machine(result.environment)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def table(found: Sequence[Column]) -> str:
    """The columns as a Markdown table, with figures aligned to the right."""
    rows = [
        [column.heading for column in found],
        [":--" if column.left else "--:" for column in found],
        *(
            [escaped(field) for field in row]
            for row in zip(*(c.values for c in found), strict=True)
        ),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _measured(column: Column, ranking: Ranking) -> Column:
    return replace(column, values=tuple(column.values[i] for i in ranking.measured))


def escaped(text: str) -> str:
    """`text` on one line, with the special characters of Markdown and HTML escaped."""
    return SPECIAL.sub(r"\\\1", printable(text))


def machine(environment: MachineInfo) -> str:
    """The machine and its packages in one line."""
    told = [environment.cpu, f"{environment.cores} cores"]
    told += [device for device in environment.devices if device.lower() != "cpu"]
    told += [environment.system, f"Python {environment.python}"]
    told += [f"{name} {version}" for name, version in environment.packages.items()]
    return ", ".join(part for part in told if part)


def _explanations(result: Result) -> Iterator[str]:
    for told in explanations(result):
        # A remedy that is not a sentence is a command, and shown as code.
        remedy = escaped(told.remedy) if told.remedy.endswith(".") else code(told.remedy)
        what = f"{escaped(told.reason)}. {remedy}" if told.remedy else escaped(told.reason)
        yield f"- **{escaped(', '.join(told.names))}** ({told.state}): {what}"


def code(text: str) -> str:
    """`text` as inline code, whatever backticks it contains."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"
