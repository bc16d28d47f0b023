"""From the files a model is published as to one that a runtime takes.

The graph's nodes are (format, precision), its edges what the converters make; a published file
costs nothing, so it beats any conversion. `kept` keeps the results.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ocrx.artifacts import Format, ModelSpec
from ocrx.errors import (
    BackendMissing,
    NoRoute,
)
from ocrx.interfaces.conversion import Converter
from ocrx.interfaces.runtimes import Availability, Backend
from ocrx.names import Precision

Node: TypeAlias = tuple[Format, Precision]


@dataclass(frozen=True)
class Route:
    """A published artifact's format and the converters to go through, with the node each makes."""

    start: Format
    steps: tuple[tuple[Converter, Node], ...] = ()


@dataclass(frozen=True)
class Wanted:
    """What a session is opened with: the runtime, the precision asked for, the device."""

    backend: Backend
    precision: Precision = "auto"
    device: str = "auto"


def is_published(spec: ModelSpec, wanted: Wanted) -> bool:
    """Whether the runtime takes one of the model's files as it is."""
    return cheapest(reachable(spec, (), usable_only=True), spec, wanted) is not None


def find_route(spec: ModelSpec, wanted: Wanted, converters: Sequence[Converter]) -> Route:
    """The cheapest way from a published file of the model to one that the runtime takes.

    Where two cost the same, the format the runtime likes better wins. Raises NoRoute, naming the
    formats held and the edges there are; BackendMissing if the only way needs a converter that is
    not installed, with the command that gets it.
    """
    # First without any converter: looking whether one is there imports what it is made of.
    for usable in ((), converters):
        reached = cheapest(reachable(spec, usable, usable_only=True), spec, wanted)
        if reached is not None:
            return reached
    possible = cheapest(reachable(spec, converters, usable_only=False), spec, wanted)
    if possible is not None:
        absent = next(c for c, _ in possible.steps if not _probe(c).present)
        found = _probe(absent)
        raise BackendMissing(
            f"{spec.name} reaches {wanted.backend.name} only through the converter "
            f"{absent.name!r}, which is not here ({found.detail or 'not installed'})",
            f"Get it with: {found.remedy}",
        )
    edges = dict.fromkeys(
        f"{c.name} ({a} to {d} {p})" for c in converters for a, _, d, p in c.makes
    )
    raise NoRoute(
        f"{spec.name} is published as {', '.join(spec.artifacts)}, {wanted.backend.name} takes "
        f"{', '.join(wanted.backend.accepts)} in {_weights(spec, wanted)}, and no converter leads "
        f"there (tried: {'; '.join(edges) or 'none installed'})",
        "Choose another backend or precision; `ocrx doctor` lists them.",
    )


def _probe(converter: Converter) -> Availability:
    try:
        return converter.probe()
    # A plugin's code runs here, and must not take away the routes that go without it.
    except Exception as error:
        return Availability(
            False,
            detail=f"{type(error).__name__}: {error}",
            remedy="a version of its plugin that works here",
        )


def reachable(
    spec: ModelSpec, converters: Sequence[Converter], *, usable_only: bool
) -> dict[Node, tuple[float, Route]]:
    """The cheapest way to every node that can be reached (Dijkstra)."""
    usable = [c for c in converters if not usable_only or _probe(c).present]
    best: dict[Node, tuple[float, Route]] = {}
    queue: list[tuple[float, int, Node, Route]] = []
    for form in spec.artifacts:
        heapq.heappush(queue, (0.0, len(queue), (form, spec.precision), Route(form)))
    count = len(queue)
    while queue:
        cost, _, node, route = heapq.heappop(queue)
        if node in best:
            continue
        best[node] = (cost, route)
        for converter in usable:
            for source, held, target, made in converter.makes:
                if (source, held) == node and (target, made) not in best:
                    count += 1
                    step = (converter, (target, made))
                    further = Route(route.start, (*route.steps, step))
                    heapq.heappush(queue, (cost + converter.cost, count, (target, made), further))
    return best


def cheapest(
    ways: Mapping[Node, tuple[float, Route]], spec: ModelSpec, wanted: Wanted
) -> Route | None:
    weights = _weights(spec, wanted)
    found = [
        (*ways[form, weights][:1], rank, ways[form, weights][1])
        for rank, form in enumerate(wanted.backend.accepts)
        if (form, weights) in ways
    ]
    return min(found, key=lambda way: way[:2])[2] if found else None


def _weights(spec: ModelSpec, wanted: Wanted) -> Precision:
    """The precision the file must have; whatever is published serves "auto", and what asks for
    just that."""
    if wanted.precision in ("auto", spec.precision):
        return spec.precision
    return wanted.backend.weights(wanted.precision)
