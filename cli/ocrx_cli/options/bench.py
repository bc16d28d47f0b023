"""The options of the commands that measure: `ocrx bench`, `ocrx matrix` and `ocrx tune`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrx.names import LAYOUTS
from ocrx_cli.options.choices import (
    FOLDS,
    after_comma,
    component_option,
    components,
    one_of,
    words,
)
from ocrx_cli.options.common import settings_option

DATASET = "Pictures with their text. See `ocrx dataset`."
"""The help of DATASET."""

Detector = Annotated[
    str,
    component_option("--detector", "-d", kinds=("detector",), text="What finds lines on pages."),
]
Settings = Annotated[
    list[str] | None,
    settings_option("An option of a component. May be given several times."),
]
Layout = Annotated[
    str | None,
    typer.Option(
        help="How to read the pictures. Default: line for datasets of lines, else page.",
        **one_of(LAYOUTS),
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Use only N pictures, evenly spread over the dataset."),
]
Rounds = Annotated[
    int, typer.Option(metavar="N", min=1, help="How many times each picture is read.")
]
TimeLimit = Annotated[
    float,
    typer.Option(metavar="SECONDS", min=0.001, help="How long a combination may take in all."),
]
Fold = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAMES",
        help="Which differences between texts do not count: some of "
        f"{', '.join(FOLDS)} (only A-Z and 0-9 count).",
        autocompletion=after_comma(words(FOLDS)),
    ),
]
Metrics = Annotated[
    list[str] | None,
    typer.Option(
        "--metric",
        metavar="NAMES",
        help="Figures to add that plugins compute.",
        autocompletion=after_comma(components("metric")),
    ),
]
Download = Annotated[
    bool,
    typer.Option("--download", help="Download missing weights. Without it nothing is downloaded."),
]
Json = Annotated[
    Path | None,
    typer.Option(
        "--json", metavar="FILE", help="Write the whole result, for `ocrx matrix --compare`."
    ),
]
Html = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write a report for a browser."),
]
Csv = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="Write a row for each combination.")
]
Markdown = Annotated[
    Path | None, typer.Option("--markdown", metavar="FILE", help="Write tables for a document.")
]
JournalFile = Annotated[
    Path | None,
    typer.Option(
        "--journal",
        metavar="FILE",
        help="Where to keep measurements until the run is complete. Default: beside the file of "
        "--json, or in the cache.",
    ),
]
Resume = Annotated[bool, typer.Option("--resume", help="Continue an interrupted run.")]
