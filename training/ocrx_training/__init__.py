"""Training recognisers of codes: `ocrx synth` draws pictures with their text, `ocrx train` learns
from them. Compressors that learn: `prune`, `sparsify` and `distill`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl
from ocrx_training.compressing.options import PruneOptions

if TYPE_CHECKING:
    from ocrx.plugins.registrar import Registrar, Request
    from ocrx_training.compressing.prune import Prune


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("command", "synth", _synth)
    registry.add("command", "train", _train)
    registry.add("compressor", "prune", _prune, options=PruneOptions)


def _synth(request: Request) -> Callable[..., None]:
    from ocrx_training.commands.synth import synth

    return synth


def _train(request: Request) -> Callable[..., None]:
    from ocrx_training.commands.train import train

    return train


def _prune(request: Request) -> Prune:
    from ocrx_training.compressing.prune import Prune

    return Prune(request.options)
