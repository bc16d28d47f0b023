"""Decoders for CTC networks: `greedy` takes the best class of each step, `beam` searches, `pattern`
reads what matches a pattern. And the patterns that ocrx knows by name."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ocrx.errors import UnknownName
from ocrx.patterns.named import NAMED
from ocrx.plugins.hooks import hookimpl
from ocrx_ctc.settings import BeamOptions, PatternOptions

if TYPE_CHECKING:
    from ocrx.interfaces.patterns import Pattern
    from ocrx.plugins.registrar import Registrar, Request
    from ocrx_ctc.beam import Beam
    from ocrx_ctc.greedy import Greedy
    from ocrx_ctc.pattern import PatternDecoder


@hookimpl
def ocrx_register(registry: Registrar) -> None:
    registry.add("decoder", "greedy", _greedy)
    registry.add("decoder", "beam", _beam, options=BeamOptions)
    registry.add("decoder", "pattern", _pattern, options=PatternOptions)
    for name in NAMED:
        registry.add("pattern", name, partial(_named, name))


def _greedy(request: Request) -> Greedy:
    from ocrx_ctc.greedy import Greedy

    _check("greedy", request)
    return Greedy()


def _beam(request: Request) -> Beam:
    from ocrx_ctc.beam import Beam

    _check("beam", request)
    return Beam(request.options)


def _pattern(request: Request) -> PatternDecoder:
    from ocrx_ctc.pattern import PatternDecoder
    from ocrx_ctc.patterns import Patterns, chosen

    _check("pattern", request)
    options: PatternOptions = request.options
    return PatternDecoder(Patterns(chosen(request, options), options.charset), options)


def _named(name: str, request: Request) -> Pattern:
    return NAMED[name]


def _check(name: str, request: Request) -> None:
    if request.variant:
        raise UnknownName(
            f"decoder {name!r} has no variant {request.variant!r}", f"Ask for {name} alone."
        )
