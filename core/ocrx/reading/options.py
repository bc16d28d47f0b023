"""Checks that options and variants are those of components in use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ocrx.errors import UnknownName, UsageError
from ocrx.interfaces.components import Component
from ocrx.interfaces.runtimes import SessionOptions
from ocrx.plugins.registrar import Entry, Kind
from ocrx.reading.choice import split_reference
from ocrx.system.suggest import did_you_mean


def check_options(options: Iterable[str], used: Mapping[Kind, Sequence[str | None]]) -> None:
    """Raise UsageError for options, given by their keys (KIND or KIND.NAME), of components that are
    not in `used`, and for options of a kind with several components in use.

    `used` maps kinds to NAME or NAME:VARIANT.
    """
    names = {kind: {split_reference(one)[0] for one in some if one} for kind, some in used.items()}
    by_kind = {str(kind): sorted(f"{kind}.{name}" for name in names[kind]) for kind in names}
    known = {key for kind, keys in by_kind.items() for key in (kind, *keys) if keys}
    for key in options:
        kind = key.partition(".")[0]
        if key in known and (key != kind or len(by_kind[kind]) == 1):
            continue
        if key in known:
            raise UsageError(
                f"options were given for {key!r}, but several of these are used",
                f"Say for which: {', '.join(by_kind[key])}.",
            )
        raise UsageError(
            f"options were given for {key!r}, which is not used",
            f"{did_you_mean(key, known)}Used here: {', '.join(sorted(known - by_kind.keys()))}.",
        )


def check_takes(entry: Entry, built: Component, asked: SessionOptions) -> None:
    """Raise UsageError, after closing it, for a component that would ignore a device, precision or
    number of threads that the user asked for."""
    standard = SessionOptions()
    for what in ("device", "precision", "threads"):
        value = getattr(asked, what)
        if value != getattr(standard, what) and what not in entry.takes:
            built.close()
            raise UsageError(
                f"{entry.kind.replace('_', ' ')} {entry.name!r} has a runtime of its own, and "
                f"its {what} cannot be set to {value!r}",
                f"Leave out the {what}.",
            )


def check_variant(entry: Entry, variant: str) -> None:
    """Raise UnknownName for a variant that is not one of the component's models. A component that
    lists no models, or takes paths, checks its variants itself."""
    if not variant or entry.paths:
        return
    known = entry.models()
    if known and variant not in known:
        raise UnknownName(
            f"{entry.kind.replace('_', ' ')} {entry.name!r} has no model {variant!r}",
            f"{did_you_mean(variant, known)}Choose one of: {', '.join(known)}.",
        )
