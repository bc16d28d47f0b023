"""The registrar, to which a plugin adds its components, and the request that factories receive."""

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
    "compressor",
    "inspector",
    "preprocessor",
    "detector",
    "orienter",
    "recognizer",
    "decoder",
    "pattern",
    "page_reader",
    "finder",
    "writer",
    "dataset",
    "metric",
    "command",
]
"""What a plugin can add."""
KINDS: tuple[Kind, ...] = get_args(Kind)


Opener: TypeAlias = Callable[[Kind, str, Mapping[str, Any]], "Component"]
"""Opens the component of that kind and reference, NAME or NAME:VARIANT, with those options."""

Taken: TypeAlias = Literal["device", "precision", "threads"]
"""The session options that a component with a runtime of its own may support."""
TAKEN: tuple[Taken, ...] = get_args(Taken)


def nothing_asked() -> SessionOptions:
    """The session options where everything is left to the component."""
    from ocrx.interfaces.runtimes import SessionOptions

    return SessionOptions()


def cannot_open(kind: Kind, reference: str, options: Mapping[str, Any]) -> Component:
    """The `Request.open` of a request that no reader made: raises PluginError."""
    raise PluginError(
        f"{kind} {reference!r} cannot be opened, because the request is not from a reader",
        "Build the component through a reader.",
    )


@dataclass(frozen=True)
class Request:
    """What a factory is called with.

    `variant` is what follows the colon in NAME:VARIANT. `options` is an instance of the component's
    registered dataclass. `store` finds and fetches weights. `layout` says what the reader's
    pictures are; with "line" they are tight crops that no detector has cut. `session` holds the
    device, precision and threads that the user chose. A component with a runtime of its own heeds
    those that it was registered to take; the user gets an error for any other.

    `open(kind, reference, options)` opens another component, a network on the best runtime. The
    caller closes it. It raises what opening that component raises.
    """

    variant: str
    options: Any
    store: Store
    layout: Layout = "auto"
    session: SessionOptions = field(default_factory=nothing_asked)
    open: Opener = cannot_open


Factory: TypeAlias = Callable[[Request], object]
"""Makes a component when it is needed."""

Models: TypeAlias = Callable[[], Mapping[str, "ModelSpec"]]
"""Gives the model of each variant, by the variant's name; the first is the default."""


@dataclass(frozen=True)
class Entry:
    """One registered component.

    `models` returns its variants; the first is the default. `takes` lists the session options that
    it supports if it has a runtime of its own. `paths` says that a variant may also be the path of
    a model.
    """

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
    """Collects the components of one plugin: the argument of its `ocrx_register`."""

    def __init__(self, plugin: str, distribution: str) -> None:
        self._plugin = plugin
        self._distribution = distribution
        self.added: list[Entry] = []
        """What was added, in order."""

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

        `build(request)` returns an instance of the kind's interface: a Backend, a Preprocessor, a
        Decoder, a Finder. For a detector, orienter or recogniser it may return a NetworkModel
        instead, which the core runs in a session. `options` is a dataclass whose fields are the
        component's options. `models` returns a ModelSpec for each variant. `paths` says that a
        variant may also be the path of a model, which the factory checks. `takes` is for a
        component with a runtime of its own: it lists which of "device", "precision" and "threads"
        the component heeds in `request.session`. A user who asks for another gets an error.

        Raises PluginError for an unknown kind, a bad name, or arguments of the wrong type.
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
                f"the options of {kind} {name!r} are not a dataclass",
                "Pass a class decorated with @dataclass.",
            )
        strange = sorted(set(takes) - set(TAKEN))
        if strange:
            raise PluginError(
                f"{kind} {name!r} takes unknown session options: {', '.join(strange)}",
                f"`takes` lists some of: {', '.join(TAKEN)}.",
            )
        describe_options(options)  # an annotation that cannot be resolved is this plugin's error
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
