"""`ocrx converters`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrx_cli.commands import COMMANDS
from ocrx_cli.options import common
from ocrx_cli.options.choices import components

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help=COMMANDS["converters"],
)

Names = Annotated[
    list[str],
    typer.Argument(
        metavar="NAME...",
        help="Converters as `ocrx converters list` names them.",
        autocompletion=components("converter"),
    ),
]


@app.command("list")
def list_converters(as_json: common.Json = False, debug: common.Debug = False) -> None:
    """List what converters convert, and which can be used here."""
    from ocrx_cli.work.converters import print_converters

    print_converters(as_json)


@app.command()
def install(
    names: Names,
    python: Annotated[
        Path | None,
        typer.Option(
            "--python",
            metavar="FILE",
            help="The Python to make the environments with. Default: a suitable one, if there is "
            "one.",
        ),
    ] = None,
    debug: common.Debug = False,
) -> None:
    """Install the environments of converters, and print their paths."""
    from ocrx_cli.work import converters

    converters.install(names, python)


@app.command()
def remove(names: Names, debug: common.Debug = False) -> None:
    """Delete the environments of converters. Models that they converted stay."""
    from ocrx_cli.work import converters

    converters.remove(names)
