"""Values of options: checking them, suggesting the nearest, completing them in the shell."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from ocrx.plugins import Kind


def nearest(word: str, known: Iterable[str]) -> str:
    """ "Did you mean 'x'? ", or nothing if no known word is close."""
    near = difflib.get_close_matches(word, list(known), 1)
    return f"Did you mean {near[0]!r}? " if near else ""


PRECISIONS = ("auto", "fp32", "bf16", "fp16", "int8")
"""As in `ocrx.artifacts`, which is too slow to import for a help text."""


def one_of(values: Iterable[str]) -> dict[str, Any]:
    """Settings of an option that takes one of `values`."""
    known = tuple(values)

    def check(value: str | None) -> str | None:
        if value is None or value in known:
            return value
        hint = nearest(value, known)
        raise typer.BadParameter(f"{value!r} is not one of {', '.join(known)}. {hint}".strip())

    def complete(incomplete: str) -> list[str]:
        return [value for value in known if value.startswith(incomplete)]

    return {"callback": check, "autocompletion": complete, "metavar": "|".join(known)}


def components(*kinds: Kind) -> Callable[[str], list[str]]:
    """Completes NAME[:VARIANT] with the registered components of those kinds."""

    def complete(incomplete: str) -> list[str]:
        return [name for name in _references(kinds) if name.startswith(incomplete)]

    return complete


def _references(kinds: Iterable[Kind]) -> list[str]:
    from ocrx.plugins import load_plugins

    found = []
    for entry in load_plugins().entries():
        if entry.kind in kinds:
            found.append(entry.name)
            found.extend(f"{entry.name}:{variant}" for variant in entry.models() if variant)
    return found
