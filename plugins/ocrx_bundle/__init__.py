"""Bundles: a reader as a folder to copy to a device, also to one on which ocrx does not run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl

if TYPE_CHECKING:
    from ocrx.plugins.registrar import Registrar, Request


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("command", "bundle", _bundle)


def _bundle(request: Request) -> Callable[..., None]:
    from ocrx_bundle.command import bundle

    return bundle
