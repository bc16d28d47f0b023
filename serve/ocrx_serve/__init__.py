"""`ocrx serve`: a service that reads pictures over HTTP, and a page to try it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl

if TYPE_CHECKING:
    import typer

    from ocrx.plugins.registrar import Registrar, Request


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("command", "serve", _serve)


def _serve(request: Request) -> typer.Typer:
    from ocrx_serve.command import app

    return app
