"""`ocrx watch`: reads what a camera, a video or a folder shows, as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl

if TYPE_CHECKING:
    import typer

    from ocrx.plugins.registrar import Registrar, Request


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("command", "watch", _watch)


def _watch(request: Request) -> typer.Typer:
    from ocrx_watch.command import app

    return app
