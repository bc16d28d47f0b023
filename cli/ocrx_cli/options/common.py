"""Options of most commands."""

from __future__ import annotations

from typing import Annotated

import typer

from ocrx_cli.options.choices import TASKS, components, one_of

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]
Offline = Annotated[bool, typer.Option("--offline", help="Download nothing.")]
Form = Annotated[
    str | None,
    typer.Option(
        "--form",
        metavar="NAME",
        help="How it is stored, if that cannot be told: labels, paddle, icdar, icdar-words, lmdb "
        "or a form that a plugin adds.",
        autocompletion=components("dataset"),
    ),
]
Task = Annotated[
    str | None, typer.Option("--task", help="Only models for this task.", **one_of(TASKS))
]
Threads = Annotated[
    int | None, typer.Option("--threads", metavar="N", min=1, help="CPU threads. Default: all.")
]
Preprocessors = Annotated[
    list[str] | None,
    typer.Option(
        "--preprocessor",
        "-p",
        metavar="NAME",
        help="What prepares each picture. May be given several times, and is applied in order.",
        autocompletion=components("preprocessor"),
    ),
]
Decoder = Annotated[
    str | None,
    typer.Option(
        "--decoder",
        metavar="NAME",
        help="What makes text of a CTC recognizer's output. Default: greedy.",
        autocompletion=components("decoder"),
    ),
]
Backend = Annotated[
    str,
    typer.Option(
        "--backend",
        "-b",
        metavar="NAME",
        help="The runtime. auto takes the best that is installed.",
        autocompletion=components("backend"),
    ),
]
