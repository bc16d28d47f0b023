"""The registry: which components exist, and which plugin provides each.

A plugin that fails stays listed with its error, and the others go on working.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pluggy

from ocrx.errors import PluginError, UnknownName
from ocrx.plugins import hooks
from ocrx.plugins.registrar import KINDS, Entry, Kind, Registrar
from ocrx.system.suggest import did_you_mean

OWN_DISTRIBUTION = "ocrx"


@dataclass(frozen=True)
class Rejected:
    """A component that its plugin offered and the registry refused."""

    kind: str
    name: str
    error: str


@dataclass
class PluginRecord:
    """One entry point of the group `ocrx`, with its components, or the `error` of loading it."""

    name: str
    distribution: str
    version: str
    entries: list[Entry] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    error: str = ""


class Registry:
    """All plugins found, and their components by kind and name."""

    def __init__(self, records: Iterable[PluginRecord]) -> None:
        self.plugins: list[PluginRecord] = list(records)
        """Every plugin that was found, with its error if it failed."""
        self._entries = {(e.kind, e.name): e for p in self.plugins for e in p.entries}

    def names(self, kind: Kind) -> list[str]:
        """The names of all components of that kind, sorted."""
        return sorted(name for entry_kind, name in self._entries if entry_kind == kind)

    def entries(self) -> list[Entry]:
        """Every component, by kind and name."""
        return sorted(self._entries.values(), key=lambda e: (KINDS.index(e.kind), e.name))

    def find(self, kind: Kind, name: str) -> Entry | None:
        """The component of that name; None if there is none."""
        return self._entries.get((kind, name))

    def get(self, kind: Kind, name: str) -> Entry:
        """The component of that name. Raises UnknownName, which lists the existing ones."""
        entry = self.find(kind, name)
        if entry is None:
            names = self.names(kind)
            raise UnknownName(
                f"there is no {kind.replace('_', ' ')} named {name!r}{self.why_missing(name)}",
                f"{did_you_mean(name, names) or self._near_model(kind, name)}"
                f"{'Choose one of: ' + ', '.join(names) if names else 'None is installed'}; "
                "`ocrx plugins` lists every plugin and why one failed.",
            )
        return entry

    def _near_model(self, kind: Kind, name: str) -> str:
        """The start of a remedy for who gives a path without a slash, or a variant alone; ""."""
        entries = [entry for key, entry in self._entries.items() if key[0] == kind]
        if any(entry.paths for entry in entries) and Path(name).exists():
            return f"For the path, write ./{name}. "
        variants: dict[str, str] = {}
        for entry in entries:
            with suppress(Exception):  # a plugin's fault, which is another error's business
                for variant in entry.models():
                    variants.setdefault(variant, f"{entry.name}:{variant}")
        near = get_close_matches(name, variants, 1)
        return f"Did you mean {variants[near[0]]!r}? " if near else ""

    def why_missing(self, name: str) -> str:
        """Why a component of that name may be missing: " (its plugin failed: ...)", or ""."""
        errors = [p.error for p in self.plugins if p.error and name in (p.name, p.distribution)]
        return f" (its plugin failed: {errors[0]})" if errors else ""


def load_plugins(found: Iterable[EntryPoint] | None = None) -> Registry:
    """Load every entry point of the group `ocrx`, or the given ones, each on its own.

    ocrx's own come first, the others follow sorted by distribution and name. So a name that two
    plugins claim always goes to the same one. A failure is recorded; with OCRX_STRICT_PLUGINS=1 in
    the environment the first one raises PluginError.
    """
    points = list(entry_points(group=hooks.GROUP) if found is None else found)
    # Once for each distribution, because each access parses its metadata anew.
    origins = {id(point.dist): _distribution(point) for point in _one_of_each(points)}
    points.sort(key=lambda point: _precedence(point.name, *origins[id(point.dist)]))
    manager = pluggy.PluginManager(hooks.GROUP)
    manager.add_hookspecs(hooks)
    taken: dict[tuple[str, str], Entry] = {}
    records = [_load(point, origins[id(point.dist)], manager, taken) for point in points]
    if os.environ.get("OCRX_STRICT_PLUGINS") == "1":
        _raise_first(records)
    return Registry(records)


def _one_of_each(points: Iterable[EntryPoint]) -> Iterable[EntryPoint]:
    """One entry point of each distribution."""
    return {id(point.dist): point for point in points}.values()


def _precedence(name: str, distribution: str, version: str) -> tuple[bool, str, str]:
    return distribution != OWN_DISTRIBUTION, distribution, name


def _distribution(point: EntryPoint) -> tuple[str, str]:
    """The name and version of the distribution that declares the entry point."""
    metadata = point.dist.metadata if point.dist else None
    if metadata is None or "Name" not in metadata:  # what a half-removed package leaves behind
        return "", ""
    return metadata["Name"], metadata["Version"]


def _load(
    point: EntryPoint,
    origin: tuple[str, str],
    manager: pluggy.PluginManager,
    taken: dict[tuple[str, str], Entry],
) -> PluginRecord:
    record = PluginRecord(point.name, *origin)
    registrar = Registrar(record.name, record.distribution)
    try:
        _call_hook(point, manager, registrar)
    except KeyboardInterrupt:
        raise
    # This is third-party code. Whatever it raises must not stop other plugins. SystemExit and the
    # panics of Rust extensions are no Exceptions.
    except BaseException as error:
        record.error = " ".join(f"{type(error).__name__}: {error}".split())
        return record
    for entry in registrar.added:
        holder = taken.setdefault((entry.kind, entry.name), entry)
        if holder is entry:
            record.entries.append(entry)
        else:
            record.rejected.append(Rejected(entry.kind, entry.name, _clash(entry, holder)))
    return record


def _call_hook(point: EntryPoint, manager: pluggy.PluginManager, registrar: Registrar) -> None:
    plugin = point.load()
    name = f"{registrar._distribution}:{point.name}"
    manager.register(plugin, name)
    callers = manager.get_hookcallers(plugin) or []
    if not callers:
        manager.unregister(plugin)
        raise PluginError(
            f"{point.value!r} has no ocrx_register",
            "Define it there and mark it with @ocrx.hookimpl.",
        )
    for caller in callers:
        for implementation in caller.get_hookimpls():
            if implementation.plugin is plugin:
                known = {"registry": registrar}
                returned = implementation.function(*(known[a] for a in implementation.argnames))
                if returned is not None:
                    raise PluginError(
                        f"ocrx_register returned {type(returned).__name__}",
                        "It must return nothing and add its components to the registry.",
                    )


def _clash(entry: Entry, holder: Entry) -> str:
    if (entry.plugin, entry.distribution) == (holder.plugin, holder.distribution):
        return f"{entry.kind} {entry.name!r} is registered twice; its plugin must do it once"
    return (
        f"{entry.kind} {entry.name!r} is already taken by plugin {holder.plugin!r} of "
        f"{holder.distribution or 'an unknown distribution'}; uninstall one of the two"
    )


def _raise_first(records: Iterable[PluginRecord]) -> None:
    for record in records:
        errors = [record.error, *(r.error for r in record.rejected)]
        for error in filter(None, errors):
            raise PluginError(
                f"plugin {record.name!r} of {record.distribution!r} failed: {error.rstrip('.')}",
                "Unset OCRX_STRICT_PLUGINS to go on without it.",
            )
