"""`ocrx doctor`."""

from __future__ import annotations

import typer

from ocrx_cli.options import common

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def doctor(as_json: common.Json = False, debug: common.Debug = False) -> None:
    """Show what is installed, what is missing and how to get it.

    Exit code 5 if no runtime can be used, because nothing can be read then.
    """
    from ocrx_cli.work.doctor import print_diagnosis

    raise typer.Exit(print_diagnosis(as_json))
