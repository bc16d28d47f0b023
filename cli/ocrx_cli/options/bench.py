"""The options that `ocrx bench` and `ocrx matrix` share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrx_cli.options.choices import FOLDS, LAYOUTS, after_comma, one_of, words

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
        autocompletion=after_comma(words(FOLDS)),
    ),
]
Download = Annotated[
    bool, typer.Option("--download", help="Fetch weights that are not here; else nothing is.")
]
Json = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the result.")]
Html = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write a page to look at in a browser."),
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
