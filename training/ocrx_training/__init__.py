"""Training recognisers of codes: `ocrx synth` draws pictures with their text, `ocrx train` learns
from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl

if TYPE_CHECKING:
    from ocrx.plugins.registrar import Registrar, Request


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("command", "synth", _synth)
    registry.add("command", "train", _train)


def _synth(request: Request) -> Callable[..., None]:
    from ocrx_training.commands.synth import synth

    return synth


def _train(request: Request) -> Callable[..., None]:
    from ocrx_training.commands.train import train

    return train
