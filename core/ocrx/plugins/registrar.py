"""What a plugin adds its components to, and what a component's factory is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from ocrx.errors import PluginError
from ocrx.plugins.options import NoOptions, describe_options

if TYPE_CHECKING:
    from ocrx.artifacts import ModelSpec
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
    "page_reader",
    "command",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Request:
    """What a factory is given: the variant after the colon in NAME:VARIANT, the component's options
    (an instance of its registered dataclass), where weights come from, and what the reader's
    pictures are (with "line", tight crops that no detector cut)."""

    variant: str
    options: Any
    store: Store
    layout: Layout = "auto"


Factory: TypeAlias = Callable[[Request], object]
Models: TypeAlias = Callable[[], Mapping[str, "ModelSpec"]]


@dataclass(frozen=True)
class Entry:
    """One registered component. `models` gives its variants; the first is the default."""

    kind: Kind
    name: str
    build: Factory
    options: type
    models: Models
    plugin: str
    distribution: str


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
    ) -> None:
        """Offer a component.

        `build(request)` returns what the kind says: a Backend, a Preprocessor, a PageReader; for a
        detector, orienter or recogniser either that or a NetworkModel, which the core joins with a
        session. `options` is a dataclass whose fields are the component's options; `models` gives
        a ModelSpec for each variant. Raises PluginError for an unknown kind, a bad name, or
        arguments of the wrong type.
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
        describe_options(options)  # raises here, in the plugin's name, if a type has no meaning
        self.added.append(
            Entry(kind, name, build, options, models, self._plugin, self._distribution)
        )
