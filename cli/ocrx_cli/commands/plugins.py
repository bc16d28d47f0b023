"""`ocrx plugins`."""

from __future__ import annotations

import typer

from ocrx_cli.options import common

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def plugins(as_json: common.Json = False, debug: common.Debug = False) -> None:
    """List every plugin, and why one failed.

    The state is "ok", "failed" for a plugin that could not be loaded, "rejected" for a component
    that the registry refused, and "empty" for a plugin that registered nothing.
    """
    from ocrx_cli.work.plugins import print_plugins

    print_plugins(as_json)
