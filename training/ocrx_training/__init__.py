"""Training recognisers of codes: the command `ocrx synth`, which draws pictures with their text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl

if TYPE_CHECKING:
    from ocrx.plugins.registrar import Registrar, Request


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("command", "synth", _synth)


def _synth(request: Request) -> Callable[..., None]:
    from ocrx_training.commands.synth import synth

    return synth
