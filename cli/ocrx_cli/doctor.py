"""`ocrx doctor`: what is here, what is missing, and the one command that gets it."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from ocrx_cli.console import print_line, print_table

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Say what is here, what is missing and how to get it.

    Exit code 5 if no runtime can be used, so that nothing can be read.
    """
    from dataclasses import asdict

    from ocrx.errors import BackendError
    from ocrx_cli.diagnosis import Diagnosis, diagnose

    found: Diagnosis = diagnose()
    if as_json:
        print_line(json.dumps({"schema": "ocrx/1", "ready": found.ready, **asdict(found)}))
    else:
        for title, rows in found.sections():
            print_line(f"{title}")
            print_table([["", *row] for row in rows])
            print_line("")
        print_line("Ready to read." if found.ready else "Not ready: no runtime can be used.")
    if not found.ready:
        raise typer.Exit(BackendError.exit_code)
