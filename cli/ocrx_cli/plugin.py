"""Adds the commands of ocrx itself to the registry, so that no plugin can take their names."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ocrx import hookimpl
from ocrx_cli.commands import COMMANDS, command_app

if TYPE_CHECKING:
    import typer

    from ocrx.plugins.registrar import Registrar, Request


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    for name in COMMANDS:
        registry.add("command", name, partial(_build, name))


def _build(name: str, request: Request) -> typer.Typer:
    return command_app(name)
