"""What errors call a component, and errors about what a plugin made."""

from __future__ import annotations

from ocrx.errors import PluginError
from ocrx.plugins.registrar import Entry


def called(entry: Entry) -> str:
    """What errors call a component: "detector 'paddle' of plugin 'paddleocr'"."""
    return f"{entry.kind.replace('_', ' ')} {entry.name!r} of plugin {entry.plugin!r}"


def returned(name: str, fault: str) -> PluginError:
    """An error about a wrong result; `fault` says what is wrong with it."""
    return PluginError(f"{name} returned {fault}", "Report it to its author, or choose another.")


def wrong_type(entry: Entry, built: object) -> PluginError:
    """An error about a factory that made something else than its kind."""
    return PluginError(
        f"plugin {entry.plugin!r} ({entry.distribution}) made a {type(built).__name__} "
        f"in place of {entry.kind} {entry.name!r}",
        "Report it to the plugin's author, or choose another.",
    )
