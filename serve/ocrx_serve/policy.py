"""What requests may ask for. A client is a stranger: it may choose, but names no files."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from ocrx.errors import UsageError
from ocrx.plugins.registrar import Entry, Kind
from ocrx.plugins.registry import Registry
from ocrx.reading.chain import parse_chain
from ocrx.reading.choice import split_reference
from ocrx.system.text import printable
from ocrx.weights.records import is_path
from ocrx_cli.asked import Asked

CHOSEN: dict[str, tuple[Kind, ...]] = {
    "detector": ("detector",),
    "recognizer": ("recognizer", "page_reader"),
    "page_reader": ("page_reader",),
    "orienter": ("orienter",),
    "decoder": ("decoder",),
}
"""The arguments of a reader that name a component, and the kinds of it."""

RUNTIMES: tuple[Kind, ...] = ("backend", "converter", "inspector")
PLAIN = (bool, int, float, NoneType)


def check_request(asked: Asked, registry: Registry, allowed: Collection[str]) -> None:
    """Raise UsageError for a model that is a file, and for options that may name one.

    Requests may set numbers, switches and choices of components, but options that take any text
    only if these are `allowed`, as KIND.OPTION or KIND.NAME.OPTION.
    """
    for argument, kinds in CHOSEN.items():
        if (reference := asked.reader.get(argument)) is not None:
            _check_reference(reference, kinds, registry)
    for reference in asked.reader.get("finders") or ():
        _check_reference(reference, ("finder",), registry)
    for target, option in _options(asked):
        kind, _, name = target.partition(".")
        free = any(_is_free(entry, option) for entry in _entries(registry, kind, name))
        if (free or kind in RUNTIMES) and f"{target}.{option}" not in allowed:
            raise UsageError(
                f"requests may not set {target}.{option}",
                f"Start the service with --allow {target}.{option}, or with the option itself.",
            )


def check_allowed(allowed: Collection[str], registry: Registry) -> None:
    """Raise UsageError for what is to be allowed and is no option of any component."""
    for one in allowed:
        target, _, option = one.rpartition(".")
        kind, _, name = target.partition(".")
        known = (get_type_hints(entry.options) for entry in _entries(registry, kind, name))
        if not any(option in hints for hints in known):
            raise UsageError(
                f"--allow {printable(one)}: no component has such an option",
                "Write it as requests do, for instance recognizer.dictionary.",
            )


def check_origins(origins: Collection[str]) -> None:
    """Raise UsageError for what no browser sends as the origin of a page."""
    for one in origins:
        parts = urlsplit(one if "://" in one else f"https://{one}")
        if one not in ("*", "null") and one != f"{parts.scheme}://{parts.netloc}".lower():
            raise UsageError(
                f"--cors {printable(one)}: this is no origin",
                f"Write --cors {printable(f'{parts.scheme}://{parts.netloc}'.lower())}, or '*'.",
            )


def _check_reference(reference: str, kinds: tuple[Kind, ...], registry: Registry) -> None:
    if is_path(reference.partition(":")[0]):  # it is not even looked at
        raise UsageError(
            f"requests name no files, such as {printable(reference)}",
            "Choose a model that `/v1/models` lists.",
        )
    name, variant = split_reference(reference)
    for kind in kinds:
        entry = registry.find(kind, name)
        if entry is not None and entry.paths and variant and variant not in entry.models():
            raise UsageError(
                f"{kind.replace('_', ' ')} {name!r} has no model {variant!r} for requests",
                f"Choose one of: {', '.join(entry.models())}.",
            )


def _options(asked: Asked) -> Iterator[tuple[str, str]]:
    """Each option that was set, with its component."""
    for settings in (asked.settings, asked.for_writer):
        for target, values in settings.items():
            yield from ((target, option) for option in values)
    for chain in asked.reader.get("preprocessors") or ():
        for link in parse_chain(chain):
            _name = split_reference(link.reference)[0]
            yield from ((f"preprocessor.{_name}", option) for option in link.options)


def _entries(registry: Registry, kind: str, name: str) -> Iterator[Entry]:
    for entry in registry.entries():
        if entry.kind == kind and name in ("", entry.name):
            yield entry


def _is_free(entry: Entry, option: str) -> bool:
    """Whether the option takes any text."""
    hint = get_type_hints(entry.options).get(option)
    return hint is not None and not _is_plain(hint)


def _is_plain(hint: Any) -> bool:
    if get_origin(hint) in (Union, UnionType):
        return all(map(_is_plain, get_args(hint)))
    return get_origin(hint) is Literal or hint in PLAIN
