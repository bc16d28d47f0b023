"""`ocrx converters`: which there are, and the environments that some of them need."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocrx_cli.choices import components
from ocrx_cli.console import note, print_line, print_table, report

if TYPE_CHECKING:
    from ocrx.interfaces import Converter

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="List converters; install the environments some need.",
)

HEADINGS = ("CONVERTER", "MAKES", "STATE", "VERSION", "HOW TO GET IT")

DebugOption = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]
Names = Annotated[
    list[str],
    typer.Argument(
        metavar="NAME...",
        help="Converters as `ocrx converters list` names them.",
        autocompletion=components("converter"),
    ),
]


@dataclass(frozen=True)
class Row:
    """One converter; `makes` reads "onnx fp32 > tflite int8", `state` is "ok" or "missing"."""

    name: str
    makes: list[str]
    state: str
    version: str
    remedy: str
    detail: str
    megabytes: int | None
    environment: str | None


@app.command("list")
def list_converters(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    debug: DebugOption = False,
) -> None:
    """List every converter: what it makes of what, and whether it can be used here."""
    rows = [_row(converter) for converter in _converters()]
    if as_json:
        print_line(json.dumps({"schema": "ocrx/1", "converters": [asdict(row) for row in rows]}))
        return
    print_table([HEADINGS, *(_shown(row) for row in rows)])


@app.command()
def install(
    names: Names,
    python: Annotated[
        Path | None,
        typer.Option(
            "--python", help="Make it with this Python; by default one that fits is looked for."
        ),
    ] = None,
    debug: DebugOption = False,
) -> None:
    """Install the environments of converters, and print where they are."""
    from ocrx.environments import install as make
    from ocrx.store import default_cache_dir

    for converter in _chosen(names):
        if converter.environment is None:
            _need_none(converter)
            continue
        print_line(str(make(converter.environment, default_cache_dir(), note, python)))


@app.command()
def remove(names: Names, debug: DebugOption = False) -> None:
    """Delete the environments of converters. What they have converted stays."""
    from ocrx.environments import remove as delete
    from ocrx.store import default_cache_dir

    for converter in _chosen(names):
        environment = converter.environment
        if environment is None or not delete(environment, default_cache_dir()):
            note(f"{converter.name} has no environment here")
        else:
            note(f"the environment of {converter.name} is deleted")


def _converters() -> list[Converter]:
    from ocrx.assembly import Assembly
    from ocrx.errors import OcrxError
    from ocrx.plugins import load_plugins
    from ocrx.store import Store

    registry = load_plugins()
    assembly = Assembly(registry, Store(offline=True))
    found = []
    for name in registry.names("converter"):
        try:
            found.append(assembly.converter(name))
        except OcrxError as error:  # a plugin's own fault; the others are listed
            report(str(error))
    return found


def _chosen(names: Sequence[str]) -> list[Converter]:
    """The converters meant, each once; UnknownName for a name of none."""
    from ocrx.plugins import load_plugins

    registry = load_plugins()
    for name in names:
        registry.get("converter", name)
    return [converter for converter in _converters() if converter.name in names]


def _need_none(converter: Converter) -> None:
    """Say what a converter without an environment needs; BackendMissing if it is not here."""
    from ocrx.errors import BackendMissing

    found = converter.probe()
    if not found.present:
        raise BackendMissing(
            f"{converter.name} has no environment of its own ({found.detail})",
            f"Get it with: {found.remedy}",
        )
    note(f"{converter.name} needs no environment; it can be used")


def _row(converter: Converter) -> Row:
    from ocrx.store import default_cache_dir

    found = converter.probe()
    environment = converter.environment
    return Row(
        converter.name,
        [f"{a} {p} > {b} {q}" for a, p, b, q in converter.makes],
        "ok" if found.present else "missing",
        found.version,
        found.remedy,
        found.detail,
        environment.megabytes if environment else None,
        str(environment.folder(default_cache_dir())) if environment else None,
    )


def _shown(row: Row) -> tuple[str, ...]:
    remedy = row.remedy and f"{row.remedy}" + (f" ({row.megabytes} MB)" if row.megabytes else "")
    return row.name, ", ".join(row.makes), row.state, row.version or "-", remedy
