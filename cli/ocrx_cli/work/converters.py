"""The work of `ocrx converters`: list them, and install the environments that some need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ocrx.conversion import environments
from ocrx.errors import BackendMissing, OcrxError
from ocrx.interfaces.conversion import Converter
from ocrx.plugins.registry import load_plugins
from ocrx.reading.assembly import Assembly
from ocrx.weights.store import Store, default_cache_dir
from ocrx_cli.terminal.console import note, print_error, print_json, print_line, print_table

HEADINGS = ("CONVERTER", "MAKES", "STATE", "VERSION", "HOW TO GET IT")


@dataclass(frozen=True)
class Row:
    """One converter. `makes` reads "onnx fp32 > tflite int8", `state` is "ok" or "missing"."""

    name: str
    makes: list[str]
    state: str
    version: str
    remedy: str
    detail: str
    megabytes: int | None
    environment: str | None


def print_converters(as_json: bool) -> None:
    """Print every converter, as a table or JSON."""
    rows = [_row(converter) for converter in _converters()]
    if as_json:
        print_json({"converters": [asdict(row) for row in rows]})
        return
    print_table([HEADINGS, *(_shown(row) for row in rows)])


def install(names: Sequence[str], python: Path | None) -> None:
    """Make the environments of those converters and print their folders."""
    for converter in _chosen(names):
        if converter.environment is None:
            _need_none(converter)
            continue
        print_line(
            str(environments.install(converter.environment, default_cache_dir(), note, python))
        )


def remove(names: Sequence[str]) -> None:
    """Delete the environments of those converters."""
    for converter in _chosen(names):
        environment = converter.environment
        if environment is None or not environments.remove(environment, default_cache_dir()):
            note(f"{converter.name} has no environment here")
        else:
            note(f"the environment of {converter.name} is deleted")


def _converters() -> list[Converter]:
    registry = load_plugins()
    assembly = Assembly(registry, Store(offline=True))
    found = []
    for name in registry.names("converter"):
        try:
            found.append(assembly.converter(name))
        except OcrxError as error:  # its plugin failed; the others are still listed
            print_error(str(error))
    return found


def _chosen(names: Sequence[str]) -> list[Converter]:
    """The converters with these names, each once. Raises UnknownName."""
    registry = load_plugins()
    for name in names:
        registry.get("converter", name)
    return [converter for converter in _converters() if converter.name in names]


def _need_none(converter: Converter) -> None:
    """Say that this converter needs no environment. Raises BackendMissing if it cannot be used."""
    found = converter.probe()
    if not found.present:
        raise BackendMissing(
            f"{converter.name} has no environment of its own ({found.detail})",
            f"Get it with: {found.remedy}",
        )
    note(f"{converter.name} needs no environment; it can be used")


def _row(converter: Converter) -> Row:
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
