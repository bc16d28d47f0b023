"""What is registered, which plugin brought it, and what failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from ocrx.plugins.registry import PluginRecord, load_plugins
from ocrx_cli.terminal.console import print_json, print_table

HEADINGS = ("KIND", "NAME", "DISTRIBUTION", "VERSION", "STATE", "ERROR")


@dataclass(frozen=True)
class Row:
    """One component, or a plugin that brought none, which has the kind "plugin"."""

    kind: str
    name: str
    plugin: str
    distribution: str
    version: str
    state: str
    error: str = ""


def print_plugins(as_json: bool) -> None:
    """Print a row for each component of each plugin, as a table or JSON."""
    rows = [row for record in load_plugins().plugins for row in rows_of(record)]
    if as_json:
        print_json({"plugins": [asdict(row) for row in rows]})
        return
    print_table(
        [
            HEADINGS,
            *([r.kind, r.name, r.distribution, r.version, r.state, r.error] for r in rows),
        ]
    )


def rows_of(record: PluginRecord) -> Iterator[Row]:
    """A row for each component of a plugin, or one for the plugin if there is none."""
    whose = (record.name, record.distribution or "-", record.version or "-")
    for entry in record.entries:
        yield Row(entry.kind, entry.name, *whose, "ok")
    for refused in record.rejected:
        yield Row(refused.kind, refused.name, *whose, "rejected", refused.error)
    if record.error:
        yield Row("plugin", record.name, *whose, "failed", record.error)
    elif not record.entries and not record.rejected:
        yield Row("plugin", record.name, *whose, "empty")
