"""Training recognisers of codes: `ocrx synth` draws pictures with their text, `ocrx train` learns
from them. Compressors that learn: `prune`, `match`, `sparsify` and `distill`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ocrx.plugins.hooks import hookimpl
from ocrx_training.compressing.options import (
    DistillOptions,
    MatchOptions,
    PruneOptions,
    SparsifyOptions,
)

if TYPE_CHECKING:
    from ocrx.plugins.registrar import Registrar, Request
    from ocrx_training.compressing.distill import Distill
    from ocrx_training.compressing.match import Match
    from ocrx_training.compressing.prune import Prune
    from ocrx_training.compressing.sparsify import Sparsify


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("command", "synth", _synth)
    registry.add("command", "train", _train)
    registry.add("compressor", "prune", _prune, options=PruneOptions)
    registry.add("compressor", "sparsify", _sparsify, options=SparsifyOptions)
    registry.add("compressor", "distill", _distill, options=DistillOptions)
    registry.add("compressor", "match", _match, options=MatchOptions)


def _synth(request: Request) -> Callable[..., None]:
    from ocrx_training.commands.synth import synth

    return synth


def _train(request: Request) -> Callable[..., None]:
    from ocrx_training.commands.train import train

    return train


def _prune(request: Request) -> Prune:
    from ocrx_training.compressing.prune import Prune

    return Prune(request.options)


def _sparsify(request: Request) -> Sparsify:
    from ocrx_training.compressing.sparsify import Sparsify

    return Sparsify(request.options)


def _distill(request: Request) -> Distill:
    from ocrx_training.compressing.distill import Distill

    return Distill(request.options)


def _match(request: Request) -> Match:
    from ocrx_training.compressing.match import Match

    return Match(request.options)
