"""`ocrx plugins`."""

from __future__ import annotations

import typer

from ocrx_cli.options import common

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def plugins(as_json: common.Json = False, debug: common.Debug = False) -> None:
    """List plugins, and say why one failed.

    STATE is "ok"; "failed" for a plugin that could not be loaded; "rejected" for a component that
    was refused, because its name is taken, for example; "empty" for a plugin that added nothing.
    """
    from ocrx_cli.work.plugins import print_plugins

    print_plugins(as_json)
