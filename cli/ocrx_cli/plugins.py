"""`ocrx plugins`: what is registered, by whom, and what failed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from ocrx_cli.console import print_line, print_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ocrx.plugins import PluginRecord

app = typer.Typer(add_completion=False, rich_markup_mode=None)

HEADINGS = ("KIND", "NAME", "DISTRIBUTION", "VERSION", "STATE", "ERROR")


@dataclass(frozen=True)
class Row:
    """One component; or a plugin that brought none, with the kind "plugin"."""

    kind: str
    name: str
    plugin: str
    distribution: str
    version: str
    state: str
    error: str = ""


@app.command()
def plugins(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """List every plugin, and why one failed.

    The state is "ok", "failed" for a plugin that could not be loaded, "rejected" for a component
    that the registry refused, and "empty" for a plugin that registered nothing.
    """
    from ocrx.plugins import load_plugins

    rows = [row for record in load_plugins().plugins for row in rows_of(record)]
    if as_json:
        print_line(json.dumps({"schema": "ocrx/1", "plugins": [asdict(row) for row in rows]}))
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
