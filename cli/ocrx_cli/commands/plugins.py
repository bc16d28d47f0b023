"""`ocrx plugins`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrx_cli.options import common
from ocrx_cli.options.choices import NEW_PLUGINS, one_of

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def plugins(ctx: typer.Context, as_json: common.Json = False, debug: common.Debug = False) -> None:
    """List plugins and say why one failed, or write a new one.

    STATE is "ok"; "failed" for a plugin that could not be loaded; "rejected" for a component that
    was refused, because its name is taken, for example; "empty" for a plugin that added nothing.
    """
    if ctx.invoked_subcommand is None:
        from ocrx_cli.work.plugins.listing import print_plugins

        print_plugins(as_json)


@app.command()
def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What users will call it, such as morse.")
    ],
    *,
    kind: Annotated[str, typer.Option("--kind", help="What it adds.", **one_of(NEW_PLUGINS))],
    folder: Annotated[
        Path, typer.Option("--in", metavar="DIR", help="Where to make the folder of the package.")
    ] = Path(),
    debug: common.Debug = False,
) -> None:
    """Write a package of your own that adds something to ocrx.

    The package is complete: it has a component that works, tests that pass, types and a licence.
    Change it into what you need.
    """
    from ocrx_cli.work.plugins.new import new_plugin

    new_plugin(name, kind, folder)
