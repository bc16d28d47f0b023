"""What a plugin adds its components to, and what a component's factory is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, is_dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from ocrx.errors import PluginError
from ocrx.plugins.options import NoOptions, describe_options

if TYPE_CHECKING:
    from ocrx.artifacts import ModelSpec
    from ocrx.interfaces.components import Component
    from ocrx.interfaces.runtimes import SessionOptions
    from ocrx.names import Layout
    from ocrx.weights.store import Store


Kind: TypeAlias = Literal[
    "backend",
    "converter",
    "inspector",
    "preprocessor",
    "detector",
    "orienter",
    "recognizer",
    "decoder",
    "page_reader",
    "finder",
    "writer",
    "dataset",
    "metric",
    "command",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


Opener: TypeAlias = Callable[[Kind, str, Mapping[str, Any]], "Component"]

Taken: TypeAlias = Literal["device", "precision", "threads"]
TAKEN: tuple[Taken, ...] = get_args(Taken)
"""What a user may ask of a component that runs networks."""


def _nothing_asked() -> SessionOptions:
    from ocrx.interfaces.runtimes import SessionOptions

    return SessionOptions()


def _cannot_open(kind: Kind, reference: str, options: Mapping[str, Any]) -> Component:
    raise PluginError(
        f"{kind} {reference!r} cannot be opened by a request that no reader made",
        "Make the component through a reader.",
    )


@dataclass(frozen=True)
class Request:
    """What a factory is given.

    `variant` is what follows the colon in NAME:VARIANT; `options` is an instance of the component's
    registered dataclass; `store` finds and fetches weights; `layout` is what the reader's pictures
    are (with "line", tight crops that no detector cut). `session` holds the device, precision and
    threads that the user asked for: a component with a runtime of its own heeds those that it was
    registered to take, and an error has kept the others away from it.

    `open(kind, reference, options)` opens another component of a reader, a network on the best
    runtime; who opens it closes it. Raises what opening it raises.
    """

    variant: str
    options: Any
    store: Store
    layout: Layout = "auto"
    session: SessionOptions = field(default_factory=_nothing_asked)
    open: Opener = _cannot_open


Factory: TypeAlias = Callable[[Request], object]
Models: TypeAlias = Callable[[], Mapping[str, "ModelSpec"]]


@dataclass(frozen=True)
class Entry:
    """One registered component. `models` gives its variants; the first is the default. `takes` is
    what it can be told if it has a runtime of its own; `paths` says that a variant may be the path
    of a model too."""

    kind: Kind
    name: str
    build: Factory
    options: type
    models: Models
    plugin: str
    distribution: str
    takes: frozenset[str] = frozenset()
    paths: bool = False


class Registrar:
    """What a plugin's `ocrx_register` is given to add its components to."""

    def __init__(self, plugin: str, distribution: str) -> None:
        self._plugin = plugin
        self._distribution = distribution
        self.added: list[Entry] = []

    def add(
        self,
        kind: Kind,
        name: str,
        build: Factory,
        *,
        options: type = NoOptions,
        models: Models = dict,
        takes: Collection[Taken] = (),
        paths: bool = False,
    ) -> None:
        """Offer a component.

        `build(request)` returns what the kind says: a Backend, a Preprocessor, a Decoder, a Finder;
        for a detector, orienter or recogniser either that or a NetworkModel, which the core joins
        with a session. `options` is a dataclass whose fields are the component's options; `models`
        gives a ModelSpec for each variant; `paths` says that a variant may also be the path of a
        model, and the factory judges it. `takes` lists what of "device", "precision" and "threads"
        a component with a runtime of its own finds in `request.session` and heeds: asking for
        anything else is an error. Raises PluginError for an unknown kind, a bad name, or arguments
        of the wrong type.
        """
        if kind not in KINDS:
            raise PluginError(f"there is no interface {kind!r}", f"Use one of: {', '.join(KINDS)}.")
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
            raise PluginError(
                f"{name!r} cannot name a {kind}", "Use lower-case letters, digits, - and _."
            )
        if not callable(build) or not callable(models):
            raise PluginError(
                f"{kind} {name!r} has a factory that cannot be called",
                "`build` and `models` are functions or classes.",
            )
        if not (isinstance(options, type) and is_dataclass(options)):
            raise PluginError(
                f"the options of {kind} {name!r} are no dataclass",
                "Pass a class decorated with @dataclass.",
            )
        strange = sorted(set(takes) - set(TAKEN))
        if strange:
            raise PluginError(
                f"{kind} {name!r} takes {', '.join(strange)}, which nobody can ask for",
                f"`takes` lists some of: {', '.join(TAKEN)}.",
            )
        describe_options(options)  # raises here, in the plugin's name, if a type has no meaning
        self.added.append(
            Entry(
                kind,
                name,
                build,
                options,
                models,
                self._plugin,
                self._distribution,
                frozenset(takes),
                paths,
            )
        )
