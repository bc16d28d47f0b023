"""Commands that plugins add. Each is made when it is asked for, not when ocrx starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from ocrx.errors import PluginError, UsageError
from ocrx.system.suggest import did_you_mean
from ocrx_cli.commands import COMMANDS

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint

    from ocrx.plugins.registrar import Entry
    from ocrx.plugins.registry import Registry

GROUP = OWN_DISTRIBUTION = "ocrx"
"""As in the core, whose registry takes too long to import for a help text."""


def origins() -> dict[str, str]:
    """The plugin of each added command, for `ocrx --help`."""
    points = _points_of_others()
    if not points:  # the usual case, in which the help should import nothing more
        return {}
    from ocrx.plugins.registry import load_plugins

    found = _entries(load_plugins(points))
    return {name: f"Added by {_plugin(entry)}." for name, entry in found.items()}


def command(name: str) -> Any:
    """The command, as typer runs it.

    Raises UsageError if nobody has it, PluginError if its plugin cannot make it.
    """
    from ocrx.plugins.registry import load_plugins

    registry = load_plugins()
    entry = _entries(registry).get(name)
    if entry is None:
        names = [*COMMANDS, *_entries(registry)]
        raise UsageError(
            f"there is no command {name!r}{registry.why_missing(name)}",
            f"{did_you_mean(name, names)}Choose one of: {', '.join(names)}.",
        )
    return _made(entry, registry)


def failure(name: str, error: Exception) -> PluginError | None:
    """What to raise for an error in an added command. None if no plugin added that command."""
    from ocrx.plugins.registry import load_plugins

    entry = _entries(load_plugins()).get(name)
    if entry is None:
        return None
    return PluginError(
        f"the command {name!r} of {_plugin(entry)} failed: {type(error).__name__}: {error}",
        "Report it to the plugin's author.",
    )


def _points_of_others() -> list[EntryPoint]:
    """The entry points of all plugins but ocrx's own, whose commands are in COMMANDS."""
    from importlib import metadata

    points = metadata.entry_points(group=GROUP)
    distributions = {id(point.dist): point.dist for point in points}
    own = [key for key, one in distributions.items() if _name(one) == OWN_DISTRIBUTION]
    return [point for point in points if id(point.dist) not in own]


def _name(distribution: Distribution | None) -> str:
    """Its name. "" if a package was only half removed, and left no metadata."""
    metadata = distribution.metadata if distribution else None
    return metadata["Name"] if metadata is not None and "Name" in metadata else ""


def _entries(registry: Registry) -> dict[str, Entry]:
    found = [entry for entry in registry.entries() if entry.kind == "command"]
    return {entry.name: entry for entry in found if entry.name not in COMMANDS}


def _plugin(entry: Entry) -> str:
    return f"the plugin {entry.plugin!r} of {entry.distribution or 'an unknown distribution'}"


def _made(entry: Entry, registry: Registry) -> Any:
    from ocrx.reading.assembly import Assembly
    from ocrx.weights.store import Store

    built = Assembly(registry, Store()).command(entry.name)
    try:
        made = _for_typer(built)
    # A plugin made this, and typer may raise anything about it.
    except Exception as error:
        raise PluginError(
            f"{_plugin(entry)} made a {type(built).__name__} in place of the command "
            f"{entry.name!r}: {type(error).__name__}: {error}",
            "Report it to the plugin's author.",
        ) from error
    made.name = entry.name
    return made


def _for_typer(built: object) -> Any:
    if isinstance(built, typer.Typer):
        app = built
    elif callable(built):
        app = typer.Typer(rich_markup_mode=None)
        app.command()(built)
    else:
        raise TypeError("it is neither a typer app nor a function")
    made: Any = typer.main.get_command(app)
    # Completion is installed for all of ocrx at once.
    installing = ("install_completion", "show_completion")
    made.params = [parameter for parameter in made.params if parameter.name not in installing]
    return made
