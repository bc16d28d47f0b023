"""Options that take one of several values: checking, suggesting and completing them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

import typer

from ocrx.names import Task
from ocrx.system.suggest import did_you_mean

if TYPE_CHECKING:
    from ocrx.plugins.registrar import Kind

Completion: TypeAlias = Callable[[str], list[str]]
"""From the start of a word to the words that begin so."""

TASKS: tuple[Task, ...] = get_args(Task)
NEW_PLUGINS: tuple[Kind, ...] = (
    *("recognizer", "detector", "backend", "preprocessor", "page_reader", "finder"),
    *("writer", "decoder"),
)
"""The kinds that `ocrx plugins new` has templates for."""

FOLDS = ("case", "punctuation", "white_space", "compatibility", "code")
"""As in `ocrx.bench.figures.folding`, which takes too long to import for a help text."""


def one_of(values: Iterable[str]) -> dict[str, Any]:
    """Settings of an option that takes one of `values`."""
    known = tuple(values)

    def check(value: str | None) -> str | None:
        if value is None or value in known:
            return value
        hint = did_you_mean(value, known)
        raise typer.BadParameter(f"{value!r} is not one of {', '.join(known)}. {hint}".strip())

    return {"callback": check, "autocompletion": words(known), "metavar": "|".join(known)}


def words(known: Iterable[str]) -> Completion:
    """Completes one of `known`."""

    def complete(incomplete: str) -> list[str]:
        return [word for word in known if word.startswith(incomplete)]

    return complete


def components(*kinds: Kind) -> Completion:
    """Completes NAME[:VARIANT] with the registered components of those kinds."""

    def complete(incomplete: str) -> list[str]:
        return [name for name in _references(kinds) if name.startswith(incomplete)]

    return complete


def component_option(
    *flags: str, kinds: tuple[Kind, ...], text: str, metavar: str = "NAME[:VARIANT]"
) -> Any:
    """An option that takes the name of a component of one of these kinds. `text` is its help."""
    return typer.Option(*flags, metavar=metavar, help=text, autocompletion=components(*kinds))


def after_comma(complete: Completion) -> Completion:
    """Completes the last of several names."""

    def completed(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        return [f"{before}{comma}{found}" for found in complete(last)]

    return completed


def several(names: Iterable[str] | None) -> list[str]:
    """The names between the commas of an option that may be repeated, each once."""
    return list(dict.fromkeys(in_order(names)))


def in_order(names: Iterable[str] | None) -> list[str]:
    """The names between the commas of an option that may be repeated, as often as they stand."""
    parts = [part.strip() for name in names or () for part in name.split(",")]
    return [part for part in parts if part]


def _references(kinds: Iterable[Kind]) -> list[str]:
    from ocrx.plugins.registry import load_plugins

    found = []
    for entry in load_plugins().entries():
        if entry.kind in kinds:
            found.append(entry.name)
            found.extend(f"{entry.name}:{variant}" for variant in entry.models() if variant)
    return found
