"""Finding the cheapest route from a model's published files to one that a runtime takes.

It is a path in a graph whose nodes are (format, precision) and whose edges are the conversions
that converters offer. A published file costs nothing, so it beats any conversion.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ocrx.artifacts import Format, ModelSpec
from ocrx.errors import BackendMissing, NoRoute, PluginError, plugin_errors
from ocrx.interfaces.conversion import Converter
from ocrx.interfaces.runtimes import Availability, Backend
from ocrx.names import PRECISIONS, Precision

Node: TypeAlias = tuple[Format, Precision]


@dataclass(frozen=True)
class Route:
    """The node of a published file, and the converters to apply, with the node each makes."""

    start: Node
    steps: tuple[tuple[Converter, Node], ...] = ()


@dataclass(frozen=True)
class Wanted:
    """What a model is to become: a file in one of `forms`, the preferred one first. `taker` names
    whoever takes it, for messages, and `device` is where it is to run."""

    taker: str
    forms: Sequence[Node]
    device: str = "auto"


def wanted_by(
    backend: Backend, spec: ModelSpec, precision: Precision = "auto", device: str = "auto"
) -> Wanted:
    """What the runtime takes of the model, for a session of that precision."""
    weights = _weights(backend, spec, precision)
    return Wanted(backend.name, [(form, weights) for form in backend.accepts], device)


def leads(spec: ModelSpec, wanted: Wanted, converters: Sequence[Converter] = ()) -> bool:
    """Whether one of the model's published files is what is wanted, as it is or as the converters
    would make it, be they installed or not."""
    return cheapest(spec, converters, wanted, usable_only=False) is not None


def takers(
    spec: ModelSpec, backends: Sequence[Backend], converters: Callable[[], Sequence[Converter]]
) -> list[Backend]:
    """The backends that take each network of a model as it is published; if there are none, those
    that converters lead to."""

    def found(edges: Sequence[Converter]) -> list[Backend]:
        networks = spec.networks.values()
        return [b for b in backends if all(leads(n, wanted_by(b, n), edges) for n in networks)]

    return found(()) or found(converters())


def find_route(spec: ModelSpec, wanted: Wanted, converters: Sequence[Converter]) -> Route:
    """The cheapest way from a published file of the model to what is wanted.

    Of two with the same cost, the one to the preferred form wins. Raises NoRoute
    if there is none, with the published formats and the conversions on offer, and BackendMissing
    if the only way needs a converter that is not installed, with the command that installs it.
    """
    # Try without converters first, because probing one imports its packages.
    for usable in ((), converters):
        reached = cheapest(spec, usable, wanted, usable_only=True)
        if reached is not None:
            return reached
    possible = cheapest(spec, converters, wanted, usable_only=False)
    if possible is not None:
        absent = next(c for c, _ in possible.steps if not _probe(c).present)
        found = _probe(absent)
        raise BackendMissing(
            f"{spec.name} reaches {wanted.taker} only through the converter "
            f"{absent.name!r}, which is not here ({found.detail or 'not installed'})",
            f"Get it with: {found.remedy}",
        )
    edges = dict.fromkeys(
        f"{c.name} ({a} to {d} {p})" for c in converters for a, _, d, p in c.makes
    )
    raise NoRoute(
        f"{spec.name} is published as {', '.join(spec.artifacts)}, {wanted.taker} takes "
        f"{', '.join(map(' in '.join, wanted.forms))}, and no converter leads "
        f"there (tried: {'; '.join(edges) or 'none installed'})",
        "Choose another backend or precision; `ocrx doctor` lists them.",
    )


def _probe(converter: Converter) -> Availability:
    try:
        return converter.probe()
    # This is a plugin's code. Its failure must not block the routes that do without it.
    except Exception as error:
        return Availability(
            False,
            detail=f"{type(error).__name__}: {error}",
            remedy="a version of its plugin that works here",
        )


def cheapest(
    spec: ModelSpec, converters: Sequence[Converter], wanted: Wanted, *, usable_only: bool
) -> Route | None:
    """The cheapest route to what is wanted, None if there is none. With `usable_only` it takes only
    converters that are installed."""
    usable = [c for c in converters if not usable_only or _probe(c).present]
    ways = _reachable(spec.published(wanted.device), usable)
    found = [
        (ways[form][0], rank, ways[form][1])
        for rank, form in enumerate(wanted.forms)
        if form in ways
    ]
    return min(found, key=lambda way: way[:2])[2] if found else None


def _reachable(
    published: Iterable[Node], converters: Sequence[Converter]
) -> dict[Node, tuple[float, Route]]:
    """The cost and the cheapest route of every node that can be reached (Dijkstra)."""
    best: dict[Node, tuple[float, Route]] = {}
    queue = [(0.0, count, node, Route(node)) for count, node in enumerate(published)]
    count = len(queue)
    while queue:
        cost, _, node, route = heapq.heappop(queue)
        if node in best:
            continue
        best[node] = (cost, route)
        for converter in converters:
            for source, held, target, made in converter.makes:
                if (source, held) == node and (target, made) not in best:
                    count += 1
                    step = (converter, (target, made))
                    further = Route(route.start, (*route.steps, step))
                    heapq.heappush(queue, (cost + converter.cost, count, (target, made), further))
    return best


def _weights(backend: Backend, spec: ModelSpec, precision: Precision) -> Precision:
    """The precision that the file must have. For "auto" it is the published one."""
    if precision in ("auto", spec.precision):
        return spec.precision
    name = f"the runtime {backend.name!r}"
    with plugin_errors(name):
        found = backend.weights(precision)
    if found not in PRECISIONS:
        raise PluginError(
            f"{name} wants weights in {found!r}, which is no precision",
            "Report it to its author, or choose another.",
        )
    return found
