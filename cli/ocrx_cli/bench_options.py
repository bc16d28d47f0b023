"""The options that `ocrx bench` and `ocrx matrix` share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from ocrx_cli.choices import components, one_of

FORMS = ("labels", "paddle", "icdar", "icdar-words", "lmdb")
LAYOUTS = ("auto", "page", "line")
FOLDS = ("case", "punctuation", "white_space", "compatibility", "code")
"""As in `ocrx.bench.load`, `ocrx.types` and `ocrx.bench.folding`, which are too slow to import for
a help text."""


def several(names: list[str] | None) -> list[str]:
    """What stands between the commas of an option that may be given several times."""
    parts = [part.strip() for name in names or () for part in name.split(",")]
    return list(dict.fromkeys(part for part in parts if part))


def after_comma(complete: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """Completes the last of several names."""

    def completed(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        return [f"{before}{comma}{found}" for found in complete(last)]

    return completed


def _folds(incomplete: str) -> list[str]:
    return [name for name in FOLDS if name.startswith(incomplete)]


Form = Annotated[
    str | None,
    typer.Option("--form", help="How it is stored, if that cannot be told.", **one_of(FORMS)),
]
Preprocessors = Annotated[
    list[str] | None,
    typer.Option(
        "--preprocessor",
        "-p",
        metavar="NAME",
        help="Prepares the picture. May be given several times; applied in order.",
        autocompletion=components("preprocessor"),
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="COMPONENT.OPTION=VALUE",
        help="An option of a component. May be given several times.",
    ),
]
Layout = Annotated[
    str | None,
    typer.Option(help="Default: line for sets of lines, page for others.", **one_of(LAYOUTS)),
]
Limit = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Only so many pictures, from all over the set."),
]
Rounds = Annotated[int, typer.Option(metavar="N", min=1, help="How often each picture is read.")]
TimeLimit = Annotated[
    float, typer.Option(metavar="SECONDS", min=0.001, help="How long a cell may work in all.")
]
Fold = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAMES",
        help=f"What is made equal before comparing, of {', '.join(FOLDS)} (A-Z and 0-9 alone).",
        autocompletion=after_comma(_folds),
    ),
]
Download = Annotated[
    bool, typer.Option("--download", help="Fetch weights that are not here; else nothing is.")
]
Json = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the result.")]
Html = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write a report to look at.")
]
Csv = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write a row a cell.")]
Markdown = Annotated[
    Path | None, typer.Option("--markdown", metavar="FILE", help="Write tables for a document.")
]
JournalFile = Annotated[
    Path | None,
    typer.Option(
        "--journal",
        metavar="FILE",
        help="Where to keep what was measured so far. Default: beside --json, or the cache.",
    ),
]
Resume = Annotated[bool, typer.Option("--resume", help="Continue a run that was cut.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]
