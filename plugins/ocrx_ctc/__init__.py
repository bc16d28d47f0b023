"""Decoders for CTC networks: `greedy` takes the best class of each step, `beam` searches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx.errors import UnknownName
from ocrx.plugins.hooks import hookimpl
from ocrx_ctc.settings import BeamOptions

if TYPE_CHECKING:
    from ocrx.plugins.registrar import Registrar, Request
    from ocrx_ctc.beam import Beam
    from ocrx_ctc.greedy import Greedy


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("decoder", "greedy", _greedy)
    registry.add("decoder", "beam", _beam, options=BeamOptions)


def _greedy(request: Request) -> Greedy:
    from ocrx_ctc.greedy import Greedy

    _check("greedy", request)
    return Greedy()


def _beam(request: Request) -> Beam:
    from ocrx_ctc.beam import Beam

    _check("beam", request)
    return Beam(request.options)


def _check(name: str, request: Request) -> None:
    if request.variant:
        raise UnknownName(
            f"decoder {name!r} has no variant {request.variant!r}", f"Ask for {name} alone."
        )
